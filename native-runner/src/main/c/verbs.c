// The verbs that execute plans.
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "cli.h"

// The line of the plan that failed, with errno's name; the compiler sent the lines along.
int explain(const struct cli *cli, const struct answer *answer, const struct report *report) {
  char *rest = answer->lines, *line = NULL;
  for (uint32_t i = 0; rest && i <= report->index; i++) line = strsep(&rest, "\n");
  const char *name = errno_name(report->error);
  if (line && (!strncmp(line, "exec ", 5) || !strncmp(line, "find_program ", 13)))
    return fail(cli, "%s: %s: %s", report->detail, name, strerror(report->error));
  return fail(cli, "%s: %s%s%s", line ? line : "launch", name, *report->detail ? " " : "", report->detail);
}

void log_notes(const struct cli *cli, const struct answer *answer) {
  char *rest = answer->notes, *line;
  while (rest && (line = strsep(&rest, "\n")))
    if (*line) warn(cli, "%s", line);
}

// Gives the process itself, not its number, to who asked for it.
static int send_pidfd(const struct cli *cli, int pidfd) {
  if (!cli->pidfd_socket) return 0;
  int to = connect_to(cli->pidfd_socket);
  int result = to < 0 ? to : send_message(to, "pidfd", 5, pidfd);
  if (to >= 0) close(to);
  return result;
}

// As a shell ends: 127 for a program that is not there, 126 for one that cannot be executed.
static int exit_code(const struct report *report) {
  return report->error == ENOENT || report->error == ENOTDIR ? 127 : 126;
}

static int save_pid_file(const struct cli *cli, pid_t pid) {
  char text[16], temporary[PATH_BYTES];
  if (!cli->pid_file) return 0;
  int n = snprintf(text, sizeof text, "%d", pid);
  // A reader must never meet half a number.
  snprintf(temporary, sizeof temporary, "%s.new", cli->pid_file);
  int fd = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (fd < 0) return -errno;
  int result = write_all(fd, text, (size_t)n);
  close(fd);
  return result < 0 ? result : rename(temporary, cli->pid_file) < 0 ? -errno : 0;
}

// Tells the process to those who asked for it.
int tell_process(const struct cli *cli, const struct runner *r) {
  int result = save_pid_file(cli, r->child);
  if (result < 0) return fail(cli, "write %s: %s", cli->pid_file, errno_name(-result));
  result = send_pidfd(cli, r->child_fd);
  return result < 0 ? fail(cli, "send to %s: %s", cli->pidfd_socket, errno_name(-result)) : 0;
}

// Executes a plan in this process; its child is the container's process.
static int execute_here(const struct cli *cli, const struct answer *answer, struct runner *r) {
  runner_init(r);
  r->ready_network = answer->network;
  const char *wrong = plan_check(&r->plan, (uint8_t *)answer->plan, answer->plan_size);
  if (wrong) return fail(cli, "the plan is malformed: %s", wrong);
  if (launch(r) < 0) {
    int about_program = !strncmp(r->report.detail, "exec: ", 6);
    explain(cli, answer, &r->report);
    return about_program ? exit_code(&r->report) : EXIT_FAILED;
  }
  log_notes(cli, answer);
  return tell_process(cli, r);
}

static int wait_for(pid_t pid) {
  int status = 0;
  while (waitpid(pid, &status, 0) < 0 && errno == EINTR) continue;
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

static pid_t foreground;

static void pass_on(int signal) { kill(foreground, signal); }

int stay_with(const struct runner *r) {
  pid_t pid = foreground = r->child;
  for (int s = 1; s < 32; s++)
    if (s != SIGCHLD && s != SIGKILL && s != SIGSTOP && s != SIGPIPE && s != SIGWINCH && s != SIGURG) signal(s, pass_on);
  if (r->terminal >= 0) relay(r->terminal, r->child_fd);
  return wait_for(pid);
}

static int start_at(const struct cli *cli, const struct answer *answer) {
  char path[PATH_BYTES + 16];
  struct report report;
  snprintf(path, sizeof path, "%s/start.sock", cli->dir);
  int fd = connect_to(path);
  if (fd < 0) return fail(cli, "connect %s: %s", path, errno_name(-fd));
  unlink(path);
  // The connection ends without a word when the program has taken the executor's place.
  ssize_t n;
  do {
    n = read(fd, &report, sizeof report);
  } while (n < 0 && errno == EINTR);
  close(fd);
  if (n != sizeof report) return 0;
  explain(cli, answer, &report);
  return exit_code(&report);
}

// Those of the container's cgroups that are not there yet. Deleting removes only what creating made: one that was
// there belongs to somebody else.
static char *missing_ones(const char *cgroups) {
  char *owned = malloc(strlen(cgroups) + 2), *to = owned, *copy = strdup(cgroups), *rest = copy, *line;
  if (!owned || !copy) abort();
  while ((line = strsep(&rest, "\n")))
    if (*line && access(line, F_OK) < 0) to += sprintf(to, "%s\n", line);
  *to = 0;
  free(copy);
  return owned;
}

// Kept for the hooks that are run by other commands than this one.
static int save_plan(const char *dir, const struct answer *answer) {
  struct plan plan;
  if (plan_check(&plan, (uint8_t *)answer->plan, answer->plan_size)) return 0;  // said when it is executed
  if (!plan_has(&plan, PHASE_POSTSTART) && !plan_has(&plan, PHASE_POSTSTOP)) return 0;
  return save(dir, "plan", answer->plan, answer->plan_size);
}

// Engines name a root that nobody has made yet, with all its parents.
void make_root(const char *path) {
  char part[PATH_BYTES];
  snprintf(part, sizeof part, "%s", path);
  for (char *slash = strchr(part + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
    *slash = 0;
    mkdir(part, 0711);  // the one that matters is made below, and its failure told
    *slash = '/';
  }
  mkdir(part, 0711);
}

int make_state(const struct cli *cli, const struct answer *answer) {
  make_root(cli->root);
  if (mkdir(cli->dir, 0711) < 0)
    return errno == EEXIST ? fail(cli, "container with id exists: %s", cli->id)
                           : fail(cli, "mkdir %s: %s", cli->dir, errno_name(errno));
  char *owned = missing_ones(answer->cgroups);
  int result = save_record(cli->dir, "cgroups", answer->cgroups, "owned", owned, "bundle", cli->bundle, "tail", answer->tail,
                           "lines", answer->lines, NULL);
  free(owned);
  if (result == 0) result = save_plan(cli->dir, answer);
  if (result == 0 && answer->stop_size > 0) result = save(cli->dir, STOP_CALL, answer->stop, answer->stop_size);
  return result < 0 ? fail(cli, "write %s: %s", cli->dir, errno_name(-result)) : 0;
}

// What hooks of a later moment need, read before the state directory may be gone.
struct hooks {
  const struct cli *cli;
  struct answer answer;
  struct runner runner;
  int present;
};

static void read_hooks(const struct cli *cli, struct hooks *h) {
  char path[PATH_BYTES + 8];
  struct stat status;
  *h = (struct hooks){.cli = cli};
  runner_init(&h->runner);
  snprintf(path, sizeof path, "%s/plan", cli->dir);
  if (stat(path, &status) < 0) return;
  h->answer.plan = read_text(cli->dir, "plan");
  h->answer.lines = read_part(cli->dir, "lines");
  h->present = h->answer.plan && !plan_check(&h->runner.plan, (uint8_t *)h->answer.plan, (size_t)status.st_size);
}

static void warn_of_hook(void *with, const struct report *report) {
  const struct hooks *h = with;
  warn(h->cli, "operation %u: %s %s", report->index, errno_name(report->error), report->detail);
}

static int hooks_after(struct hooks *h, uint8_t phase, pid_t pid) {
  h->runner.child = pid;
  int result = h->present ? run_hooks(&h->runner, phase, warn_of_hook, h) : 0;
  return result < 0 ? explain(h->cli, &h->answer, &h->runner.report) : 0;
}

static void release(struct hooks *h) {
  free(h->answer.plan);
  free(h->answer.lines);
}

int remove_with_hooks(const struct cli *cli) {
  struct hooks h;
  read_hooks(cli, &h);
  // Where a service is warm the next container comes soon, and would have to make it again.
  int result = state_remove(cli->dir, is_warm(cli));
  hooks_after(&h, PHASE_POSTSTOP, 0);
  release(&h);
  return result < 0 ? fail(cli, "remove %s: %s", cli->dir, errno_name(-result)) : 0;
}

int hooks_of_start(const struct cli *cli) {
  struct hooks h;
  read_hooks(cli, &h);
  int result = h.present ? hooks_after(&h, PHASE_POSTSTART, state_process(cli->dir).pid) : 0;
  release(&h);
  if (result != 0) state_kill(cli->dir, SIGKILL, 0);
  return result;
}

int verb_create(struct cli *cli, int run) {
  struct answer answer;
  struct runner r;
  int result = ask(cli, "create", &answer);
  if (result == 0) result = make_state(cli, &answer);
  if (result != 0) return result;
  result = execute_here(cli, &answer, &r);
  if (result == 0 && run) result = hooks_of_start(cli);
  if (result != 0) {
    if (r.child > 0) {
      kill(r.child, SIGKILL);
      wait_for(r.child);
    }
    remove_with_hooks(cli);
    return result;
  }
  if (!run || cli->detach) return 0;
  result = stay_with(&r);
  if (!cli->keep) remove_with_hooks(cli);
  return result;
}

int verb_start(struct cli *cli) {
  enum status status = state_of(cli->dir);
  if (status == ABSENT) return fail(cli, "container \"%s\" does not exist", cli->id);
  if (status != CREATED) return fail(cli, "cannot start a container that is %s", STATUS_NAMES[status]);
  struct answer answer = {.lines = read_part(cli->dir, "lines")};
  int result = start_at(cli, &answer);
  return result == 0 ? hooks_of_start(cli) : result;
}

int prepare_exec(struct cli *cli) {
  enum status status = state_of(cli->dir);
  if (status == ABSENT) return fail(cli, "container \"%s\" does not exist", cli->id);
  if (status != RUNNING && status != CREATED)
    return fail(cli, "cannot exec in a %s container", STATUS_NAMES[status]);
  remember(cli);
  return 0;
}

int verb_exec(struct cli *cli) {
  struct answer answer;
  struct runner r;
  int result = ask(cli, "exec", &answer);
  if (result == 0) result = execute_here(cli, &answer, &r);
  if (result == EXIT_FAILED) return EXIT_EXEC_FAILED;
  if (result != 0 || cli->detach) return result;
  return stay_with(&r);
}

int verb_delete(struct cli *cli) {
  enum status status = state_of(cli->dir);
  if (status == ABSENT) return cli->force ? 0 : fail(cli, "container \"%s\" does not exist", cli->id);
  if ((status == RUNNING || status == PAUSED) && !cli->force)
    return fail(cli, "cannot delete container \"%s\" that is not stopped: %s", cli->id, STATUS_NAMES[status]);
  if (status != STOPPED) {
    state_kill(cli->dir, SIGKILL, 0);
    if (status == PAUSED) unfreeze(cli->dir);
    if (await_end(cli->dir) < 0) return fail(cli, "container \"%s\" did not end within 10 s of SIGKILL", cli->id);
  }
  return remove_with_hooks(cli);
}
