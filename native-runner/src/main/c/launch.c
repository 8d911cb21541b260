// Carries a plan out. Parent and child share it: the parent runs the phases host and parent, the child, cloned at the
// end of the host phase, the phases container and start. They meet over one socket: the child sends its terminal,
// then "ready" or what failed; the parent sends one byte when its phase is done.
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "runner.h"

int op_run(struct runner *r, const struct op *op) {
  int (*const families[])(struct runner *, const struct op *) = {op_host, op_mounts, op_identity, op_schedule};
  int result = -ENOSYS;
  for (int i = 0; i < 4 && result == -ENOSYS; i++) result = families[i](r, op);
  return result;
}

#ifdef DIE_AT
// Only in the build that a test makes: the end at one operation, as a power cut or the kernel would bring it.
static void die_at(uint32_t index) {
  const char *wanted = getenv("DIE_AT");
  if (!wanted || (uint32_t)atoi(wanted) != index) return;
  raise(SIGKILL);
  _exit(137);  // the first process of a pid namespace cannot be killed from inside
}
#else
static void die_at(uint32_t index) { (void)index; }
#endif

#ifdef TIME_OPS
// Only in the build that `src/test/c/time-operations` makes: what each operation took, to where TIME_OPS says.
static void tell_time(const struct op *op, uint64_t begun) {
  static int out = -1;
  if (out < 0) out = open(getenv("TIME_OPS"), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
  dprintf(out, "%s %d %llu\n", op_name(op->code), op->phase, (unsigned long long)(now_ns(CLOCK_MONOTONIC) - begun));
}
#else
static void tell_time(const struct op *op, uint64_t begun) { (void)op, (void)begun; }
#endif

// Runs the operations of one phase. The time of each phase goes into the report.
static int run_phase(struct runner *r, uint8_t phase) {
  struct cursor c = plan_ops(&r->plan);
  struct op op;
  uint64_t begun = now_ns(CLOCK_MONOTONIC);
  for (uint32_t i = 0; i < r->plan.count; i++) {
    plan_next(&c, &op);
    if (op.phase != phase) continue;
    r->report.index = i;
    die_at(i);
    uint64_t before = now_ns(CLOCK_MONOTONIC);
    int result = op_run(r, &op);
    tell_time(&op, before);
    if (phase < PHASE_TIMES) r->report.phase_ns[phase] = now_ns(CLOCK_MONOTONIC) - begun;
    if (result < 0) {
      r->report.kind = REPORT_FAILED;
      r->report.error = -result;
      return result;
    }
  }
  return 0;
}

// What is still the executor must not be inspected from inside a container that it enters.
static void hide(void) { prctl(PR_SET_DUMPABLE, 0, 0, 0, 0); }

// The parent lets the child go on by telling it its number on the host.
static int hear_parent(struct runner *r) {
  ssize_t n;
  do {
    n = recv(r->sync, &r->own_pid, sizeof r->own_pid, 0);
  } while (n < 0 && errno == EINTR);
  r->is_released = n == sizeof r->own_pid;
  hide();
  return r->is_released ? 0 : -EPIPE;
}

int await_parent(struct runner *r) { return r->is_released ? 0 : hear_parent(r); }

// The child's mounts are made: the parent runs the hooks that belong here before the child goes on.
int meet_parent(struct runner *r) {
  int result = await_parent(r);
  r->report.kind = REPORT_MOUNTED;
  if (result == 0) result = send_message(r->sync, &r->report, sizeof r->report, -1);
  return result == 0 ? hear_parent(r) : result;
}

static void end_by(int signal) { _exit(128 + signal); }

// The first process of a pid namespace is sent no signal that it does not handle, but what is created and not started
// ends by one, as with other runtimes. Executing the program sets all of them back.
static void end_by_signals(void) {
  static const int SIGNALS[] = {SIGHUP, SIGINT, SIGQUIT, SIGTERM};
  for (size_t i = 0; i < sizeof SIGNALS / sizeof *SIGNALS; i++) signal(SIGNALS[i], end_by);
}

// Waits for whoever starts the container. From here on failures are told to that peer.
int await_start(struct runner *r) {
  int result = await_parent(r);
  if (result < 0) return result;
  end_by_signals();
  r->report.kind = REPORT_READY;
  result = send_message(r->sync, &r->report, sizeof r->report, -1);
  if (result < 0) return result;
  close(r->sync);
  r->sync = -1;
  do {
    r->starter = accept4(r->listener, NULL, NULL, SOCK_CLOEXEC);
  } while (r->starter < 0 && errno == EINTR);
  return r->starter < 0 ? -errno : 0;
}

void reset_signals(void) {
  // Raw, for the C library keeps two signals to itself; a zeroed action is SIG_DFL.
  static const unsigned long standard[4];
  sigset_t none;
  sigemptyset(&none);
  for (int s = 1; s < NSIG; s++) syscall(SYS_rt_sigaction, s, standard, NULL, 8);
  sigprocmask(SIG_SETMASK, &none, NULL);
}

static int take_stdio(struct runner *r) {
  if (!r->monitored || (r->monitor_flags & MONITOR_TERMINAL)) return 0;
  for (int i = 0; i < 3; i++)
    if (dup2(r->stdio_child[i], i) < 0) return -errno;
  return 0;
}

// The child never returns from here.
static void be_container(struct runner *r, int parent_side) {
  close(parent_side);
  r->in_child = 1;
  if (r->attach_listener >= 0) close(r->attach_listener);
  if (r->report_fd >= 0) close(r->report_fd);
  reset_signals();
  // An executor without rights could not map the ids of one that hides; nobody else is in a new user namespace yet.
  if (!(r->clone_flags & CLONE_NEWUSER)) hide();
  setsid();
  umask(0022);
  uint64_t begun = now_ns(CLOCK_MONOTONIC);
  int result = take_stdio(r);
  if (result == 0) result = run_phase(r, PHASE_CONTAINER);
  r->report.phase_ns[PHASE_CONTAINER] = now_ns(CLOCK_MONOTONIC) - begun;
  if (result == 0) run_phase(r, PHASE_START);
  r->report.kind = REPORT_FAILED;
  send_message(r->starter >= 0 ? r->starter : r->sync, &r->report, sizeof r->report, -1);
  _exit(r->report.error == ENOENT || r->report.error == ENOTDIR ? 127 : 126);
}

static int open_cgroup(const char *cgroup) {
  return *cgroup ? open(cgroup, O_PATH | O_DIRECTORY | O_CLOEXEC) : -1;
}

static int return_from_joined(struct runner *r) {
  int result = 0;
  while (r->joined_count > 0) {
    int i = --r->joined_count;
    if (setns(r->joined[i].fd, r->joined[i].type) < 0) result = -errno;
    close(r->joined[i].fd);
  }
  return result;
}

// A user namespace that is joined must own the new ones, and who has joined it cannot come back: a process in between
// joins it and makes the container's process as its sister, a child of the executor.
static pid_t clone_within(struct runner *r, struct clone_args *args) {
  struct {
    pid_t pid;
    int error;
  } heard = {0, ECHILD};
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) < 0) return -1;
  pid_t between = fork();
  if (between == 0) {
    args->flags = (args->flags | CLONE_PARENT) & ~(uint64_t)CLONE_PIDFD;
    args->exit_signal = 0;  // as that of the process in between
    heard.pid = setns(r->user_space, CLONE_NEWUSER | r->born_in) < 0 ? -1 : (pid_t)syscall(SYS_clone3, args, sizeof *args);
    heard.error = errno;
    if (heard.pid == 0) return 0;
    _exit(write_all(ends[1], &heard, sizeof heard) < 0);
  }
  close(ends[1]);
  if (between < 0 || read(ends[0], &heard, sizeof heard) != sizeof heard) heard.pid = -1;
  close(ends[0]);
  while (between > 0 && waitpid(between, NULL, 0) < 0 && errno == EINTR) continue;
  if (heard.pid > 0) *(int *)(uintptr_t)args->pidfd = (int)syscall(SYS_pidfd_open, heard.pid, 0);
  errno = heard.error;
  return heard.pid;
}

// The one that is ready is the host's own: it serves for what the host's user namespace shall own. Returns the flags
// that are left to the clone.
static uint64_t take_ready_network(struct runner *r, uint64_t flags) {
  int fits = r->ready_network >= 0 && flags & CLONE_NEWNET && !(flags & CLONE_NEWUSER) && r->user_space < 0;
  if (fits && remember_own(r, CLONE_NEWNET) == 0 && setns(r->ready_network, CLONE_NEWNET) == 0) flags &= ~(uint64_t)CLONE_NEWNET;
  if (r->ready_network >= 0) close(r->ready_network);
  r->ready_network = -1;
  return flags;
}

static pid_t clone_child(struct runner *r, struct clone_args *args) {
  return r->user_space >= 0 ? clone_within(r, args) : (pid_t)syscall(SYS_clone3, args, sizeof *args);
}

int run_clone(struct runner *r, uint64_t flags, const char *cgroup) {
  int sides[2], pidfd = -1;
  flags = take_ready_network(r, flags);
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sides) < 0) return -errno;
  int into = open_cgroup(cgroup);
  if (*cgroup && into < 0) return -errno;
  struct clone_args args = {.flags = flags | CLONE_PIDFD | (into >= 0 ? CLONE_INTO_CGROUP : 0),
                            .pidfd = (uint64_t)(uintptr_t)&pidfd,
                            .exit_signal = SIGCHLD,
                            .cgroup = (uint64_t)(into < 0 ? 0 : into)};
  r->clone_flags = flags;
  pid_t pid = clone_child(r, &args);
  // No process may be where controllers were handed on: it is born beside the container's first one.
  if (pid < 0 && errno == EBUSY && r->target >= 0) {
    close(into);
    into = open_cgroup_of(r->target, cgroup);
    args.cgroup = (uint64_t)(into < 0 ? 0 : into);
    pid = into < 0 ? -1 : clone_child(r, &args);
  }
  int result = pid < 0 ? -errno : 0;
  if (pid == 0) {
    r->sync = sides[1];
    be_container(r, sides[0]);
  }
  close(sides[1]);
  if (r->listener >= 0) close(r->listener);
  r->listener = -1;
  if (into >= 0) close(into);
  r->sync = sides[0];
  r->child = pid;
  r->child_fd = pidfd;
  int returned = return_from_joined(r);
  return result < 0 ? result : returned;
}

static void keep_terminal(struct runner *r, int fd) {
  if (r->console >= 0) {
    // The receiver of a console socket finds the terminal's name in the message.
    send_message(r->console, "/dev/pts/ptmx", 13, fd);
    close(r->console);
    close(fd);
    r->console = -1;
    return;
  }
  r->terminal = fd;
  fcntl(fd, F_SETFL, O_NONBLOCK);
}

// Waits until the child has mounted everything, or is ready. A plan without a start phase to wait for is ready when
// exec closes the socket.
static int hear_child(struct runner *r, uint32_t wanted) {
  struct report heard;
  int fd;
  for (;;) {
    ssize_t n = receive_message(r->sync, &heard, sizeof heard, &fd);
    // A child that failed leaves our word unread, which the kernel tells before it gives us the child's last one.
    if (n == -ECONNRESET) n = receive_message(r->sync, &heard, sizeof heard, &fd);
    if (n < 0) return (int)n;
    if (n == sizeof(uint32_t) && fd >= 0) {
      keep_terminal(r, fd);
      continue;
    }
    if (n != (ssize_t)sizeof heard) return wanted == REPORT_READY ? 0 : -EPIPE;
    if (heard.kind == wanted) {
      r->report.phase_ns[PHASE_CONTAINER] = heard.phase_ns[PHASE_CONTAINER];
      return 0;
    }
    r->report.index = heard.index;
    r->report.error = heard.error;
    memcpy(r->report.detail, heard.detail, sizeof heard.detail);
    return -heard.error;
  }
}

static int release_child(struct runner *r) {
  // The child may have failed already and gone; what it said is better than our EPIPE.
  send_message(r->sync, &r->child, sizeof r->child, -1);
  return 0;
}

int meet_child(struct runner *r) {
  release_child(r);
  return hear_child(r, REPORT_MOUNTED);
}

static int await_child(struct runner *r) {
  int result = hear_child(r, REPORT_READY);
  close(r->sync);
  r->sync = -1;
  return result;
}

int save_pids(struct runner *r) {
  char text[128];
  if (!r->state_dir) return 0;
  pid_t monitor = r->monitored ? getpid() : 0;
  int n = snprintf(text, sizeof text, "%d %llu %d %llu\n", r->child, (unsigned long long)r->report.pid_start, monitor,
                   (unsigned long long)(monitor ? process_start(monitor) : 0));
  return save(r->state_dir, "pids", text, (size_t)n);
}

static void kill_child(struct runner *r) {
  if (r->child <= 0) return;
  kill(r->child, SIGKILL);
  while (waitpid(r->child, NULL, 0) < 0 && errno == EINTR) continue;
}

static int launch_phases(struct runner *r) {
  r->report.begun_ns = now_ns(CLOCK_MONOTONIC);
  int result = run_phase(r, PHASE_HOST);
  if (result < 0) return result;
  r->report.pid = (uint32_t)r->child;
  r->report.pid_start = process_start(r->child);
  result = run_phase(r, PHASE_PARENT);
  if (result == 0) result = release_child(r);
  die_at(r->plan.count);
  if (result == 0) result = await_child(r);
  die_at(r->plan.count + 1);
  if (result == 0) result = save_pids(r);
  die_at(r->plan.count + 2);
  return result;
}

int launch(struct runner *r) {
  int result = launch_phases(r);
  r->report.kind = REPORT_READY;
  if (result < 0) {
    r->report.kind = REPORT_FAILED;
    r->report.error = -result;
    kill_child(r);
    undo(r);
  }
  return result;
}
