// A launch plan: a flat list of operations in phases, as dev.waybill.nativerunner.plan.Encoding writes it.
//
//   plan  = "waybill" 0x01, u32 count, op*
//   op    = u8 code, u8 phase, u32 length, field*        (integers are little-endian)
//   field = u32 | u64 | text | bytes | list              (which ones: the signature in OPERATIONS)
//   text  = u32 length, bytes without NUL, NUL;  bytes = u32 length, bytes;  list = u32 count, text*
#ifndef WAYBILL_PLAN_H
#define WAYBILL_PLAN_H

#include <stddef.h>
#include <stdint.h>

// The first four make the container; hooks of the last two run once it has started, and after it was deleted.
enum { PHASE_HOST, PHASE_PARENT, PHASE_CONTAINER, PHASE_START, PHASE_POSTSTART, PHASE_POSTSTOP, PHASES };
enum { PLAN_BYTES_MAX = 4 << 20, PLAN_OPS_MAX = 16384, FIELDS_MAX = 8 };

// code, name, signature: u = u32, U = u64, s = text, b = bytes, l = list of texts
#define OPERATIONS(OP)                \
  OP(1, make_dir, "su")               \
  OP(2, write_file, "ss")             \
  OP(3, state_dir, "suu")             \
  OP(4, monitor, "sUuu")              \
  OP(5, join, "su")                   \
  OP(6, join_process, "uUu")          \
  OP(7, console, "s")                 \
  OP(8, clone, "us")                  \
  OP(9, join_cgroup, "s")             \
  OP(10, map_ids, "ssu")              \
  OP(11, oom_score, "s")              \
  OP(12, await_parent, "")            \
  OP(13, unshare, "u")                \
  OP(14, propagation, "u")            \
  OP(15, root_bind, "s")              \
  OP(16, root_overlay, "slssu")       \
  OP(17, mount, "sslsUuu")            \
  OP(18, bind, "ssuUUuuu")            \
  OP(19, make_node, "suuuuu")         \
  OP(20, symlink, "ss")               \
  OP(21, ensure_dir, "su")            \
  OP(22, mask, "s")                   \
  OP(23, read_only, "s")              \
  OP(24, root_attributes, "Uu")       \
  OP(25, terminal, "uuu")             \
  OP(26, pivot_root, "u")             \
  OP(27, hostname, "s")               \
  OP(28, domainname, "s")             \
  OP(29, sysctl, "ss")                \
  OP(30, await_start, "")             \
  OP(31, rlimit, "uUU")               \
  OP(32, bounding, "U")               \
  OP(33, set_ids, "uub")              \
  OP(34, capabilities, "UUUU")        \
  OP(35, no_new_privs, "")            \
  OP(36, seccomp, "bus")              \
  OP(37, chdir, "s")                  \
  OP(38, umask, "u")                  \
  OP(39, exec, "ll")                  \
  OP(40, device_program, "sb")        \
  OP(41, keep_fds, "u")               \
  OP(42, hook, "sllusu")              \
  OP(43, meet_child, "")              \
  OP(44, meet_parent, "")             \
  OP(45, idmap_tree, "suss")          \
  OP(46, personality, "u")            \
  OP(47, scheduler, "uUuuUUU")        \
  OP(48, io_priority, "u")            \
  OP(49, cpu_affinity, "b")           \
  OP(50, memory_policy, "ub")         \
  OP(51, seccomp_listener, "s")       \
  OP(52, private_parent, "s")         \
  OP(53, session_keyring, "s")        \
  OP(54, find_program, "ss")          \
  OP(55, map_ids_by, "ss")            \
  OP(56, time_space, "s")             \
  OP(57, move_link, "ss")             \
  OP(58, own_cgroup, "su")            \
  OP(59, systemd_scope, "sbu")        \
  OP(60, find_home, "u")              \
  OP(61, loopback, "")                \
  OP(62, inherit_cpuset, "s")

struct field {
  uint64_t number;   // u, U
  const char *text;  // s, b, and the first element of l
  uint32_t size;     // bytes of s (without NUL) and b, elements of l
};

struct op {
  uint8_t code, phase;
  struct field field[FIELDS_MAX];
};

struct plan {
  const uint8_t *bytes;
  size_t size;
  uint32_t count;
};

struct cursor {
  const uint8_t *at, *end;
};

// Checks the whole plan; returns NULL, or what is wrong with it. Only a checked plan may be walked.
const char *plan_check(struct plan *plan, const uint8_t *bytes, size_t size);
struct cursor plan_ops(const struct plan *plan);
int plan_has(const struct plan *plan, uint8_t phase);
// Decodes one operation; returns NULL, or what is wrong with it.
const char *plan_next(struct cursor *cursor, struct op *op);
const char *op_name(uint8_t code);
// The element after `text` in a list.
const char *list_next(const char *text);

#endif
