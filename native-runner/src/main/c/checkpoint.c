// Checkpoints: criu writes a container's processes into files. What is not theirs is declared as lying outside: mounts of the host's
// files, namespaces that were joined, and the standard descriptors.
#include <linux/openat2.h>
#include <sched.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "criu.h"

enum { LINE_BYTES = 8192 };

struct dump {
  const struct cli *cli;
  pid_t pid;
  int root;  // the container's, as its first process has it
  char *mounts;
  struct bytes options;
};

int ask_plan(const struct cli *cli, struct answer *answer, struct runner *r) {
  struct cli as_run = *cli;  // one that has a terminal's other side, and waits for nobody
  as_run.verb = "run";
  as_run.detach = 0;
  int result = ask(&as_run, "create", answer);
  if (result != 0) return result;
  runner_init(r);
  if (answer->network >= 0) close(answer->network);
  const char *wrong = plan_check(&r->plan, (uint8_t *)answer->plan, answer->plan_size);
  return wrong ? fail(cli, "the plan is malformed: %s", wrong) : 0;
}

void each_outer_mount(const struct plan *plan, void (*visit)(void *, const struct op *, const char *, const char *), void *with) {
  struct cursor c = plan_ops(plan);
  struct op op;
  for (uint32_t i = 0; i < plan->count; i++) {
    plan_next(&c, &op);
    if (op.phase != PHASE_CONTAINER) continue;
    if (op.code == OP_bind) visit(with, &op, op.field[1].text, op.field[0].text);
    if (op.code == OP_mask) visit(with, &op, op.field[0].text, "/dev/null");
  }
}

// Mount points are written with octal escapes.
static void plain(char *text) {
  char *to = text;
  for (const char *at = text; *at; at++) {
    unsigned byte;
    if (*at == '\\' && sscanf(at + 1, "%3o", &byte) == 1) *to++ = (char)byte, at += 3;
    else *to++ = *at;
  }
  *to = 0;
}

static int is_mount_point(const struct dump *d, const char *path) {
  char line[LINE_BYTES], point[LINE_BYTES];
  for (const char *at = d->mounts; at && *at; at += strcspn(at, "\n"), at += *at == '\n') {
    snprintf(line, sizeof line, "%.*s", (int)strcspn(at, "\n"), at);
    if (sscanf(line, "%*s %*s %*s %*s %s", point) != 1) continue;
    plain(point);
    if (!strcmp(point, path)) return 1;
  }
  return 0;
}

// The image names the mount by the configuration's word for the place; where it is now may have come about by symlinks.
static void add_outer_mount(void *with, const struct op *op, const char *target, const char *source) {
  struct dump *d = with;
  struct open_how how = {.flags = O_PATH | O_CLOEXEC, .resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS};
  char name[32], path[PATH_BYTES], option[2 * PATH_BYTES + 16];
  struct stat status;
  (void)source;
  int fd = (int)syscall(SYS_openat2, d->root, target + strspn(target, "/"), &how, sizeof how);
  if (fd < 0) return;
  snprintf(name, sizeof name, "/proc/self/fd/%d", fd);
  ssize_t n = readlink(name, path, sizeof path - 1);
  path[n > 0 ? n : 0] = 0;
  int is_dir = fstat(fd, &status) == 0 && S_ISDIR(status.st_mode);
  close(fd);
  // A masked directory lies behind a file system of the container's own.
  if ((op->code == OP_mask && is_dir) || !is_mount_point(d, path)) return;
  snprintf(option, sizeof option, "mnt[%s]:%s", path, target);
  add_text(&d->options, EXTERNAL, option);
}

static void add_namespaces(struct dump *d, const struct plan *plan) {
  struct cursor c = plan_ops(plan);
  struct op op;
  for (uint32_t i = 0; i < plan->count; i++) {
    char path[48], option[96];
    struct stat status;
    plan_next(&c, &op);
    int type = op.code == OP_join ? (int)op.field[1].number : 0, is_net = type == CLONE_NEWNET;
    if (!is_net && type != CLONE_NEWPID) continue;
    snprintf(path, sizeof path, "/proc/%d/ns/%s", d->pid, is_net ? "net" : "pid");
    if (stat(path, &status) < 0) continue;
    snprintf(option, sizeof option, "%s[%llu]:%s", is_net ? "net" : "pid", (unsigned long long)status.st_ino,
             is_net ? OUTER_NETWORK : OUTER_PIDS);
    add_text(&d->options, EXTERNAL, option);
  }
}

static unsigned mount_of(pid_t pid, int fd) {
  char dir[48], name[16];
  snprintf(dir, sizeof dir, "/proc/%d/fdinfo", pid);
  snprintf(name, sizeof name, "%d", fd);
  char *text = read_text(dir, name), *at = text ? strstr(text, "mnt_id:") : NULL;
  unsigned mount = at ? (unsigned)atoi(at + 7) : 0;
  free(text);
  return mount;
}

static int has_mount(const struct dump *d, unsigned mount) {
  for (const char *at = d->mounts; at && *at; at += strcspn(at, "\n"), at += *at == '\n')
    if ((unsigned)atoi(at) == mount) return 1;
  return 0;
}

// What a standard descriptor is to be when it is restored: a pipe by its number, a file of the host by its mount and number.
static void describe(struct dump *d, int fd, char *text, size_t room) {
  char path[48], option[96];
  struct stat status;
  snprintf(path, sizeof path, "/proc/%d/fd/%d", d->pid, fd);
  ssize_t n = readlink(path, text, room - 1);
  text[n > 0 ? n : 0] = 0;
  if (*text != '/' || stat(path, &status) < 0 || has_mount(d, mount_of(d->pid, fd))) return;
  snprintf(text, room, "file[%x:%llx]", mount_of(d->pid, fd), (unsigned long long)status.st_ino);
  snprintf(option, sizeof option, "%s", text);
  add_text(&d->options, EXTERNAL, option);
}

static int save_descriptors(struct dump *d) {
  char text[3 * PATH_BYTES], name[PATH_BYTES];
  size_t used = 0;
  for (int fd = 0; fd < 3; fd++) {
    describe(d, fd, name, sizeof name);
    used += (size_t)snprintf(text + used, sizeof text - used, "%s\"", fd ? "," : "[");
    for (const char *c = name; *c && used + 8 < sizeof text; c++) {
      if (*c == '"' || *c == '\\') text[used++] = '\\';
      text[used++] = *c;
    }
    text[used++] = '"';
  }
  text[used++] = ']';
  int result = save(d->cli->image_path, DESCRIPTORS, text, used);
  return result < 0 ? fail(d->cli, "write %s/%s: %s", d->cli->image_path, DESCRIPTORS, errno_name(-result)) : 0;
}

static int describe_dump(struct dump *d, const struct plan *plan) {
  char dir[32], path[48], cgroup[PATH_BYTES] = "";
  const struct cli *cli = d->cli;
  snprintf(dir, sizeof dir, "/proc/%d", d->pid);
  snprintf(path, sizeof path, "/proc/%d/root", d->pid);
  d->mounts = read_text(dir, "mountinfo");
  d->root = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (!d->mounts || d->root < 0) return fail(cli, "open %s: %s", path, errno_name(errno));
  if (criu_options(cli, &d->options, "dump.log")) return EXIT_FAILED;
  add_number(&d->options, DUMPED_PID, (uint64_t)d->pid);
  add_number(&d->options, LEAVE_RUNNING, (uint64_t)cli->leave_running);
  add_number(&d->options, LINK_REMAP, 1);
  add_number(&d->options, TRACK_MEM, (uint64_t)cli->pre_dump);
  if (cli->parent_path) add_text(&d->options, PARENT_IMAGE, cli->parent_path);
  each_cgroup(cli->dir, "cgroups", first_cgroup, cgroup);
  if (*cgroup) add_text(&d->options, FREEZE_CGROUP, cgroup);
  each_outer_mount(plan, add_outer_mount, d);
  add_namespaces(d, plan);
  return cli->pre_dump ? 0 : save_descriptors(d);
}

// Where images go unless the command line says otherwise, made with all its parents.
void find_images(struct cli *cli) {
  static char image[PATH_BYTES], work[PATH_BYTES];
  if (!cli->image_path) cli->image_path = "checkpoint";
  if (!cli->work_path) cli->work_path = cli->image_path;
  make_root(cli->image_path);
  make_root(cli->work_path);
  // criu looks for what it is told from its own directory.
  if (realpath(cli->image_path, image)) cli->image_path = image;
  if (realpath(cli->work_path, work)) cli->work_path = work;
}

int verb_checkpoint(struct cli *cli) {
  struct answer answer;
  struct criu_answer said;
  struct criu criu;
  struct runner r;
  enum status status = state_of(cli->dir);
  if (status == ABSENT) return fail(cli, "container \"%s\" does not exist", cli->id);
  if (status != RUNNING && status != PAUSED) return fail(cli, "container not running");
  find_images(cli);
  remember(cli);
  struct dump d = {.cli = cli, .pid = state_process(cli->dir).pid};
  if (ask_plan(cli, &answer, &r) || describe_dump(&d, &r.plan) || criu_start(&criu, cli, NULL, NULL)) return EXIT_FAILED;
  criu_ask(&criu, cli->pre_dump ? CRIU_PRE_DUMP : CRIU_DUMP, &d.options, NULL, NULL, &said);
  if (!said.success) return criu_failed(cli, &said, "dump.log");
  if (cli->leave_running || cli->pre_dump) return 0;
  // criu has ended them; those of a paused container die once they are thawed.
  if (status == PAUSED) unfreeze(cli->dir);
  return await_end(cli->dir) < 0 ? fail(cli, "container \"%s\" did not end within 10 s of its checkpoint", cli->id) : 0;
}
