#!/bin/sh
# Cgroups made by systemd: one of its own, in namespaces of its own and in a part of every cgroup hierarchy.
. "$(dirname -- "$0")/scenario.sh"
systemd=/lib/systemd/systemd
[ -x "$systemd" ] || { rm -rf "$work"; echo "skipped: systemd is not installed"; exit 77; }
need systemctl busybox nsenter findmnt
make_rootfs
part=wb-scenario-$$
mounts=$(findmnt -rno TARGET -t cgroup,cgroup2)

clean() {
  [ -z "${manager-}" ] || { kill -9 "$manager" 2>/dev/null || true; wait "$booting" 2>/dev/null || true; }
  for mount in $mounts; do
    # The kernel lets go of a cgroup a moment after its last process.
    for _ in 1 2 3 4 5 6 7 8 9 10; do
      [ -d "$mount/$part" ] || break
      find "$mount/$part" -depth -type d -exec rmdir {} \; 2>/dev/null || sleep 0.1
    done
  done
  rm -rf "$work"
}
trap clean EXIT

cat >"$work/inside" <<'END'
set -e
mount -t proc proc /proc
version2=$(findmnt -rno FSTYPE /sys/fs/cgroup)
controllers=$(findmnt -rno TARGET,FSTYPE,OPTIONS -t cgroup | sed -n 's/.*\(cpuacct\|cpuset\|cpu\|memory\|devices\|freezer\|blkio\|pids\)$/\1/p')
umount -R /sys/fs/cgroup
if [ "$version2" = cgroup2 ]; then
  mount -t cgroup2 cgroup2 /sys/fs/cgroup
else
  mount -t tmpfs -o mode=755 tmpfs /sys/fs/cgroup
  for controller in $controllers; do
    mkdir "/sys/fs/cgroup/$controller"
    mount -t cgroup -o "$controller" cgroup "/sys/fs/cgroup/$controller"
  done
  mkdir /sys/fs/cgroup/systemd /sys/fs/cgroup/unified
  mount -t cgroup -o none,name=systemd cgroup /sys/fs/cgroup/systemd
  mount -t cgroup2 cgroup2 /sys/fs/cgroup/unified
fi
mount -t tmpfs tmpfs /run
mount -t tmpfs tmpfs /etc/systemd/system
printf '[Unit]\nDefaultDependencies=no\n' >/etc/systemd/system/scenario.target
container=scenario exec "$SYSTEMD" --system --unit=scenario.target --log-target=null --show-status=no
END

for mount in $mounts; do
  mkdir "$mount/$part" 2>/dev/null || continue
  for file in cpuset.cpus cpuset.mems; do
    if [ -e "$mount/$part/$file" ] && [ -e "$mount/$file" ]; then cat "$mount/$file" >"$mount/$part/$file"; fi
  done
done
SYSTEMD=$systemd sh -c 'for mount in $1; do echo $$ >"$mount/$2/cgroup.procs" || true; done
  exec unshare --cgroup --mount --pid --fork --uts --ipc --propagation private sh "$3"' \
  boot "$mounts" "$part" "$work/inside" >"$log" 2>&1 &
booting=$!
child() { manager=$(cat "/proc/$booting/task/$booting/children") && manager=${manager%% *} && [ -n "$manager" ]; }
await "systemd" child
child
inside() { nsenter -t "$manager" --mount --cgroup --pid --uts --ipc "$@"; }
await "systemd's socket" inside test -S /run/systemd/private
await "systemd" inside systemctl is-active scenario.target

mkdir -p "$work/bundle"
cat >"$work/bundle/config.json" <<END
{"ociVersion":"1.2.0","process":{"args":["sleep","1000"],"cwd":"/","env":["PATH=/bin"],"user":{"uid":0,"gid":0}},
 "root":{"path":"$work/fs"},"mounts":[{"destination":"/proc","type":"proc","source":"proc"}],
 "linux":{"cgroupsPath":"waybill-test.slice:box:one","resources":{"memory":{"limit":67108864},"pids":{"limit":33}},
 "namespaces":[{"type":"pid"},{"type":"mount"}]}}
END
runner() { inside "$runtime" --root "$work/state" "$@"; }
managed() { runner --systemd-cgroup "$@"; }
unit=box-one.scope
tree=waybill.slice/waybill-test.slice/$unit

show() { inside systemctl show -p "$1" "$unit"; }
memory_limit() {
  inside sh -c "cat /sys/fs/cgroup/memory/$tree/memory.limit_in_bytes /sys/fs/cgroup/$tree/memory.max 2>/dev/null; true"
}

detached() { managed run --detach -b "$work/bundle" one </dev/null >"$work/out" 2>&1 || { cat "$work/out"; false; }; }
expect "created and started" 0 "" detached
expect "the unit runs" 0 "active" inside systemctl is-active "$unit"
expect "it lies in its slice" 0 "Slice=waybill-test.slice" show Slice
expect "its cgroup is handed over" 0 "Delegate=yes" show Delegate
expect "systemd knows the limits" 0 "TasksMax=33" show TasksMax
expect "the limits are there" 0 "67108864" memory_limit
expect "the process is in the unit" 0 "$tree" runner exec one cat /proc/self/cgroup
expect "an exec joins it" 0 "$tree" runner exec one cat /proc/self/cgroup
expect "the limits change" 0 "" runner update --memory 33554432 one
expect "as asked" 0 "33554432" memory_limit
expect "paused" 0 "" runner pause one
expect "resumed" 0 "" runner resume one
expect "all its processes" 0 "sleep" runner ps one
expect "a unit that is there" 1 "systemd" managed create -b "$work/bundle" two
expect "deleted" 0 "" runner delete --force one
expect "the unit is gone" 3 "inactive" inside systemctl is-active "$unit"
expect "its cgroups are gone" 0 "" inside sh -c "! ls -d /sys/fs/cgroup/*/$tree /sys/fs/cgroup/$tree 2>/dev/null"
sed -i 's/waybill-test.slice:box:one/\/plain\/path/' "$work/bundle/config.json"
expect "a path that is no unit" 1 "slice:prefix:name" managed run -b "$work/bundle" three
