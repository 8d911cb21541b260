// The verbs that execute plans.
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "cli.h"

// The line of the plan that failed, with errno's name; the compiler sent the lines along.
static int explain(const struct cli *cli, const struct answer *answer, const struct report *report) {
  char *rest = answer->lines, *line = NULL;
  for (uint32_t i = 0; rest && i <= report->index; i++) line = strsep(&rest, "\n");
  const char *name = strerrorname_np(report->error);
  if (line && !strncmp(line, "exec ", 5))
    return fail(cli, "%s: %s: %s", report->detail, name ? name : "error", strerror(report->error));
  return fail(cli, "%s: %s%s%s", line ? line : "launch", name ? name : "error", *report->detail ? " " : "", report->detail);
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

// Executes a plan in this process; its child is the container's process.
static int execute_here(const struct cli *cli, const struct answer *answer, struct runner *r) {
  runner_init(r);
  const char *wrong = plan_check(&r->plan, (uint8_t *)answer->plan, answer->plan_size);
  if (wrong) return fail(cli, "the plan is malformed: %s", wrong);
  if (launch(r) < 0) return explain(cli, answer, &r->report);
  int result = save_pid_file(cli, r->child);
  return result < 0 ? fail(cli, "write %s: %s", cli->pid_file, strerrorname_np(-result)) : 0;
}

static int wait_for(pid_t pid) {
  int status = 0;
  while (waitpid(pid, &status, 0) < 0 && errno == EINTR) continue;
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

static pid_t foreground;

static void pass_on(int signal) { kill(foreground, signal); }

static int stay_with(pid_t pid) {
  foreground = pid;
  for (int s = 1; s < 32; s++)
    if (s != SIGCHLD && s != SIGKILL && s != SIGSTOP && s != SIGPIPE) signal(s, pass_on);
  return wait_for(pid);
}

static int start_at(const struct cli *cli, const struct answer *answer) {
  char path[PATH_BYTES + 16];
  struct report report;
  snprintf(path, sizeof path, "%s/start.sock", cli->dir);
  int fd = connect_to(path);
  if (fd < 0) return fail(cli, "connect %s: %s", path, strerrorname_np(-fd));
  unlink(path);
  // The connection ends without a word when the program has taken the executor's place.
  ssize_t n;
  do {
    n = read(fd, &report, sizeof report);
  } while (n < 0 && errno == EINTR);
  close(fd);
  if (n != sizeof report) return 0;
  explain(cli, answer, &report);
  return report.error == ENOENT || report.error == ENOTDIR ? 127 : 126;
}

static int make_state(const struct cli *cli, const struct answer *answer) {
  mkdir(cli->root, 0711);
  if (mkdir(cli->dir, 0711) < 0)
    return errno == EEXIST ? fail(cli, "container with id exists: %s", cli->id)
                           : fail(cli, "mkdir %s: %s", cli->dir, strerrorname_np(errno));
  int result = save(cli->dir, "cgroups", answer->cgroups, strlen(answer->cgroups));
  if (result == 0) result = save(cli->dir, "bundle", cli->bundle, strlen(cli->bundle));
  if (result == 0) result = save(cli->dir, "lines", answer->lines, strlen(answer->lines));
  if (result == 0) result = save(cli->dir, "tail", answer->tail, strlen(answer->tail));
  return result < 0 ? fail(cli, "write %s: %s", cli->dir, strerrorname_np(-result)) : 0;
}

int verb_create(struct cli *cli, int run) {
  struct answer answer;
  struct runner r;
  int result = ask(cli, "create", &answer);
  if (result == 0) result = make_state(cli, &answer);
  if (result != 0) return result;
  result = execute_here(cli, &answer, &r);
  if (result == 0 && run) result = start_at(cli, &answer);
  if (result != 0) {
    kill(r.child > 0 ? r.child : 0, r.child > 0 ? SIGKILL : 0);
    if (r.child > 0) wait_for(r.child);
    state_remove(cli->dir);
    return result;
  }
  if (!run || cli->detach) return 0;
  result = stay_with(r.child);
  if (!cli->keep) state_remove(cli->dir);
  return result;
}

int verb_start(struct cli *cli) {
  enum status status = state_of(cli->dir);
  if (status == ABSENT) return fail(cli, "container \"%s\" does not exist", cli->id);
  if (status != CREATED) return fail(cli, "cannot start a container that is %s", STATUS_NAMES[status]);
  struct answer answer = {.lines = read_text(cli->dir, "lines")};
  return start_at(cli, &answer);
}

int verb_exec(struct cli *cli) {
  struct answer answer;
  struct runner r;
  enum status status = state_of(cli->dir);
  if (status == ABSENT) return fail(cli, "container \"%s\" does not exist", cli->id);
  if (status != RUNNING) return fail(cli, "cannot exec in a container that is %s", STATUS_NAMES[status]);
  cli->bundle = read_text(cli->dir, "bundle");
  int result = ask(cli, "exec", &answer);
  if (result == 0) {
    result = execute_here(cli, &answer, &r);
    if (result != 0 && r.report.error == ENOENT) result = 127;
    if (result == 1 && r.report.error == EACCES) result = 126;
  }
  if (result != 0 || cli->detach) return result;
  return stay_with(r.child);
}

int verb_delete(struct cli *cli) {
  enum status status = state_of(cli->dir);
  if (status == ABSENT) return cli->force ? 0 : fail(cli, "container \"%s\" does not exist", cli->id);
  if ((status == RUNNING || status == PAUSED) && !cli->force)
    return fail(cli, "cannot delete container \"%s\" that is not stopped: %s", cli->id, STATUS_NAMES[status]);
  if (status != STOPPED) {
    state_kill(cli->dir, SIGKILL, 0);
    if (status == PAUSED) freeze(cli, "THAWED");
    if (await_end(cli->dir) < 0) return fail(cli, "container \"%s\" did not end within 10 s of SIGKILL", cli->id);
  }
  int result = state_remove(cli->dir);
  return result < 0 ? fail(cli, "remove %s: %s", cli->dir, strerrorname_np(-result)) : 0;
}
