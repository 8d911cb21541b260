#!/bin/sh
# Debian's dockerd with this runtime added.
. "$(dirname -- "$0")/scenario.sh"
need dockerd docker containerd busybox tar
[ ! -S /var/run/docker.sock ] || { rm -rf "$work"; echo "skipped: a docker daemon runs on this host"; exit 77; }
make_rootfs
port=18392

clean() {
  docker rm -f "$(docker ps -aq)" >/dev/null 2>&1 || true
  end "$work/pid"
  rmdir /sys/fs/cgroup/*/docker/conmon /sys/fs/cgroup/*/docker 2>/dev/null || true
  rm -rf "$work"
}
trap clean EXIT
docker() { timeout -k 1 60 docker -H "unix://$work/d.sock" "$@"; }
run() { docker run --runtime waybill "$@"; }

dockerd --data-root "$work/data" --exec-root "$work/exec" -p "$work/pid" -H "unix://$work/d.sock" --storage-driver vfs \
  --add-runtime "waybill=$runtime" --default-ulimit nofile=1024:1024 >"$log" 2>&1 &
await "dockerd" docker version
docker import "$work/image.tar" box:1 >/dev/null || fail "docker import"

expect "output and exit code" 6 "hi" run --rm box:1 sh -c 'echo hi; exit 6'
expect "network" 0 "inet 172." run --rm box:1 ip addr show eth0
expect "missing program" 127 "executable file not found" run --rm box:1 nosuch
expect "read-only root" 1 "Read-only" run --rm --read-only box:1 touch /x
expect "host name and limits" 0 "hh" run --rm --hostname hh --memory 100m --cpus 0.5 --pids-limit 50 box:1 hostname
expect "detached" 0 "" run -d --name web -p "127.0.0.1:$port:80" box:1 httpd -f -p 80 -h /etc
await "the web server" curl -sf -m 2 "http://127.0.0.1:$port/passwd"
expect "published port" 0 "root:x" curl -s -m 3 "http://127.0.0.1:$port/passwd"
expect "exec" 3 "inside" docker exec web sh -c 'echo inside; exit 3'
expect "exec of a missing program" 126 "executable file not found" docker exec web nosuch
expect "pause" 0 "web" docker pause web
expect "paused" 0 "true" docker inspect -f '{{.State.Paused}}' web
expect "unpause" 0 "web" docker unpause web
expect "update" 0 "web" docker update --memory 64m --memory-swap 64m web
expect "the limit is there" 0 "67108864" sh -c 'cat /sys/fs/cgroup/memory/docker/*/memory.limit_in_bytes /sys/fs/cgroup/docker/*/memory.max 2>/dev/null; true'
expect "stop" 0 "web" docker stop -t 1 web
expect "logs" 0 "" docker logs web
expect "remove" 0 "web" docker rm web
