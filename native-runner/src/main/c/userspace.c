// User and time namespaces: who maps the ids, and clocks that a process without rights sets for itself.
#include <sched.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "runner.h"

enum { WORDS_MAX = 1024, SAID_BYTES = 128 };

int write_child(struct runner *r, const char *name, const char *text, size_t size) {
  char path[64];
  snprintf(path, sizeof path, "/proc/%d/%s", r->child, name);
  return write_file(path, text, size);
}

int map_ids(struct runner *r, const fields f) {
  int result = 0;
  if (f[2].number) result = write_child(r, "setgroups", "deny", 4);
  if (result == 0 && f[0].size) result = write_child(r, "uid_map", f[0].text, f[0].size);
  return result == 0 && f[1].size ? write_child(r, "gid_map", f[1].text, f[1].size) : result;
}

// PROGRAM PID INSIDE OUTSIDE COUNT..., for each line of the map.
static void be_mapper(const char *program, pid_t pid, char *lines, int said) {
  char number[16], *words[WORDS_MAX + 1] = {(char *)(uintptr_t)program, number}, *save;
  int count = 2;
  snprintf(number, sizeof number, "%d", pid);
  for (char *word = strtok_r(lines, " \n", &save); word && count < WORDS_MAX; word = strtok_r(NULL, " \n", &save))
    words[count++] = word;
  words[count] = NULL;
  dup2(said, 2);
  execvp(program, words);
  _exit(127);
}

// Ranges that the kernel does not let an unprivileged process map: a set-user-id program of the host looks into
// /etc/subuid or /etc/subgid and maps them.
int map_ids_by(struct runner *r, const char *program, const char *lines) {
  int ends[2], status = 0;
  char text[SAID_BYTES], *copy = strdup(lines);
  if (!copy || pipe2(ends, O_CLOEXEC) < 0) return copy ? -errno : -ENOMEM;
  pid_t pid = fork();
  if (pid == 0) be_mapper(program, r->child, copy, ends[1]);
  free(copy);
  close(ends[1]);
  ssize_t n = pid < 0 ? 0 : read(ends[0], text, sizeof text - 1);
  text[n > 0 ? n : 0] = 0;
  text[strcspn(text, "\n")] = 0;
  close(ends[0]);
  if (pid < 0) return -EAGAIN;
  while (waitpid(pid, &status, 0) < 0 && errno == EINTR) continue;
  if (status == 0) return 0;
  int missing = WIFEXITED(status) && WEXITSTATUS(status) == 127;
  detail(r, "%s", missing ? "not in PATH, it comes with the package uidmap" : text);
  return missing ? -ENOENT : -EPERM;
}

// A time namespace that the new process makes for itself, for the executor has no right to. Its clocks are set before
// anybody is in it. The files of a process that changed its ids belong to the host's root unless it may be dumped.
int enter_time_space(const char *offsets) {
  if (unshare(CLONE_NEWTIME) < 0) return -errno;
  prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
  int result = *offsets ? write_file("/proc/self/timens_offsets", offsets, strlen(offsets)) : 0;
  int fd = result < 0 ? -1 : open("/proc/self/ns/time_for_children", O_RDONLY | O_CLOEXEC);
  if (result == 0 && (fd < 0 || setns(fd, CLONE_NEWTIME) < 0)) result = -errno;
  if (fd >= 0) close(fd);
  prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
  return result;
}
