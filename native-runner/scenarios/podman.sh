#!/bin/sh
# Podman with conmon: what its users do, with this runtime in the place of theirs.
. "$(dirname -- "$0")/scenario.sh"
need podman conmon busybox tar
make_rootfs

pod() {
  timeout -k 1 60 podman --root "$work/root" --runroot "$work/run" --storage-driver vfs --runtime "$runtime" \
    --cgroup-manager cgroupfs --events-backend file --network-config-dir "$work/networks" "$@"
}

# A runner that lacks CAP_SYS_RESOURCE cannot raise limits to podman's own.
run() { pod run --ulimit nofile=1024:1024 --ulimit nproc=1024:1024 "$@"; }

clean() {
  pod rm -af -t 0 >/dev/null 2>&1 || true
  pod pod rm -af -t 0 >/dev/null 2>&1 || true
  umount -R "$work/root" 2>/dev/null || true
  rmdir /sys/fs/cgroup/*/libpod_parent/conmon /sys/fs/cgroup/*/libpod_parent 2>/dev/null || true
  rm -rf "$work"
}
trap clean EXIT

pod import "$work/image.tar" box:1 >/dev/null 2>&1 || fail "podman import"
expect "stdout, stderr and exit code" 5 "out" run --rm --network none box:1 sh -c 'echo out; echo err >&2; exit 5'
expect "missing program" 127 "not found" run --rm --network none box:1 nosuch
expect "not executable" 126 "" run --rm --network none box:1 /etc/passwd
expect "stdin" 0 "typed" sh -c "echo typed | timeout -k 1 60 podman --root $work/root --runroot $work/run \
  --storage-driver vfs --runtime $runtime --cgroup-manager cgroupfs --events-backend file run --rm -i --network none \
  --ulimit nofile=1024:1024 --ulimit nproc=1024:1024 box:1 cat"
expect "user, directory, environment" 0 "1000 /tmp b" run --rm --network none --user 1000 -w /tmp -e a=b box:1 \
  sh -c 'echo $(id -u) $PWD $a'
expect "tmpfs begins with what it covers" 0 "root:x" run --rm --network none --tmpfs /etc box:1 cat /etc/passwd
expect "read-only root" 1 "Read-only" run --rm --network none --read-only box:1 touch /x
expect "volume" 0 "root:x" run --rm --network none -v "$work/fs/etc:/data:ro" box:1 cat /data/passwd

expect "detached" 0 "" run -d --name web --network none box:1 \
  sh -c 'echo started; trap "exit 3" TERM; while :; do sleep 0.1; done'
await "the first line" sh -c "timeout 20 podman --root $work/root --runroot $work/run --storage-driver vfs logs web | grep started"
expect "exec" 4 "inside" pod exec web sh -c 'echo inside; exit 4'
expect "exec of a missing program" 127 "not found" pod exec web nosuch
expect "exec with a terminal" 0 "80" pod exec -t web stty size
expect "pause" 0 "web" pod pause web
expect "paused" 0 "paused" pod inspect -f '{{.State.Status}}' web
expect "unpause" 0 "web" pod unpause web
expect "stop" 0 "web" pod stop -t 5 web
expect "exit code" 0 "3" pod inspect -f '{{.State.ExitCode}}' web
expect "restart" 0 "web" pod start web
expect "remove" 0 "" pod rm -f -t 0 web

expect "pod" 0 "" pod pod create --name pp --infra-image box:1 --infra-command 'sleep 1000' --network none --hostname hh
expect "pod shares names" 0 "hh" run --rm --pod pp box:1 hostname
expect "pod removed" 0 "" pod pod rm -f -t 0 pp

if command -v netavark >/dev/null || [ -x /usr/lib/podman/netavark ]; then
  expect "bridge network" 0 "inet 10." run --rm box:1 ip addr show eth0
  expect "published port" 0 "" run -d --name http -p 127.0.0.1:18391:80 box:1 httpd -f -p 80 -h /etc
  await "the web server" curl -sf -m 2 http://127.0.0.1:18391/passwd
  expect "answer over the network" 0 "root:x" curl -s -m 3 http://127.0.0.1:18391/passwd
  pod rm -f -t 0 http >/dev/null
fi
