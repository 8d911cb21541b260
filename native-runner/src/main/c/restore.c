// Restoring: the plan's steps outside are done as for a new container, and in the place of its clone criu makes the processes anew,
// as children of this one.
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "criu.h"

enum { LOWEST_FD = 10 };

struct restore {
  const struct cli *cli;
  struct answer *answer;
  struct runner *r;
  struct bytes options;
  int go[2];  // tells the new criu that its cgroups are there
};

static int is_unrestorable(const struct restore *s, const struct op *op) {
  switch (op->code) {
    case OP_move_link: return fail(s->cli, "restore: linux.netDevices: devices of the host cannot be given again");
    case OP_idmap_tree: return fail(s->cli, "restore: mounts: an idmapped mount cannot be made again by criu");
    case OP_seccomp_listener: return fail(s->cli, "restore: linux.seccomp.listenerPath: criu keeps no listener of a filter");
    default: return 0;
  }
}

static int check_plan(const struct restore *s) {
  struct cursor c = plan_ops(&s->r->plan);
  struct op op;
  if (s->cli->no_pivot) return fail(s->cli, "restore: --no-pivot: criu always pivots; leave the option out");
  for (uint32_t i = 0; i < s->r->plan.count; i++) {
    plan_next(&c, &op);
    if (is_unrestorable(s, &op)) return EXIT_FAILED;
  }
  return 0;
}

static int add_inherited(struct restore *s, const char *key, int fd) {
  struct bytes part = {0};
  int kept = fd < 0 ? -1 : fcntl(fd, F_DUPFD, LOWEST_FD);  // criu inherits it
  if (kept < 0) return -errno;
  add_text(&part, 1, key);
  add_number(&part, 2, (uint64_t)kept);
  add_part(&s->options, INHERIT_FD, &part);
  return 0;
}

static const char *namespace_name(int type) {
  return type == CLONE_NEWIPC ? "ipc" : type == CLONE_NEWUTS ? "uts" : type == CLONE_NEWUSER ? "user" : type == CLONE_NEWTIME ? "time" : "mnt";
}

// Namespaces by path: criu has two of them given as descriptors, and enters the others itself.
static int add_namespace(struct restore *s, const char *path, int type) {
  if (type == CLONE_NEWNET || type == CLONE_NEWPID) {
    const char *name = type == CLONE_NEWNET ? OUTER_NETWORK : OUTER_PIDS;
    int fd = open(path, O_RDONLY | O_CLOEXEC), result = fd < 0 ? -errno : add_inherited(s, name, fd);
    if (fd >= 0) close(fd);
    return result;
  }
  struct bytes part = {0};
  add_text(&part, 1, namespace_name(type));
  add_text(&part, 2, path);
  add_part(&s->options, JOIN_NAMESPACE, &part);
  return 0;
}

// What of the plan is done outside: directories of state and cgroups, limits. What the new process would need is criu's.
static int run_outside(struct restore *s, uint8_t phase) {
  struct cursor c = plan_ops(&s->r->plan);
  struct op op;
  for (uint32_t i = 0; i < s->r->plan.count; i++) {
    plan_next(&c, &op);
    if (op.phase != phase) continue;
    int result = 0;
    switch (op.code) {
      case OP_join: result = add_namespace(s, op.field[0].text, (int)op.field[1].number); break;
      case OP_write_file:
        if (!strncmp(op.field[0].text, "/proc/", 6)) break;  // clocks of a time namespace
      // fall through
      case OP_state_dir: case OP_console: case OP_make_dir: case OP_inherit_cpuset: case OP_own_cgroup: case OP_device_program: case OP_systemd_scope:
        result = op_run(s->r, &op);
        break;
      default: break;
    }
    s->r->report.index = i;
    s->r->report.error = -result;
    if (result < 0) return explain(s->cli, s->answer, &s->r->report);
  }
  return 0;
}

static void enter_cgroup(const char *cgroup, void *unused) {
  char path[PATH_BYTES + 16];
  (void)unused;
  snprintf(path, sizeof path, "%s/tasks", cgroup);
  if (write_file(path, "0", 1) == 0) return;
  snprintf(path, sizeof path, "%s/cgroup.procs", cgroup);
  write_file(path, "0", 1);  // where it cannot, criu says so
}

static const char *target_of(const struct op *op) {
  return op->phase != PHASE_CONTAINER ? NULL : op->code == OP_mount ? op->field[3].text : op->code == OP_bind ? op->field[1].text : NULL;
}

static int is_below(const char *path, const char *above) {
  size_t length = strlen(above);
  return !strncmp(path, above, length) && path[length] == '/';
}

// What an earlier mount covers is in that mount.
static int is_covered(const struct plan *plan, uint32_t index, const char *target) {
  struct cursor c = plan_ops(plan);
  struct op op;
  for (uint32_t i = 0; i < index; i++) {
    plan_next(&c, &op);
    const char *above = target_of(&op);
    if (above && is_below(target, above)) return 1;
  }
  return 0;
}

// criu mounts on what is there: a root that was made from an image again has no mount points yet.
static int make_mount_points(struct restore *s) {
  struct cursor c = plan_ops(&s->r->plan);
  struct op op;
  for (uint32_t i = 0; i < s->r->plan.count; i++) {
    struct stat status;
    plan_next(&c, &op);
    const char *target = target_of(&op);
    if (!target || is_covered(&s->r->plan, i, target)) continue;
    int is_dir = op.code == OP_mount || stat(op.field[0].text, &status) < 0 || S_ISDIR(status.st_mode);
    int fd = make_in_root(s->r, target, is_dir ? 0755 : 0644, is_dir);
    s->r->report.index = i;
    s->r->report.error = fd < 0 ? -fd : 0;
    if (fd < 0) return explain(s->cli, s->answer, &s->r->report);
    close(fd);
  }
  return 0;
}

// In the process that becomes criu: mounts of its own, in which the container's root lies; gone with it.
static int prepare(void *with) {
  struct restore *s = with;
  struct cursor c = plan_ops(&s->r->plan);
  struct op op;
  char byte;
  close(s->go[1]);
  if (read(s->go[0], &byte, 1) != 1) return EXIT_FAILED;
  s->r->in_child = 1;
  // Where criu is not to care for cgroups, what it makes is born in its own.
  if (s->cli->cgroups_mode && !strcmp(s->cli->cgroups_mode, "ignore")) each_cgroup(s->cli->dir, "cgroups", enter_cgroup, NULL);
  if (unshare(CLONE_NEWNS) < 0) return fail(s->cli, "unshare: %s", errno_name(errno));
  for (uint32_t i = 0; i < s->r->plan.count; i++) {
    plan_next(&c, &op);
    int is_root = op.code == OP_propagation || op.code == OP_private_parent || op.code == OP_root_bind || op.code == OP_root_overlay;
    if (op.phase != PHASE_CONTAINER || !is_root) continue;
    s->r->report.index = i;
    s->r->report.error = -op_run(s->r, &op);
    if (s->r->report.error) return explain(s->cli, s->answer, &s->r->report);
  }
  return make_mount_points(s) ? EXIT_FAILED : criu_open_dirs(s->cli);
}

static const char *root_of(const struct plan *plan) {
  struct cursor c = plan_ops(plan);
  struct op op;
  for (uint32_t i = 0; i < plan->count; i++) {
    plan_next(&c, &op);
    if (op.code == OP_root_bind || op.code == OP_root_overlay) return op.field[0].text;
  }
  return "/";
}

static void add_outer_mount(void *with, const struct op *op, const char *target, const char *source) {
  struct restore *s = with;
  char option[2 * PATH_BYTES + 16];
  (void)op;
  snprintf(option, sizeof option, "mnt[%s]:%s", target, source);
  add_text(&s->options, EXTERNAL, option);
}

// Standard descriptors that were pipes or files of the host are this command's own now.
static int add_descriptors(struct restore *s) {
  char *text = read_text(s->cli->image_path, DESCRIPTORS), *at = text;
  if (!text) return fail(s->cli, "restore: no %s in %s", DESCRIPTORS, s->cli->image_path);
  for (int fd = 0; fd < 3 && (at = strchr(at, '"')); fd++) {
    char name[PATH_BYTES];
    size_t n = 0;
    for (at++; *at && *at != '"' && n + 1 < sizeof name; at++) {
      if (*at == '\\' && at[1]) at++;
      name[n++] = *at;
    }
    name[n] = 0;
    at += *at == '"';
    if ((strncmp(name, "pipe:", 5) && strncmp(name, "file[", 5)) || add_inherited(s, name, fd) == 0) continue;
    free(text);
    return fail(s->cli, "restore: descriptor %d: %s", fd, errno_name(errno));
  }
  free(text);
  return 0;
}

// The cgroups of the image's root lie where those of the plan are, as the kernel names them to a process that is there.
static int add_cgroups(struct restore *s) {
  int ends[2];
  char text[8192], *rest = text, *line;
  if (pipe2(ends, O_CLOEXEC) < 0) return fail(s->cli, "pipe: %s", errno_name(errno));
  pid_t pid = fork();
  if (pid == 0) {
    each_cgroup(s->cli->dir, "cgroups", enter_cgroup, NULL);
    char *own = read_text("/proc/self", "cgroup");
    _exit(!own || write_all(ends[1], own, strlen(own)) < 0);
  }
  close(ends[1]);
  ssize_t n = pid < 0 ? -1 : read(ends[0], text, sizeof text - 1);
  close(ends[0]);
  while (pid > 0 && waitpid(pid, NULL, 0) < 0 && errno == EINTR) continue;
  text[n > 0 ? n : 0] = 0;
  if (n <= 0) return fail(s->cli, "restore: the cgroups cannot be entered");
  while ((line = strsep(&rest, "\n"))) {
    char *controllers = strchr(line, ':'), *path = controllers ? strchr(controllers + 1, ':') : NULL;
    if (!path) continue;
    *path++ = 0;
    struct bytes part = {0};
    if (controllers[1]) add_text(&part, 1, controllers + 1);
    add_text(&part, 2, path);
    add_part(&s->options, CGROUP_ROOT, &part);
  }
  return 0;
}

static int describe_restore(struct restore *s) {
  const struct cli *cli = s->cli;
  if (criu_options(cli, &s->options, "restore.log")) return EXIT_FAILED;
  add_number(&s->options, NOTIFIES, 1);
  add_number(&s->options, RESTORE_SIBLING, 1);
  add_text(&s->options, ROOT, root_of(&s->r->plan));
  if (cli->profile) add_text(&s->options, LSM_PROFILE, cli->profile);
  if (cli->mount_context) add_text(&s->options, LSM_MOUNT_CONTEXT, cli->mount_context);
  each_outer_mount(&s->r->plan, add_outer_mount, s);
  return add_descriptors(s);
}

static int run_hook_of(struct restore *s, const struct op *op, uint32_t index) {
  s->r->report.index = index;
  s->r->report.error = -run_hook(s->r, op->field);
  return s->r->report.error ? explain(s->cli, s->answer, &s->r->report) : 0;
}

// The namespaces are there: hooks outside belong here, such as those that fill a network.
static int run_hooks_outside(struct restore *s) {
  struct cursor c = plan_ops(&s->r->plan);
  struct op op;
  for (uint32_t i = 0; i < s->r->plan.count; i++) {
    plan_next(&c, &op);
    if (op.phase == PHASE_PARENT && op.code == OP_hook && run_hook_of(s, &op, i)) return 0;
  }
  return 1;
}

static void take_terminal(struct restore *s, int fd) {
  if (s->r->console >= 0) {
    send_message(s->r->console, "/dev/pts/ptmx", 13, fd);
    close(s->r->console);
    close(fd);
    s->r->console = -1;
    return;
  }
  s->r->terminal = fd;
}

static int notified(void *with, const struct criu_answer *answer, int fd) {
  struct restore *s = with;
  if (answer->pid > 0) s->r->child = answer->pid;
  if (!strcmp(answer->script, "orphan-pts-master") && fd >= 0) take_terminal(s, fd);
  if (!strcmp(answer->script, "setup-namespaces")) return run_hooks_outside(s);
  return 1;
}

// criu is there before its cgroups: systemd makes a unit around a process.
static int restore_by(struct restore *s) {
  struct criu_answer said;
  struct criu criu;
  if (run_outside(s, PHASE_HOST) || describe_restore(s)) return EXIT_FAILED;
  if (pipe2(s->go, O_CLOEXEC) < 0) return fail(s->cli, "pipe: %s", errno_name(errno));
  if (criu_start(&criu, s->cli, prepare, s)) return EXIT_FAILED;
  close(s->go[0]);
  s->r->child = criu.pid;
  int result = run_outside(s, PHASE_PARENT);
  if (result == 0) result = add_cgroups(s);
  s->r->child = 0;
  if (result == 0 && write(s->go[1], "", 1) != 1) result = fail(s->cli, "criu did not wait: %s", errno_name(errno));
  close(s->go[1]);
  if (result != 0) return kill(criu.pid, SIGKILL), waitpid(criu.pid, NULL, 0), result;
  criu_ask(&criu, CRIU_RESTORE, &s->options, notified, s, &said);
  if (!said.success) return s->r->child = 0, criu_failed(s->cli, &said, "restore.log");
  s->r->child = said.pid;
  return 0;
}

static int note_process(const struct cli *cli, struct runner *r) {
  r->child_fd = (int)syscall(SYS_pidfd_open, r->child, 0);
  r->report.pid_start = process_start(r->child);
  int result = save_pids(r);
  return result < 0 ? fail(cli, "write %s/pids: %s", cli->dir, errno_name(-result)) : tell_process(cli, r);
}

int verb_restore(struct cli *cli) {
  struct answer answer;
  struct runner r;
  struct restore s = {.cli = cli, .answer = &answer, .r = &r};
  find_images(cli);
  int result = ask_plan(cli, &answer, &r);
  if (result == 0) result = check_plan(&s);
  if (result == 0) result = make_state(cli, &answer);
  if (result != 0) return result;
  result = restore_by(&s);
  if (result == 0) {
    log_notes(cli, &answer);
    result = note_process(cli, &r);
  }
  if (result == 0) result = hooks_of_start(cli);
  if (result != 0) {
    if (r.child > 0) kill(r.child, SIGKILL), waitpid(r.child, NULL, 0);
    undo(&r);
    remove_with_hooks(cli);
    return result;
  }
  if (cli->detach) return 0;
  result = stay_with(&r);
  remove_with_hooks(cli);
  return result;
}
