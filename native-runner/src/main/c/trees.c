// Trees of files that a mount needs before it is attached: one whose owners are mapped, one with what it will cover.
#include <dirent.h>
#include <linux/mount.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "runner.h"

enum { DEPTH_MAX = 64, COPY_BYTES = 65536 };

static int write_map(pid_t pid, const char *name, const struct field *map) {
  char path[64];
  snprintf(path, sizeof path, "/proc/%d/%s", pid, name);
  return write_file(path, map->text, map->size);
}

// The kernel takes a mapping only as a user namespace, and that only from a process in one.
static int user_namespace(const struct field *uids, const struct field *gids) {
  struct clone_args args = {.flags = CLONE_NEWUSER, .exit_signal = SIGCHLD};
  pid_t pid = (pid_t)syscall(SYS_clone3, &args, sizeof args);
  if (pid < 0) return -errno;
  if (pid == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
    for (;;) pause();
  }
  char path[64];
  snprintf(path, sizeof path, "/proc/%d/ns/user", pid);
  int result = write_map(pid, "uid_map", uids);
  if (result == 0) result = write_map(pid, "gid_map", gids);
  int fd = result < 0 ? result : open(path, O_RDONLY | O_CLOEXEC);
  if (result == 0 && fd < 0) fd = -errno;
  kill(pid, SIGKILL);
  while (waitpid(pid, NULL, 0) < 0 && errno == EINTR) continue;
  return fd;
}

int idmap_tree(struct runner *r, const fields f) {
  if (r->tree_count == TREES_MAX) return -E2BIG;
  int users = user_namespace(&f[2], &f[3]);
  if (users < 0) return users;
  struct mount_attr attr = {.attr_set = MOUNT_ATTR_IDMAP, .userns_fd = (uint64_t)users};
  int recursive = f[1].number ? AT_RECURSIVE : 0, tree = clone_tree(AT_FDCWD, f[0].text, recursive != 0), result = tree;
  if (tree >= 0)
    result = syscall(SYS_mount_setattr, tree, "", AT_EMPTY_PATH | recursive, &attr, sizeof attr) < 0 ? -errno : 0;
  close(users);
  if (result < 0 && tree >= 0) close(tree);
  if (result == 0) r->trees[r->tree_count++] = tree;
  return result;
}

static int copy_file(int from, int to) {
  static char buffer[COPY_BYTES];
  for (;;) {
    ssize_t n = read(from, buffer, sizeof buffer);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return n < 0 ? -errno : 0;
    int result = write_all(to, buffer, (size_t)n);
    if (result < 0) return result;
  }
}

static int copy_dir(int from, int to, int depth);

static int copy_link(int from, int to, const char *name) {
  char target[4096];
  ssize_t n = readlinkat(from, name, target, sizeof target - 1);
  if (n < 0) return -errno;
  target[n] = 0;
  return symlinkat(target, to, name) < 0 ? -errno : 0;
}

// A directory or a file, by the descriptors of both sides.
static int copy_content(int from, int to, const char *name, const struct stat *s, int depth) {
  int is_dir = S_ISDIR(s->st_mode);
  int in = openat(from, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | (is_dir ? O_DIRECTORY : 0));
  if (in < 0) return -errno;
  int out = is_dir && mkdirat(to, name, 0700) < 0
                ? -1
                : openat(to, name, is_dir ? O_RDONLY | O_DIRECTORY | O_CLOEXEC : O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  int result = out < 0 ? -errno : is_dir ? copy_dir(in, out, depth + 1) : copy_file(in, out);
  if (out >= 0) close(out);
  close(in);
  return result;
}

static int copy_entry(int from, int to, const char *name, int depth) {
  struct stat s;
  if (fstatat(from, name, &s, AT_SYMLINK_NOFOLLOW) < 0) return -errno;
  int result = S_ISLNK(s.st_mode)                        ? copy_link(from, to, name)
               : S_ISDIR(s.st_mode) || S_ISREG(s.st_mode) ? copy_content(from, to, name, &s, depth)
               : mknodat(to, name, s.st_mode, s.st_rdev) < 0 ? -errno
                                                             : 0;
  if (result == 0 && fchownat(to, name, s.st_uid, s.st_gid, AT_SYMLINK_NOFOLLOW) < 0) result = -errno;
  // After the owner, for changing that clears set-user-id.
  if (result == 0 && !S_ISLNK(s.st_mode) && fchmodat(to, name, s.st_mode & 07777, 0) < 0) result = -errno;
  return result;
}

static int copy_dir(int from, int to, int depth) {
  if (depth > DEPTH_MAX) return -ELOOP;
  int again = openat(from, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), result = again < 0 ? -errno : 0;
  DIR *dir = again < 0 ? NULL : fdopendir(again);
  for (struct dirent *e; dir && result == 0 && (e = readdir(dir));)
    if (strcmp(e->d_name, ".") && strcmp(e->d_name, "..")) result = copy_entry(from, to, e->d_name, depth);
  if (dir) closedir(dir);
  return result;
}

int copy_up(int from, int to) { return copy_dir(from, to, 0); }
