#!/bin/sh
# A machine of its own, by emulation: a kernel of Debian with cgroups of version 2 alone, security modules, and criu that starts. It sees
# this host's files read-only; what is tried in it is under machine/. PARTS says which of those,
# RUNTIMES against which runtimes.
. "$(dirname -- "$0")/scenario.sh"
need qemu-system-x86_64 busybox tar
kernel=${WAYBILL_MACHINE_KERNEL:-$here/../target/machine/kernel}
skip() { rm -rf "$work"; echo "skipped: $*"; exit 77; }
[ "$(uname -m)" = x86_64 ] || skip "the machine's kernel is one for x86_64"
[ -d "$kernel/lib/modules" ] || skip "no kernel for the machine: run $here/machine/fetch-kernel $here/../target/machine/kernel"
kernel=$(CDPATH= cd -- "$kernel" && pwd)
trap 'rm -rf "$work"' EXIT
modules="virtio_ring virtio virtio_pci_legacy_dev virtio_pci_modern_dev virtio_pci netfs fscache 9pnet 9pnet_virtio 9p overlay"

mkdir -p "$work/first/bin" "$work/first/lib" "$work/first/proc" "$work/first/sys" "$work/first/dev" "$work/first/root"
cp "$(command -v busybox)" "$work/first/bin/busybox"
cp "$here/machine/init" "$work/first/init"
chmod +x "$work/first/init"
echo "$modules" >"$work/first/modules"
for module in $modules; do cp "$(find "$kernel/lib/modules" -name "$module.ko")" "$work/first/lib/"; done
{
  echo "SCENARIOS='$here' KERNEL='$kernel' PARTS='${PARTS:-}'"
  echo "export RUNTIMES='${RUNTIMES:-crun runc waybill}'"
  echo "export WAYBILL_RUNTIME='${WAYBILL_RUNTIME:-$(realpath "$here/../bin/waybill-runner")}'"
  for name in WAYBILL_RUNNER_CLASSPATH JAVA_HOME; do
    eval "value=\${$name-}"
    [ -z "$value" ] || echo "export $name='$value'"
  done
} >"$work/first/where"
(cd "$work/first" && find . | busybox cpio -o -H newc 2>/dev/null) >"$work/first.cpio"

# What the parts say comes over the second line, the kernel's words over the first.
timeout -k 1 "${MACHINE_SECONDS:-400}" qemu-system-x86_64 -machine q35 -accel tcg,thread=multi -cpu max -smp 2 -m 2560M \
  -display none -nodefaults -no-reboot -nic none -serial "file:$log" -serial stdio \
  -kernel "$kernel"/boot/vmlinuz-* -initrd "$work/first.cpio" -append "console=ttyS0 quiet panic=-1 ${KERNEL_OPTIONS:-}" \
  -fsdev local,id=host,path=/,security_model=none,readonly=on,multidevs=remap -device virtio-9p-pci,fsdev=host,mount_tag=host \
  </dev/null 2>&1 | tr -d '\r' | tee "$work/said" || true
if grep -q '^FAILED' "$work/said"; then fail "in the machine"; fi
grep -q '^done$' "$work/said" || fail "the machine did not come to its end"
