// What the kernel alone takes for a container, in microseconds: medians of a program that ends at once, in more and more
// of what a container has. floor PROGRAM [ROUNDS]; as root.
#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { ROUNDS_MAX = 2000, CGROUPS = 7 };
static const char *const CGROUP[CGROUPS] = {"cpu", "cpuacct", "memory", "pids", "devices", "freezer", "blkio"};
static double took[ROUNDS_MAX];

static double now_us(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static void path_of(char *path, int i, const char *end) { sprintf(path, "/sys/fs/cgroup/%s/wb-floor%s", CGROUP[i], end); }

static void join(int i) {
  char path[128];
  path_of(path, i, "/tasks");
  int fd = open(path, O_WRONLY | O_CLOEXEC);
  if (fd < 0 || write(fd, "0", 1) != 1) _exit(3);
  close(fd);
}

static double once(const char *program, uint64_t flags, int mounts, int cgroups) {
  char path[128];
  double begun = now_us();
  for (int i = 0; i < cgroups; i++) path_of(path, i, ""), mkdir(path, 0755);
  struct clone_args args = {.flags = flags, .exit_signal = SIGCHLD};
  pid_t pid = (pid_t)syscall(SYS_clone3, &args, sizeof args);
  if (pid == 0) {
    for (int i = 0; i < cgroups; i++) join(i);
    if (mounts && (mount(NULL, "/", NULL, MS_REC | MS_SLAVE, NULL) || mount("proc", "/proc", "proc", 0, NULL) ||
                   mount("t", "/dev", "tmpfs", 0, NULL) || mkdir("/dev/pts", 0755) || mkdir("/dev/shm", 0755) ||
                   mount("d", "/dev/pts", "devpts", 0, "newinstance") || mount("s", "/dev/shm", "tmpfs", 0, NULL) ||
                   mount("/", "/mnt", NULL, MS_BIND, NULL)))
      _exit(4);
    execl(program, program, "true", (char *)NULL);
    _exit(127);
  }
  int status = 0;
  waitpid(pid, &status, 0);
  for (int i = 0; i < cgroups; i++) path_of(path, i, ""), rmdir(path);
  if (status) fprintf(stderr, "status %x\n", status), exit(1);
  return now_us() - begun;
}

static int order(const void *a, const void *b) { return *(const double *)a < *(const double *)b ? -1 : 1; }

static void measure(const char *name, const char *program, int rounds, uint64_t flags, int mounts, int cgroups) {
  for (int i = 0; i < rounds; i++) took[i] = once(program, flags, mounts, cgroups);
  qsort(took, (size_t)rounds, sizeof *took, order);
  printf("%-52s %6.0f\n", name, took[rounds / 2]);
}

int main(int argc, char **argv) {
  int rounds = argc > 2 ? atoi(argv[2]) : 300;
  if (argc < 2 || rounds < 1 || rounds > ROUNDS_MAX) return 2;
  const uint64_t some = CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWIPC | CLONE_NEWUTS, all = some | CLONE_NEWNET;
  measure("a program", argv[1], rounds, 0, 0, 0);
  measure("+ pid, mount, ipc, uts namespaces", argv[1], rounds, some, 0, 0);
  measure("+ a network namespace", argv[1], rounds, all, 0, 0);
  measure("+ /proc, /dev, /dev/pts, /dev/shm, a bind", argv[1], rounds, all, 1, 0);
  measure("+ cgroups of version 1 made, joined, removed", argv[1], rounds, all, 1, CGROUPS);
  return 0;
}
