#!/bin/sh
# containerd with its runc shim, and this runtime as the shim's BinaryName.
. "$(dirname -- "$0")/scenario.sh"
need containerd ctr containerd-shim-runc-v2 busybox tar sha256sum
make_rootfs

clean() {
  task kill -s 9 long >/dev/null 2>&1 || true
  sleep 0.3
  task rm -f long >/dev/null 2>&1 || true
  end "$work/pid"
  umount "$work"/state/io.containerd.runtime.v2.task/default/*/rootfs 2>/dev/null || true
  rmdir /sys/fs/cgroup/*/default/conmon /sys/fs/cgroup/*/default 2>/dev/null || true
  rm -rf "$work"
}
trap clean EXIT
ctr() { timeout -k 1 30 ctr -a "$work/c.sock" "$@"; }
task() { ctr task "$@"; }

cat >"$work/config.toml" <<END
version = 2
root = "$work/root"
state = "$work/state"
disabled_plugins = ["io.containerd.grpc.v1.cri", "io.containerd.snapshotter.v1.btrfs", "io.containerd.snapshotter.v1.zfs",
  "io.containerd.snapshotter.v1.aufs", "io.containerd.snapshotter.v1.devmapper", "io.containerd.internal.v1.opt"]
[grpc]
address = "$work/c.sock"
[ttrpc]
address = "$work/t.sock"
END
containerd -c "$work/config.toml" >"$log" 2>&1 &
echo $! >"$work/pid"
await "containerd" ctr version

# An OCI image made of three small documents and one layer.
blob() {
  sum=$(sha256sum "$1" | cut -d' ' -f1)
  mv "$1" "$work/oci/blobs/sha256/$sum"
  echo "$sum"
}
mkdir -p "$work/oci/blobs/sha256"
cp "$work/image.tar" "$work/layer"
size=$(wc -c <"$work/layer")
layer=$(blob "$work/layer")
printf '{"architecture":"amd64","os":"linux","config":{"Env":["PATH=/bin"]},"rootfs":{"type":"layers","diff_ids":["sha256:%s"]}}' \
  "$layer" >"$work/config"
config_size=$(wc -c <"$work/config")
config=$(blob "$work/config")
printf '{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"sha256:%s","size":%s},"layers":[{"mediaType":"application/vnd.oci.image.layer.v1.tar","digest":"sha256:%s","size":%s}]}' \
  "$config" "$config_size" "$layer" "$size" >"$work/manifest"
manifest_size=$(wc -c <"$work/manifest")
manifest=$(blob "$work/manifest")
printf '{"schemaVersion":2,"manifests":[{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"sha256:%s","size":%s,"annotations":{"io.containerd.image.name":"box:1","org.opencontainers.image.ref.name":"1"}}]}' \
  "$manifest" "$manifest_size" >"$work/oci/index.json"
echo '{"imageLayoutVersion":"1.0.0"}' >"$work/oci/oci-layout"
tar -C "$work/oci" -cf "$work/oci.tar" .
expect "import" 0 "" ctr image import "$work/oci.tar"

expect "output and exit code" 7 "hello" ctr run --rm --runc-binary "$runtime" box:1 one sh -c 'echo hello; exit 7'
expect "missing program" 1 "executable file not found" ctr run --rm --runc-binary "$runtime" box:1 two nosuch
expect "detached" 0 "" ctr run -d --runc-binary "$runtime" box:1 long sleep 1000
expect "running" 0 "RUNNING" task ls
expect "exec" 0 "inside" task exec --exec-id e1 long echo inside
expect "exit code of exec" 4 "" task exec --exec-id e2 long sh -c 'exit 4'
expect "ps" 0 "PID" task ps long
expect "pause" 0 "" task pause long
expect "paused" 0 "PAUSED" task ls
expect "resume" 0 "" task resume long
expect "metrics" 0 "long" task metrics long
expect "kill" 0 "" task kill -s 9 long
await "the end" sh -c "timeout 10 ctr -a $work/c.sock task ls | grep STOPPED"
expect "remove" 0 "" task rm long
expect "nothing is left" 0 "" ctr c rm long
[ ! -d /sys/fs/cgroup/pids/default/long ] || fail "a cgroup is left"
