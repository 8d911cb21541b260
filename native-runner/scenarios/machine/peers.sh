# Sourced by the parts: what they expect of this runtime, others that are installed are held against too, so that the expectations are
# tested. Those come first, while the compiler gets warm.
. "$scenarios/scenario.sh"
make_rootfs
: >"$work/kept"
: >"$work/expected"

# each FUNCTION: calls it with every runtime as $name and its command as $rt.
each() {
  for name in $RUNTIMES; do
    program=$name
    [ "$name" != waybill ] || program=$runtime
    command -v "$program" >/dev/null || continue
    rt="$program --root $work/state-$name"
    bundle=$work/bundle-$name
    mkdir -p "$bundle"
    "$1"
  done
}

# promise WHAT CODE TEXT COMMAND...: as expect, but others may fail.
promise() {
  if [ "$name" = waybill ]; then
    echo "$1" >>"$work/expected"
    expect "$@"
  elif (expect "$@") >"$work/outcome" 2>&1; then
    echo "$1" >>"$work/kept"
  else
    echo "   $name: $(tr '\n' ' ' <"$work/outcome" | cut -c 1-150)"
  fi
}

# What only this runtime keeps is said; most is kept by somebody else.
tested() {
  sort -u "$work/expected" >"$work/ours"
  sort -u "$work/kept" >"$work/theirs"
  alone=$(comm -23 "$work/ours" "$work/theirs" | wc -l) all=$(wc -l <"$work/ours")
  [ -s "$work/kept" ] || return 0
  comm -23 "$work/ours" "$work/theirs" | sed 's/^/   nobody else: /'
  [ $((alone * 3)) -lt "$all" ] || fail "$alone of $all expectations are kept by nobody else"
}

# configure RESOURCES COMMAND [MEMBERS]: writes a configuration; RESOURCES and MEMBERS are of `linux`.
configure() {
  cat >"$bundle/config.json" <<END
{"ociVersion":"1.0.2","process":{"args":["sh","-c","$2"],"cwd":"/","env":["PATH=/bin"],"user":{"uid":0,"gid":0},
 "capabilities":{"bounding":["CAP_MKNOD"],"effective":["CAP_MKNOD"],"permitted":["CAP_MKNOD"]}},
 "root":{"path":"$work/fs"},"mounts":[{"destination":"/proc","type":"proc","source":"proc"},
  {"destination":"/dev","type":"tmpfs","source":"tmpfs"},{"destination":"/sys","type":"sysfs","source":"sysfs"},
  {"destination":"/sys/fs/cgroup","type":"cgroup","source":"cgroup","options":["rw"]}],
 "linux":{"resources":{"devices":[{"allow":false,"access":"rwm"}]$1},
  "namespaces":[{"type":"pid"},{"type":"mount"},{"type":"ipc"},{"type":"uts"},{"type":"network"},{"type":"cgroup"}]${3-}}}
END
}

start() { $rt run --detach --bundle "$bundle" --pid-file "$work/pid" one </dev/null >"$work/out" 2>&1 || { cat "$work/out"; return 1; }; }
# The directory of the container's first process.
cgroup_of() { echo "/sys/fs/cgroup$(sed -n 's/^0:://p' "/proc/$(cat "$work/pid")/cgroup")"; }
end_all() { $rt delete --force one; }
