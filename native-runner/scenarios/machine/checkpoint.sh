# Checkpoints and restores by criu.
. "$scenarios/machine/peers.sh"
mkdir -p "$work/data" "$work/fs/data" "$work/fs/one-file"
echo host >"$work/file"
printf '#!/bin/sh\ni=0; trap "exit 7" TERM; while :; do i=$((i+1)); echo $i >/data/n; sleep 0.2; done\n' >"$work/fs/bin/count"
chmod +x "$work/fs/bin/count"

# bundle COMMAND NETWORK: mounts of the host's files, masked and read-only paths, limits.
bundle() {
  cat >"$bundle/config.json" <<END
{"ociVersion":"1.0.2","process":{"args":["sh","-c","$1"],"cwd":"/","env":["PATH=/bin"],"user":{"uid":0,"gid":0},
  "capabilities":{"bounding":["CAP_KILL"],"effective":["CAP_KILL"],"permitted":["CAP_KILL"]},"noNewPrivileges":true},
 "root":{"path":"$work/fs"},"hostname":"box","mounts":[{"destination":"/proc","type":"proc","source":"proc"},
  {"destination":"/dev","type":"tmpfs","source":"tmpfs","options":["mode=755"]},
  {"destination":"/dev/pts","type":"devpts","source":"devpts","options":["newinstance","ptmxmode=0666","mode=0620"]},
  {"destination":"/dev/shm","type":"tmpfs","source":"shm","options":["mode=1777"]},
  {"destination":"/dev/mqueue","type":"mqueue","source":"mqueue"},
  {"destination":"/sys","type":"sysfs","source":"sysfs","options":["ro"]},
  {"destination":"/sys/fs/cgroup","type":"cgroup","source":"cgroup","options":["ro"]},
  {"destination":"/data","type":"bind","source":"$work/data","options":["rbind","rw"]},
  {"destination":"/one-file/f","type":"bind","source":"$work/file","options":["bind","ro"]}],
 "linux":{"cgroupsPath":"/restored/$name","resources":{"devices":[{"allow":false,"access":"rwm"}],"memory":{"limit":67108864},"pids":{"limit":20}},
  "namespaces":[{"type":"pid"},{"type":"mount"},{"type":"ipc"},{"type":"uts"},{"type":"cgroup"},{"type":"network"$2}],
  "maskedPaths":["/proc/kcore","/proc/keys","/proc/acpi","/sys/firmware"],"readonlyPaths":["/proc/sys","/proc/bus"]}}
END
}

# The container's output is a pipe, as engines have it.
piped() {
  rm -f "$work/code"
  { code=0; "$@" </dev/null 2>&1 || code=$?; echo $code >"$work/code"; } | cat >>"$work/log-$name" 2>/dev/null &
  until [ -s "$work/code" ]; do sleep 0.1; done
  [ "$(cat "$work/code")" = 0 ] || tail -n 2 "$work/log-$name"
  return "$(cat "$work/code")"
}
counts() {
  before=$(cat "$work/data/n")
  await "counting" sh -c "[ \$(cat $work/data/n) -gt $before ]"
}

# In the foreground its own exit code comes out.
foreground() {
  rm -f "$work/code"
  (until [ -s "$work/code" ]; do sleep 0.5; $rt kill one TERM || true; done) >/dev/null 2>&1 </dev/null &
  promise "restored in the foreground" 7 "" piped $rt restore -b "$bundle" --image-path "$images/again" one
}

living() {
  bundle 'echo begun; exec count' ''
  promise "runs" 0 "" piped $rt run -d -b "$bundle" one
  await "the first number" test -s "$work/data/n"
  images=$work/images-$name
  promise "checkpoint, left running" 0 "" $rt checkpoint --leave-running --image-path "$images/living" one
  promise "it still runs" 0 '"running"' sh -c "$rt state one | tr -d ' '"
  promise "and counts" 0 "" counts
  promise "memory first" 0 "" $rt checkpoint --pre-dump --image-path "$images/first" one
  promise "then the rest" 0 "" $rt checkpoint --parent-path ../first --image-path "$images/rest" --work-path "$images/logs" one
  promise "it is stopped" 0 '"stopped"' sh -c "sleep 0.3; $rt state one | tr -d ' '"
  number=$(cat "$work/data/n")
  promise "its log is where it was wanted" 0 "finished successfully" cat "$images/logs/dump.log"
  promise "deleted" 0 "" $rt delete one
  mounts=$(wc -l </proc/self/mountinfo)
  promise "restored" 0 "" piped $rt restore -d -b "$bundle" --pid-file "$work/pid" --image-path "$images/rest" --work-path "$images/logs" one
  promise "it runs again" 0 '"running"' sh -c "$rt state one | tr -d ' '"
  promise "it counts on" 0 "" counts
  promise "from where it was" 0 "" test "$(cat "$work/data/n")" -gt "$number"
  promise "no mount is left" 0 "$mounts" wc -l /proc/self/mountinfo
  promise "its pid is in the file" 0 "count" cat "/proc/$(cat "$work/pid")/cmdline"
  promise "its cgroup is the configured" 0 "/restored/$name" cat "/proc/$(cat "$work/pid")/cgroup"
  promise "its limits too" 0 "67108864" cat "/sys/fs/cgroup/restored/$name/memory.max"
  promise "exec" 0 "host" $rt exec one cat /one-file/f
  promise "exec sees the same names" 0 "box" $rt exec one hostname
  promise "masked" 0 "" $rt exec one sh -c '! grep . /proc/keys && ! ls /sys/firmware | grep .'
  promise "read-only" 1 "Read-only" $rt exec one sh -c 'echo 1 >/proc/sys/vm/swappiness'
  promise "paused" 0 "" $rt pause one
  promise "resumed" 0 "" $rt resume one
  promise "checkpoint once more" 0 "" $rt checkpoint --image-path "$images/again" one
  promise "deleted once more" 0 "" $rt delete one
  bundle 'echo begun; exec count' ''
  foreground
  $rt delete --force one >/dev/null 2>&1
  rm -f "$images/again/core-1.img"
  promise "a broken image" 1 "criu" $rt restore -d -b "$bundle" --image-path "$images/again" one
  promise "leaves no container" 1 "does not exist" $rt state one
  promise "and no cgroup" 2 "No such" ls "/sys/fs/cgroup/restored/$name"
  rm -f "$work/data/n"
}

connected() {
  ip netns add "net-$name"
  ip netns exec "net-$name" ip link set lo up
  bundle 'busybox nc -l -p 8080 -e sleep 1000 & sleep 1; sleep 1000 | busybox nc 127.0.0.1 8080 >/dev/null & exec count' ",\"path\":\"/run/netns/net-$name\""
  promise "runs in a network by path" 0 "" piped $rt run -d -b "$bundle" one
  images=$work/images-$name
  await "a connection" ip netns exec "net-$name" grep -q ' 01 ' /proc/net/tcp
  promise "a connection is refused" 1 "tcp" $rt checkpoint --image-path "$images/refused" one
  promise "and goes on" 0 "" counts
  promise "a connection is taken along" 0 "" $rt checkpoint --tcp-established --image-path "$images/tcp" one
  promise "removed" 0 "" $rt delete one
  promise "restored with its connection" 0 "" piped $rt restore -d --tcp-established -b "$bundle" --pid-file "$work/pid" --image-path "$images/tcp" one
  promise "it is connected" 0 ' 01 ' ip netns exec "net-$name" cat /proc/net/tcp
  promise "in the network by path" 0 "$(stat -Lc %i "/run/netns/net-$name")" readlink "/proc/$(cat "$work/pid")/ns/net"
  promise "removed at the end" 0 "" $rt delete --force one
}

only_runc=$(echo "$RUNTIMES" | sed 's/crun//')
RUNTIMES=$only_runc # Debian builds crun without criu
each living
each connected
tested
name=waybill rt="$runtime --root $work/state-own"
expect "features" 0 '"dev.waybill.checkpoint.enabled":"true"' $rt features
expect "what is not offered" 1 "--lazy-pages" $rt restore --lazy-pages -b "$work/bundle-waybill" --image-path "$work/images-waybill/tcp" two
