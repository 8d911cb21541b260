# Cgroups of version 2 with every controller: values, what they do, and that nothing is left.
. "$scenarios/machine/peers.sh"
truncate -s 8M "$work/disk"
loop=$(losetup -f --show "$work/disk")
disk=$(cat "/sys/block/${loop#/dev/}/dev")
numbers="\"major\":${disk%:*},\"minor\":${disk#*:}"
echo bfq >"/sys/block/${loop#/dev/}/queue/scheduler" || fail "no bfq"

values() {
  configure ',"cpu":{"shares":1024,"quota":50000,"period":100000,"burst":20000,"cpus":"0","mems":"0"},
    "memory":{"limit":67108864,"swap":100663296,"reservation":33554432},"pids":{"limit":20},
    "blockIO":{"weight":500,"weightDevice":[{'"$numbers"',"weight":300}],"throttleReadBpsDevice":[{'"$numbers"',"rate":1048576}],
     "throttleWriteIOPSDevice":[{'"$numbers"',"rate":50}]},
    "hugepageLimits":[{"pageSize":"2MB","limit":4194304}],"unified":{"memory.high":"60000000","cgroup.max.depth":"3"}' \
    'while :; do sleep 1; done' ',"cgroupsPath":"/machine/'"$name"'"'
  promise "started" 0 "" start
  cg=$(cgroup_of)
  promise "the absolute path" 0 "/machine/$name" echo "$cg"
  while read -r file value; do
    promise "$file" 0 "$value" cat "$cg/$file"
  done <<END
cpu.max 50000 100000
cpu.max.burst 20000
cpu.weight 39
cpuset.cpus 0
cpuset.mems 0
memory.max 67108864
memory.swap.max 33554432
memory.low 33554432
memory.high 59998208
pids.max 20
io.max $disk rbps=1048576 wbps=max riops=max wiops=50
io.bfq.weight default 500
hugetlb.2MB.max 4194304
cgroup.max.depth 3
END
  promise "update" 0 "" $rt update --memory 134217728 --memory-swap 134217728 --cpu-quota 25000 --cpu-period 50000 --pids-limit 30 one
  promise "memory.max, updated" 0 "134217728" cat "$cg/memory.max"
  promise "memory.swap.max, updated" 0 "0" cat "$cg/memory.swap.max"
  promise "cpu.max, updated" 0 "25000 50000" cat "$cg/cpu.max"
  promise "pids.max, updated" 0 "30" cat "$cg/pids.max"
  echo '{"memory":{"reservation":16777216},"cpu":{"shares":2048}}' >"$work/new"
  promise "update by a document" 0 "" $rt update --resources "$work/new" one
  promise "memory.low, updated" 0 "16777216" cat "$cg/memory.low"
  promise "cpu.weight, updated" 0 "79" cat "$cg/cpu.weight"
  promise "memory.max, left alone" 0 "134217728" cat "$cg/memory.max"
  promise "statistics" 0 '"limit":134217728' $rt events --stats one
  promise "pause" 0 "" $rt pause one
  promise "cgroup.freeze" 0 "frozen 1" cat "$cg/cgroup.events"
  promise "paused" 0 "paused" $rt state one
  promise "resume" 0 "" $rt resume one
  promise "thawed" 0 "frozen 0" cat "$cg/cgroup.events"
  $rt exec -d one sh -c 'mkdir /sys/fs/cgroup/below; echo 0 >/sys/fs/cgroup/below/cgroup.procs; sleep 1000' >/dev/null 2>&1
  await "a cgroup below" grep -q . "$cg/below/cgroup.procs"
  promise "kill of all" 0 "" $rt kill --all one KILL
  promise "nobody is left" 0 "populated 0" sh -c "sleep 0.5; cat $cg/cgroup.events"
  promise "delete" 0 "" end_all
  promise "the cgroup is gone" 2 "No such" ls "$cg"
}

# Where a process moved its cgroup's controllers on, no process may be in the cgroup itself.
nested() {
  configure '' 'mkdir /sys/fs/cgroup/init; echo 1 >/sys/fs/cgroup/init/cgroup.procs; echo +pids >/sys/fs/cgroup/cgroup.subtree_control; sleep 1000'
  promise "started, a cgroup that hands on" 0 "" start
  cg=$(cgroup_of)
  await "a cgroup that hands on" grep -q pids "${cg%/init}/cgroup.subtree_control"
  promise "exec beside it" 0 "/init" $rt exec one cat /proc/self/cgroup
  promise "delete of nested ones" 0 "" end_all
}

idle() {
  configure ',"cpu":{"idle":1}' 'sleep 1000' ',"cgroupsPath":"idle-'"$name"'"'
  promise "started, idle" 0 "" start
  cg=$(cgroup_of)
  promise "a relative path" 0 "/idle-$name" echo "$cg"
  promise "cpu.idle" 0 "1" cat "$cg/cpu.idle"
  promise "cpu.idle, updated" 0 "0" sh -c "echo '{\"cpu\":{\"idle\":0}}' | $rt update -r - one && cat $cg/cpu.idle"
  promise "delete, idle" 0 "" end_all
}

# What the limits do.
effects() {
  configure ',"pids":{"limit":4}' 'for i in 1 2 3 4 5 6; do sleep 3 & done; wait'
  promise "no process too many" 2 "t fork" $rt run --bundle "$bundle" one
  configure ',"memory":{"limit":20971520,"swap":20971520}' 'exec dd if=/dev/zero of=/dev/null bs=100M count=1'
  promise "no memory too much" 137 "" $rt run --bundle "$bundle" one
  configure ',"devices":[{"allow":false,"access":"rwm"},{"allow":true,"type":"c","major":1,"minor":11,"access":"rw"},
    {"allow":true,"type":"b",'"$numbers"',"access":"r"},{"allow":false,"type":"c","major":1,"minor":5,"access":"w"}]' \
    "cd /dev; mknod d b ${disk%:*} ${disk#*:}; mknod k c 1 11; mknod m c 1 1; \
     (: >k) 2>&1 && echo kmsg-written; dd if=d of=/dev/null bs=1 count=1 2>&1 && echo disk-read; (: >>d) 2>&1 || echo disk-kept; \
     dd if=m of=/dev/null bs=1 count=1 2>&1 || echo memory-kept; (: >zero) 2>&1 || echo zero-kept; head -c 1 /dev/zero >null && echo null-written"
  for effect in kmsg-written disk-read disk-kept memory-kept zero-kept null-written; do
    promise "device: $effect" 0 "$effect" $rt run --bundle "$bundle" one
  done
}

each values
each nested
each idle
each effects
tested
losetup -d "$loop"
