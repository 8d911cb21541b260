// What the executor knows while it carries a plan out.
#ifndef WAYBILL_RUNNER_H
#define WAYBILL_RUNNER_H

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

#include "plan.h"

enum { UNDO_MAX = 64, JOINED_MAX = 8, TREES_MAX = 64, DETAIL_BYTES = 160, PHASE_TIMES = 4 };
enum { MONITOR_STDIN = 1, MONITOR_TERMINAL = 2, MONITOR_HOLD = 4, MONITOR_OUTPUT = 8 };

// Told to whoever waits for the container: the service on its report pipe, the starter on the start socket.
struct report {
  uint32_t kind, index;  // index of the failed operation
  int32_t error;         // errno
  uint32_t pid;
  uint64_t pid_start;  // field 22 of /proc/PID/stat: tells a recycled pid from ours
  uint64_t begun_ns;   // CLOCK_MONOTONIC
  uint64_t phase_ns[PHASE_TIMES];
  char detail[DETAIL_BYTES];  // more about the error, such as the kernel's own words
};
enum { REPORT_READY = 1, REPORT_FAILED = 2, REPORT_MALFORMED = 3, REPORT_TERMINAL = 4, REPORT_MOUNTED = 5 };

typedef struct field fields[FIELDS_MAX];

struct runner {
  struct plan plan;
  struct report report;
  int report_fd;  // -1: none
  pid_t child;
  int child_fd;  // pidfd
  int sync;      // this side of the socket between parent and child
  int in_child, is_released;
  pid_t own_pid;  // the child's number on the host, which it is told by the parent
  int root;               // the container's root, O_PATH
  int listener, starter;  // start socket, and who starts through it
  int console;            // connection that gets the terminal
  int terminal;           // master side
  int target;             // pidfd of the process whose namespaces are joined
  int null;
  int user_space;         // user namespace to be joined by the new process, or a process that is in it
  int ready_network;      // namespace that nobody has used, in place of one that the clone would make; -1: none
  int born_in;            // further namespaces of that process for the new one
  int notify;             // socket that gets the seccomp listener
  int mask_tree;          // empty tmpfs at the first masked directory, of which the others get a copy
  unsigned keep_fds;
  int trees[TREES_MAX];  // detached mounts that were made outside
  unsigned tree_count;
  uint64_t clone_flags;
  const char *state_dir;
  const char *log_path;
  uint64_t log_bytes_max;
  uint32_t log_files_max, monitor_flags;
  int monitored;
  int stdio_parent[3], stdio_child[3];
  int attach_listener;
  struct {
    int fd, type;
  } joined[JOINED_MAX];  // the executor's own namespaces, to return to after clone
  int joined_count;
  const char *made[UNDO_MAX];  // directories to remove if the creation fails
  int made_count;
};

// Every operation returns 0 or a negative errno.
int op_run(struct runner *r, const struct op *op);

void detail(struct runner *r, const char *format, ...) __attribute__((format(printf, 2, 3)));
uint64_t now_ns(clockid_t clock);
uint64_t process_start(pid_t pid);
int write_all(int fd, const void *bytes, size_t size);
int write_file(const char *path, const char *text, size_t size);
int write_child(struct runner *r, const char *name, const char *text, size_t size);
// Writes NAME in the state directory: all of it or nothing.
int save(const char *dir, const char *name, const char *text, size_t size);
// Remembers on a directory that it was made for containers; whether it says so.
void mark_made(const char *path);
int is_marked(const char *path);
const char *errno_name(int number);
// By its name without SIG; -1 when there is none.
int signal_by_name(const char *name);
int listen_at(const char *dir, const char *name);
int connect_to(const char *path);
int send_message(int socket, const void *bytes, size_t size, int fd);
ssize_t receive_message(int socket, void *bytes, size_t size, int *fd);

// Runs a hook; 0, or a negative errno with more in the report's detail.
int run_hook(struct runner *r, const fields f);
// Runs the hooks of a phase, in order, and goes on after a failure that the hook does not call fatal.
int run_hooks(struct runner *r, uint8_t phase, void (*warn)(void *, const struct report *), void *with);
void reset_signals(void);
// A text whose SUB characters stand for a process's number; the caller frees it.
char *with_pid(const char *text, pid_t pid);

// Runs the plan up to the ready container; 0 or a negative errno with r->report filled in.
void runner_init(struct runner *r);
int launch(struct runner *r);
// Notes the child's number and start in the state directory.
int save_pids(struct runner *r);
void undo(struct runner *r);
// Stays until the container's process has ended; returns its wait status.
int monitor_run(struct runner *r);

// cgroups.c
// The directory of version 2 that a process is in, which is ABOVE or below it; a descriptor, or negative.
int open_cgroup_of(int pidfd, const char *above);

// systemd.c
// Has systemd make a unit around the child; the message is whole but for the child's number.
int systemd_scope(struct runner *r, const struct field *message, uint32_t pid_at);
int systemd_stop(const char *call, size_t size);

// operations
int open_in_root(struct runner *r, const char *path, int flags);
int make_in_root(struct runner *r, const char *path, mode_t mode, int is_dir);
int parent_in_root(struct runner *r, const char *path, const char **name);
int clone_tree(int dir, const char *path, int recursive);
// What errno says of a file system that was refused, with the kernel's own words in the report's detail.
int refused(struct runner *r, int context);
int root_bind(struct runner *r, const char *source);
int root_overlay(struct runner *r, const fields f);
// Mounts an overlay at a descriptor, as kernels before 6.8 take its options.
int overlay_old(int target, struct field options);
int idmap_tree(struct runner *r, const fields f);
// Copies what a directory holds into another.
int copy_up(int from, int to);
int op_mounts(struct runner *r, const struct op *op);
int op_identity(struct runner *r, const struct op *op);
int op_host(struct runner *r, const struct op *op);
int op_schedule(struct runner *r, const struct op *op);
int await_parent(struct runner *r);
int meet_parent(struct runner *r);
int meet_child(struct runner *r);
int remember_own(struct runner *r, int type);
int map_ids(struct runner *r, const fields f);
int map_ids_by(struct runner *r, const char *program, const char *lines);
int move_link(struct runner *r, const fields f);
int loopback(void);
int inherit_cpuset(const char *dir);
int enter_time_space(const char *offsets);
int await_start(struct runner *r);
int run_clone(struct runner *r, uint64_t flags, const char *cgroup);

enum {
#define CODE(code, name, signature) OP_##name = code,
  OPERATIONS(CODE)
#undef CODE
};

#endif
