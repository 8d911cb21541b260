// Hooks: programs of the configuration that are run at points of a container's life. Each gets the container's state
// on stdin; one that fails, or takes longer than it may, stops the creation or is warned about.
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "runner.h"

enum { SUB = 0x1a, PID_DIGITS = 12, SAID_BYTES = 96, ARGUMENTS_MAX = 4096 };

char *with_pid(const char *text, pid_t pid) {
  size_t places = 0;
  for (const char *c = text; *c; c++) places += *c == SUB;
  char *out = malloc(strlen(text) + places * PID_DIGITS + 1), *to = out;
  if (!out) return NULL;
  for (const char *c = text; *c; c++)
    if (*c == SUB) to += sprintf(to, "%d", pid);
    else *to++ = *c;
  *to = 0;
  return out;
}

// A file in memory: unlike a pipe it takes a text of any length before anybody reads it.
static int memory_with(const char *text) {
  int fd = memfd_create("hook", MFD_CLOEXEC);
  if (fd < 0) return -errno;
  int result = write_all(fd, text, strlen(text));
  if (result == 0 && lseek(fd, 0, SEEK_SET) < 0) result = -errno;
  if (result < 0) close(fd);
  return result < 0 ? result : fd;
}

static const char **words_of(struct field list, const char **into) {
  const char *text = list.text;
  for (uint32_t i = 0; i < list.size; i++, text = list_next(text)) *into++ = text;
  *into++ = NULL;
  return into;
}

static void be_hook(const fields f, int in, int said) {
  const char *words[ARGUMENTS_MAX + 3], **argv = words, **envp;
  if (f[1].size + f[2].size > ARGUMENTS_MAX) _exit(126);
  if (f[1].size == 0) words[0] = f[0].text, words[1] = NULL, envp = words + 2;
  else envp = words_of(f[1], words);
  words_of(f[2], envp);
  reset_signals();
  if (dup2(in, 0) < 0 || dup2(said, 1) < 0 || dup2(said, 2) < 0) _exit(126);
  if (syscall(SYS_close_range, 3, ~0U, 4 /* CLOSE_RANGE_CLOEXEC */) < 0) _exit(126);
  execve(f[0].text, (char **)(uintptr_t)argv, (char **)(uintptr_t)envp);
  dprintf(2, "execve: %s", errno_name(errno));
  _exit(127);
}

static int await_hook(pid_t pid, uint32_t timeout_s, int *status) {
  int fd = (int)syscall(SYS_pidfd_open, pid, 0), in_time = 1;
  struct pollfd ended = {fd, POLLIN, 0};
  uint64_t deadline = now_ns(CLOCK_MONOTONIC) + (uint64_t)timeout_s * 1000000000u;
  while (timeout_s && fd >= 0) {
    uint64_t now = now_ns(CLOCK_MONOTONIC);
    int n = now >= deadline ? 0 : poll(&ended, 1, (int)((deadline - now) / 1000000 + 1));
    if (n < 0 && errno == EINTR) continue;
    in_time = n != 0;
    break;
  }
  if (!in_time) kill(pid, SIGKILL);
  if (fd >= 0) close(fd);
  while (waitpid(pid, status, 0) < 0 && errno == EINTR) continue;
  return in_time;
}

// What a hook that failed wrote is the best there is to say about it.
static int failed(struct runner *r, int status, int said) {
  char text[SAID_BYTES];
  ssize_t n = pread(said, text, sizeof text - 1, 0);
  text[n > 0 ? n : 0] = 0;
  text[strcspn(text, "\n")] = 0;
  if (WIFSIGNALED(status)) detail(r, "hook ended by signal %d %s", WTERMSIG(status), text);
  else detail(r, "hook ended with exit status %d %s", WEXITSTATUS(status), text);
  return -ECANCELED;
}

int run_hook(struct runner *r, const fields f) {
  int status = 0;
  char *state = with_pid(f[4].text, r->in_child ? r->own_pid : r->child);
  if (!state) return -ENOMEM;
  int in = memory_with(state), said = memory_with("");
  free(state);
  pid_t pid = in < 0 || said < 0 ? -1 : fork();
  int result = in < 0 ? in : said < 0 ? said : pid < 0 ? -errno : 0;
  if (pid == 0) be_hook(f, in, said);
  if (pid > 0 && !await_hook(pid, (uint32_t)f[3].number, &status)) {
    detail(r, "hook did not end within %u s", (uint32_t)f[3].number);
    result = -ETIMEDOUT;
  } else if (pid > 0 && status != 0) {
    result = failed(r, status, said);
  }
  if (in >= 0) close(in);
  if (said >= 0) close(said);
  return result;
}

int run_hooks(struct runner *r, uint8_t phase, void (*warn)(void *, const struct report *), void *with) {
  struct cursor c = plan_ops(&r->plan);
  struct op op;
  for (uint32_t i = 0; i < r->plan.count; i++) {
    plan_next(&c, &op);
    if (op.phase != phase) continue;
    r->report.index = i;
    int result = run_hook(r, op.field);
    r->report.error = -result;
    if (result < 0 && op.field[5].number) return result;
    if (result < 0 && warn) warn(with, &r->report);
  }
  return 0;
}
