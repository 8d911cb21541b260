// Operations on how the kernel runs the process: its scheduler, priorities, processors, memory nodes, personality.
#include <linux/keyctl.h>
#include <sched.h>
#include <sys/personality.h>
#include <sys/syscall.h>

#include "runner.h"

enum { WHO_PROCESS = 1, NODES_MAX = 1024 };

// As the kernel has it; the C library of some hosts knows no such type.
struct schedule {
  uint32_t size, policy;
  uint64_t flags;
  int32_t nice;
  uint32_t priority;
  uint64_t runtime, deadline, period;
};

static int set_scheduler(const fields f) {
  struct schedule s = {.size = sizeof s,
                       .policy = (uint32_t)f[0].number,
                       .flags = f[1].number,
                       .nice = (int32_t)f[2].number,
                       .priority = (uint32_t)f[3].number,
                       .runtime = f[4].number,
                       .deadline = f[5].number,
                       .period = f[6].number};
  return syscall(SYS_sched_setattr, 0, &s, 0) < 0 ? -errno : 0;
}

static int set_affinity(const struct field *mask) {
  return syscall(SYS_sched_setaffinity, 0, mask->size, mask->text) < 0 ? -errno : 0;
}

static int set_memory_policy(uint32_t mode, const struct field *nodes) {
  unsigned long mask[NODES_MAX / (8 * sizeof(unsigned long))] = {0};
  if (nodes->size > sizeof mask) return -EINVAL;
  memcpy(mask, nodes->text, nodes->size);
  return syscall(SYS_set_mempolicy, mode, nodes->size ? mask : NULL, nodes->size ? NODES_MAX : 0) < 0 ? -errno : 0;
}

// Without keys of its own a container would see those of whoever made it.
static int join_keyring(const char *name) {
  long result = syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, name, 0, 0, 0);
  return result < 0 && errno != ENOSYS ? -errno : 0;  // a kernel without keys has none to hide
}

int op_schedule(struct runner *r, const struct op *op) {
  const struct field *f = op->field;
  (void)r;
  switch (op->code) {
    case OP_personality: return personality(f[0].number) < 0 ? -errno : 0;
    case OP_scheduler: return set_scheduler(f);
    case OP_io_priority: return syscall(SYS_ioprio_set, WHO_PROCESS, 0, f[0].number) < 0 ? -errno : 0;
    case OP_cpu_affinity: return set_affinity(&f[0]);
    case OP_memory_policy: return set_memory_policy((uint32_t)f[0].number, &f[1]);
    case OP_session_keyring: return join_keyring(f[0].text);
    default: return -ENOSYS;
  }
}
