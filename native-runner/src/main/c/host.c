// Operations of the host and parent phases: what happens outside the container.
#include <sched.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "runner.h"

enum { MAKE_TRIES = 100 };

static int make_dir(struct runner *r, const char *path, mode_t mode) {
  char above[4096];
  snprintf(above, sizeof above, "%.*s", (int)(strrchr(path, '/') - path), path);
  // Whoever deletes the last container of a parent takes that away, perhaps between the steps of this one.
  for (int i = 0; mkdir(path, mode) < 0; i++) {
    if (errno != ENOENT || i == MAKE_TRIES) return errno == EEXIST ? 0 : -errno;
    if (mkdir(above, mode) == 0) mark_made(above);
  }
  mark_made(path);
  if (r->made_count < UNDO_MAX) r->made[r->made_count++] = path;
  return 0;
}

// A file that this kernel has not is no error.
static int give(const char *dir, const char *name, uid_t uid) {
  char path[4096];
  snprintf(path, sizeof path, "%s/%s", dir, name);
  return chown(path, uid, (gid_t)-1) < 0 && errno != ENOENT ? -errno : 0;
}

// The files that the kernel names for it, or, before it named any, those that it always had.
static int own_cgroup(const char *dir, uid_t uid) {
  char names[4096] = "cgroup.procs\ncgroup.threads\ncgroup.subtree_control\n", *rest = names, *name;
  int fd = open("/sys/kernel/cgroup/delegate", O_RDONLY | O_CLOEXEC);
  ssize_t n = fd < 0 ? 0 : read(fd, names, sizeof names - 1);
  if (fd >= 0) close(fd);
  if (n < 0) return -errno;
  if (n > 0) names[n] = 0;
  int result = give(dir, ".", uid);
  while (result == 0 && (name = strsep(&rest, "\n")))
    if (*name) result = give(dir, name, uid);
  return result;
}

void undo(struct runner *r) {
  while (r->made_count > 0) rmdir(r->made[--r->made_count]);
}

// Keeps the executor's own namespace of a type, to return to after the clone.
int remember_own(struct runner *r, int type) {
  static const struct {
    int type;
    const char *own;
  } OWN[] = {{CLONE_NEWNET, "/proc/self/ns/net"}, {CLONE_NEWIPC, "/proc/self/ns/ipc"}, {CLONE_NEWUTS, "/proc/self/ns/uts"},
             {CLONE_NEWPID, "/proc/self/ns/pid"}, {CLONE_NEWCGROUP, "/proc/self/ns/cgroup"},
             {CLONE_NEWTIME, "/proc/self/ns/time"}};
  if (r->in_child || r->joined_count == JOINED_MAX) return 0;
  for (size_t i = 0; i < sizeof OWN / sizeof *OWN; i++)
    if (OWN[i].type == type) {
      int own = open(OWN[i].own, O_RDONLY | O_CLOEXEC);
      if (own < 0) return -errno;
      r->joined[r->joined_count].fd = own;
      r->joined[r->joined_count++].type = type;
    }
  return 0;
}

// Enters a namespace that new processes shall have; a user namespace waits for the clone.
static int join(struct runner *r, const char *path, int type) {
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return -errno;
  if (type == CLONE_NEWUSER && !r->in_child) {
    r->user_space = fd;
    return 0;
  }
  int result = remember_own(r, type);
  if (result == 0 && setns(fd, type) < 0) result = -errno;
  close(fd);
  return result;
}

// Enters namespaces of a running container's process. The host phase makes sure that it is still the one that was
// meant and keeps a pidfd of it: inside, its number means another process or none.
static int join_process(struct runner *r, pid_t pid, uint64_t start, int flags) {
  if (!r->in_child) {
    r->target = (int)syscall(SYS_pidfd_open, pid, 0);
    if (r->target < 0) return -errno;
    if (flags & CLONE_NEWUSER) {
      r->user_space = r->target;
      r->born_in = flags & ~CLONE_NEWUSER;
      flags = 0;
    }
    if (remember_own(r, flags & CLONE_NEWPID) < 0) return -errno;
    if (process_start(pid) != start) {
      detail(r, "process %d is not the container's any more", pid);
      return -ESRCH;
    }
  }
  if (flags && setns(r->target, flags) < 0) return -errno;
  if (!(flags & CLONE_NEWNS)) return 0;
  r->root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
  return r->root < 0 ? -errno : 0;
}

// The new process itself moves, as a single thread: only then need the kernel not wait until no process of the host
// is about to fork, which takes many milliseconds.
static int join_cgroup(const char *dir) {
  char path[4096];
  snprintf(path, sizeof path, "%s/tasks", dir);
  return write_file(path, "0", 1);
}


// Held as long as this process lives: tells the service whether a monitor is there. Never closed on purpose.
static int hold_lock(const char *dir) {
  char path[4096];
  snprintf(path, sizeof path, "%s/lock", dir);
  int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0) return -errno;
  struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
  return fcntl(fd, F_SETLK, &lock) < 0 ? -errno : 0;
}

// Takes the state directory into possession; with WAITS the child will wait there for whoever starts it.
static int state_dir(struct runner *r, const char *dir, int waits, int locked) {
  r->state_dir = dir;
  int result = locked ? hold_lock(dir) : 0;
  if (result == 0 && waits) r->listener = listen_at(dir, "start.sock");
  return result < 0 ? result : waits && r->listener < 0 ? r->listener : 0;
}

static int open_pipes(struct runner *r) {
  for (int i = 0; i < 3; i++) {
    int ends[2];
    if (i == 0 ? !(r->monitor_flags & MONITOR_STDIN) : !(r->monitor_flags & MONITOR_OUTPUT)) {
      r->stdio_child[i] = r->null;
      continue;
    }
    if (pipe2(ends, O_CLOEXEC) < 0) return -errno;
    r->stdio_child[i] = ends[i == 0 ? 0 : 1];
    r->stdio_parent[i] = ends[i == 0 ? 1 : 0];
    fcntl(r->stdio_parent[i], F_SETFL, O_NONBLOCK);
  }
  return 0;
}

static int set_monitor(struct runner *r, const fields f) {
  r->monitored = 1;
  r->log_path = f[0].text;
  r->log_bytes_max = f[1].number;
  r->log_files_max = (uint32_t)f[2].number;
  r->monitor_flags = (uint32_t)f[3].number;
  r->null = open("/dev/null", O_RDWR | O_CLOEXEC);
  if (r->null < 0) return -errno;
  if (r->monitor_flags & (MONITOR_OUTPUT | MONITOR_TERMINAL)) {
    r->attach_listener = listen_at(r->state_dir, "attach.sock");
    if (r->attach_listener < 0) return r->attach_listener;
    fcntl(r->attach_listener, F_SETFL, O_NONBLOCK);
  }
  return r->monitor_flags & MONITOR_TERMINAL ? 0 : open_pipes(r);
}

int op_host(struct runner *r, const struct op *op) {
  const struct field *f = op->field;
  switch (op->code) {
    case OP_make_dir: return make_dir(r, f[0].text, (mode_t)f[1].number);
    case OP_own_cgroup: return own_cgroup(f[0].text, (uid_t)f[1].number);
    case OP_systemd_scope: return systemd_scope(r, &f[1], (uint32_t)f[2].number);
    case OP_write_file: return write_file(f[0].text, f[1].text, f[1].size);
    case OP_state_dir: return state_dir(r, f[0].text, (int)f[1].number, (int)f[2].number);
    case OP_monitor: return r->state_dir ? set_monitor(r, f) : -EINVAL;
    case OP_join: return join(r, f[0].text, (int)f[1].number);
    case OP_join_process:
      return join_process(r, (pid_t)f[0].number, f[1].number, (int)f[2].number);
    case OP_console: return (r->console = connect_to(f[0].text)) < 0 ? r->console : 0;
    case OP_clone: return run_clone(r, f[0].number, f[1].text);
    case OP_join_cgroup: return join_cgroup(f[0].text);
    case OP_map_ids: return map_ids(r, f);
    case OP_map_ids_by: return map_ids_by(r, f[0].text, f[1].text);
    case OP_move_link: return move_link(r, f);
    case OP_loopback: return loopback();
    case OP_inherit_cpuset: return inherit_cpuset(f[0].text);
    case OP_time_space: return enter_time_space(f[0].text);
    case OP_oom_score: return write_child(r, "oom_score_adj", f[0].text, f[0].size);
    case OP_meet_child: return meet_child(r);
    case OP_hook: return run_hook(r, f);
    case OP_idmap_tree: return idmap_tree(r, f);
    case OP_seccomp_listener: return (r->notify = connect_to(f[0].text)) < 0 ? r->notify : 0;
    case OP_keep_fds: r->keep_fds = (unsigned)f[0].number; return 0;
    default: return -ENOSYS;
  }
}
