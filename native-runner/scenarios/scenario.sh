# Sourced by the scenarios: programs that are needed, an image without a network, expectations, and an end that leaves
# nothing behind. A scenario says what it expects on one line each; the first that does not hold ends it.
set -eu
# In networks and mounts of its own, so that nothing of an engine's bridges, rules and mounts stays on the host.
if [ -z "${SCENARIO_INSIDE-}" ] && [ "$(id -u)" = 0 ]; then
  SCENARIO_INSIDE=1 exec unshare --net --mount sh "$0" "$@"
fi
here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
runtime=${WAYBILL_RUNTIME:-$here/../bin/waybill-runner}
work=$(mktemp -d /tmp/wb-scenario.XXXXXX)
PATH=$PATH:/usr/sbin:/sbin
ip link set lo up 2>/dev/null || true
log=$work/log

# Engines give a runtime an environment of their own: what the caller says about the compiler goes with the program.
{
  echo '#!/bin/sh'
  for name in WAYBILL_RUNNER_COMPILER WAYBILL_RUNNER_CLASSPATH JAVA_HOME; do
    eval "value=\${$name-}"
    [ -z "$value" ] || echo "export $name='$value'"
  done
  echo "exec '$runtime' \"\$@\""
} >"$work/runtime"
chmod +x "$work/runtime"
runtime=$work/runtime

need() {
  for program in "$@"; do
    command -v "$program" >/dev/null || { rm -rf "$work"; echo "skipped: $program is not installed"; exit 77; }
  done
  [ "$(id -u)" = 0 ] || { rm -rf "$work"; echo "skipped: needs root"; exit 77; }
}

# A root filesystem of one static program with many names.
make_rootfs() {
  mkdir -p "$work/fs/bin" "$work/fs/etc" "$work/fs/tmp" "$work/fs/proc" "$work/fs/dev" "$work/fs/sys" "$work/fs/root"
  cp "$(command -v busybox)" "$work/fs/bin/busybox"
  for name in sh true cat echo sleep ls id env hostname httpd wget stty touch kill grep ip; do
    ln -s busybox "$work/fs/bin/$name"
  done
  echo 'root:x:0:0:root:/root:/bin/sh' >"$work/fs/etc/passwd"
  tar -C "$work/fs" -cf "$work/image.tar" .
}

fail() {
  echo "FAILED: $*" >&2
  [ ! -s "$log" ] || tail -n 5 "$log" >&2
  exit 1
}

# expect WHAT CODE TEXT COMMAND...: the command ends with that code and says that text.
expect() {
  what=$1 wanted=$2 text=$3
  shift 3
  code=0
  said=$("$@" 2>&1) || code=$?
  [ "$code" = "$wanted" ] || fail "$what: exit code $code instead of $wanted: $said"
  case $said in
    *"$text"*) echo "ok $what" ;;
    *) fail "$what: '$text' is not in: $said" ;;
  esac
}

# await WHAT COMMAND...: until the command succeeds, at most ten seconds.
await() {
  what=$1 tries=0
  shift
  until "$@" >/dev/null 2>&1; do
    tries=$((tries + 1))
    [ "$tries" -lt 100 ] || fail "$what did not come within 10 s"
    sleep 0.1
  done
}

# Ends a process that this scenario started, and waits for it.
end() {
  [ -s "$1" ] || return 0
  pid=$(cat "$1")
  kill "$pid" 2>/dev/null || return 0
  tries=0
  while kill -0 "$pid" 2>/dev/null && [ "$tries" -lt 100 ]; do
    tries=$((tries + 1))
    sleep 0.1
  done
}
