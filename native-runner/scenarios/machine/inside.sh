# Runs in the machine: inside.sh SCENARIOS KERNEL [PART...]. Makes it a host as containers want one, has compilers started, and goes
# through the parts. The first expectation that does not hold ends it.
set -u
scenarios=$1 kernel=$2
parts=${3:-cgroups checkpoint apparmor podman rootless}
exec </dev/null >/dev/ttyS1 2>&1
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/ SCENARIO_INSIDE=1
unset ENV
user=54321
turn_off() {
  echo 1 >/proc/sys/kernel/sysrq
  sleep 0.2
  echo o >/proc/sysrq-trigger
  sleep 60 2>/dev/null
}
trap turn_off EXIT

# The tree that is tried may lie below one of these.
tree=$(cd "$scenarios/../.." && pwd)
mkdir -p /mnt/tree
mount --bind "$tree" /mnt/tree
mount -t tmpfs -o mode=755 run /run
mount -t tmpfs -o mode=1777 tmp /tmp
[ -d "$scenarios" ] || { mkdir -p "$tree" && mount --bind /mnt/tree "$tree"; }
mkdir -p /dev/pts /dev/shm /run/lock
mount -t devpts -o ptmxmode=0666 devpts /dev/pts
mount -t tmpfs -o mode=1777 shm /dev/shm
mount -t cgroup2 cgroup2 /sys/fs/cgroup
mount -t securityfs securityfs /sys/kernel/security
# The kernel asks for its modules by a program, and there are only those of the host's own kernel.
mkdir -p /lib/modules
mount --bind "$kernel/lib/modules" /lib/modules
printf '#!/bin/sh\nexec busybox modprobe "$@"\n' >/run/modprobe
chmod +x /run/modprobe
echo /run/modprobe >/proc/sys/kernel/modprobe
ip link set lo up
busybox modprobe -a inet_diag tcp_diag udp_diag unix_diag netlink_diag af_packet_diag loop bfq veth 2>/dev/null
ulimit -n 65536

# A virtual machine starts slowly here, so that one answers all commands.
mkdir /run/compiler
"$WAYBILL_RUNTIME" --root /run/compiler compiler >/run/compiler/log 2>&1 &
export WAYBILL_RUNNER_COMPILER=/run/compiler/compiler.sock

for part in $parts; do
  (. "$scenarios/machine/$part.sh") || { echo "FAILED: $part"; exit 1; }
done
echo "machine: $(cut -d. -f1 /proc/uptime) s"
echo done
