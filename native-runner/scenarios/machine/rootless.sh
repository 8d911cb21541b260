# A user without rights, to whom a part of the tree of cgroups was given.
. "$scenarios/scenario.sh"
make_rootfs
chmod 755 "$work" "$work/fs"
home=$work/home
part=/sys/fs/cgroup/given
mkdir -p "$home/bundle" "$part/shell"
echo '+cpu +memory +pids' >/sys/fs/cgroup/cgroup.subtree_control
echo '+cpu +memory +pids' >"$part/cgroup.subtree_control"
chown $user "$part" "$part/cgroup.procs" "$part/cgroup.subtree_control" "$part/cgroup.threads" "$part/shell" "$part/shell/cgroup.procs"
cat >"$home/bundle/config.json" <<END
{"ociVersion":"1.0.2","process":{"args":["sh","-c","cat /proc/self/cgroup; id -u; sleep 1000"],"cwd":"/","env":["PATH=/bin"],"user":{"uid":0,"gid":0}},
 "root":{"path":"$work/fs"},"mounts":[{"destination":"/proc","type":"proc","source":"proc"}],
 "linux":{"cgroupsPath":"/given/box","resources":{"memory":{"limit":67108864},"pids":{"limit":20},"cpu":{"quota":50000,"period":100000}},
  "uidMappings":[{"containerID":0,"hostID":$user,"size":1}],"gidMappings":[{"containerID":0,"hostID":$user,"size":1}],
  "namespaces":[{"type":"pid"},{"type":"mount"},{"type":"user"},{"type":"ipc"},{"type":"uts"}]}}
END
chown -R $user:$user "$home" "$work/fs"
unset WAYBILL_RUNNER_COMPILER
# The build's own folders may be closed to others; here that changes nothing outside.
printf '%s\n' "$WAYBILL_RUNTIME" "${WAYBILL_RUNNER_CLASSPATH-}" "${JAVA_HOME-}/bin/java" | tr ':' '\n' |
  awk -F/ '{ at = ""; for (i = 2; i < NF; i++) { at = at "/" $i; if (!seen[at]++) print at } }' |
  while read -r dir; do chmod o+x "$dir" 2>/dev/null || true; done
as_user() {
  sh -c 'echo 0 >"$1/shell/cgroup.procs"; shift; exec setpriv --reuid '$user' --regid '$user' --clear-groups "$@"' sh "$part" \
    env XDG_RUNTIME_DIR="$home" HOME="$home" "$@"
}
rt="as_user $WAYBILL_RUNTIME --root $home/state"
$rt compiler >"$home/log" 2>&1 &
tries=0
until [ -S "$home/state/compiler.sock" ] || [ $((tries += 1)) -gt 600 ]; do sleep 0.1; done
begun() { $rt run --detach --bundle "$home/bundle" --pid-file "$home/pid" one </dev/null >"$home/out" 2>&1 || { cat "$home/out"; return 1; }; }
expect "a user's container" 0 "" begun
await "its first words" grep -q given "$home/out"
expect "it is in the given part" 0 "/given/box" cat "$home/out"
expect "memory.max" 0 "67108864" cat "$part/box/memory.max"
expect "pids.max" 0 "20" cat "$part/box/pids.max"
expect "cpu.max" 0 "50000 100000" cat "$part/box/cpu.max"
expect "exec of a user" 0 "/given/box" $rt exec one cat /proc/self/cgroup
expect "pause by a user" 0 "" $rt pause one
expect "resume by a user" 0 "" $rt resume one
expect "update by a user" 0 "" $rt update --pids-limit 30 one
expect "pids.max, updated by a user" 0 "30" cat "$part/box/pids.max"
expect "delete by a user" 0 "" $rt delete --force one
expect "the given part is empty" 2 "No such" ls "$part/box"
