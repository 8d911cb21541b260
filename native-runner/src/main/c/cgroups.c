// What cgroups need beyond writing a file.
#include "runner.h"

static int read_small(const char *path, char *text, size_t size) {
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  ssize_t n = fd < 0 ? -1 : read(fd, text, size - 1);
  int result = n < 0 ? -errno : 0;
  if (fd >= 0) close(fd);
  text[n > 0 ? n : 0] = 0;
  return result;
}

// A cpuset of version 1 is born empty and takes no process before it has both: what is empty becomes as above. A parent
// must not be made to fit one container, for the next one may be given other processors.
int inherit_cpuset(const char *dir) {
  static const char *const NAMES[] = {"cpuset.cpus", "cpuset.mems"};
  for (size_t i = 0; i < sizeof NAMES / sizeof *NAMES; i++) {
    char path[4096], text[4096];
    snprintf(path, sizeof path, "%s/%s", dir, NAMES[i]);
    int result = read_small(path, text, sizeof text);
    if (result == 0 && *text > '\n') continue;
    char above[4096 + 4];
    snprintf(above, sizeof above, "%s/../%s", dir, NAMES[i]);
    if (result == 0) result = read_small(above, text, sizeof text);
    if (result == 0) result = write_file(path, text, strlen(text));
    if (result < 0) return result;
  }
  return 0;
}

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
