// Where a process is in the tree of cgroups of version 2.
#include "runner.h"

// The number of the process that a descriptor stands for; 0 when it is gone.
static pid_t pid_of(int pidfd) {
  char path[48], text[512];
  snprintf(path, sizeof path, "/proc/self/fdinfo/%d", pidfd);
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
  if (fd >= 0) close(fd);
  text[n > 0 ? n : 0] = 0;
  const char *at = strstr(text, "Pid:");
  return at ? (pid_t)atoi(at + 4) : 0;
}

int open_cgroup_of(int pidfd, const char *above) {
  char name[48], text[4096], path[8192];
  snprintf(name, sizeof name, "/proc/%d/cgroup", pid_of(pidfd));
  int fd = open(name, O_RDONLY | O_CLOEXEC);
  ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
  if (fd >= 0) close(fd);
  text[n > 0 ? n : 0] = 0;
  char *own = strstr(text, "0::/");
  if (!own) return -ESRCH;
  own += 3;
  own[strcspn(own, "\n")] = 0;
  // The kernel says the path below the hierarchy's mount: as much of ours as it begins with lies there as well.
  for (const char *below = above; (below = strchr(below, '/')); below++) {
    size_t length = strlen(below);
    if (strncmp(own, below, length) || (own[length] && own[length] != '/')) continue;
    snprintf(path, sizeof path, "%.*s%s", (int)(below - above), above, own);
    return open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
  }
  return -ENOENT;
}
