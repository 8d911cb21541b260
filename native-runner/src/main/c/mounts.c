// Operations on the container's file system. Everything inside the root is reached through openat2 with
// RESOLVE_IN_ROOT, so that no symlink of an image leads out of it, and mounts are attached to descriptors, not paths.
#include <linux/mount.h>
#include <linux/openat2.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>

#include "runner.h"

#define CHECK(call)                      \
  do {                                   \
    if ((call) < 0) return -errno;       \
  } while (0)

int open_in_root(struct runner *r, const char *path, int flags) {
  while (*path == '/') path++;
  struct open_how how = {.flags = (unsigned)flags | O_CLOEXEC, .resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS};
  int fd = (int)syscall(SYS_openat2, r->root, *path ? path : ".", &how, sizeof how);
  return fd < 0 ? -errno : fd;
}

// Opens the directory that holds PATH, making those that are missing; `name` is the last part.
int parent_in_root(struct runner *r, const char *path, const char **name) {
  char prefix[4096];
  if (strlen(path) >= sizeof prefix) return -ENAMETOOLONG;
  while (*path == '/') path++;
  const char *slash = strrchr(path, '/');
  *name = slash ? slash + 1 : path;
  if (!slash) return open_in_root(r, "", O_PATH | O_DIRECTORY);
  memcpy(prefix, path, (size_t)(slash - path));
  prefix[slash - path] = 0;
  int fd = open_in_root(r, prefix, O_PATH | O_DIRECTORY);
  return fd == -ENOENT ? make_in_root(r, prefix, 0755, 1) : fd;
}

// Opens PATH, made as an empty directory or file if it is missing.
int make_in_root(struct runner *r, const char *path, mode_t mode, int is_dir) {
  int fd = open_in_root(r, path, O_PATH | (is_dir ? O_DIRECTORY : 0));
  if (fd != -ENOENT) return fd;
  const char *name;
  int parent = parent_in_root(r, path, &name);
  if (parent < 0) return parent;
  int result;
  if (is_dir) {
    result = mkdirat(parent, name, mode) < 0 && errno != EEXIST ? -errno : 0;
  } else {
    int made = openat(parent, name, O_CREAT | O_EXCL | O_WRONLY | O_NOFOLLOW | O_CLOEXEC, mode);
    result = made < 0 ? -errno : 0;
    if (made >= 0) close(made);
  }
  close(parent);
  return result < 0 ? result : open_in_root(r, path, O_PATH | (is_dir ? O_DIRECTORY : 0));
}

static int set_attributes(int fd, uint64_t set, uint64_t clear, unsigned propagation, int recursive) {
  struct mount_attr attr = {.attr_set = set, .attr_clr = clear, .propagation = propagation};
  if (!set && !clear && !propagation) return 0;
  CHECK(syscall(SYS_mount_setattr, fd, "", AT_EMPTY_PATH | (recursive ? AT_RECURSIVE : 0), &attr, sizeof attr));
  return 0;
}

static int spread(int fd, unsigned propagation) {
  return set_attributes(fd, 0, 0, propagation & ~(unsigned)MS_REC, (propagation & MS_REC) != 0);
}

static int attach(int tree, int target) {
  CHECK(syscall(SYS_move_mount, tree, "", target, "", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH));
  return 0;
}

// The kernel says more about a refused file system than errno does.
int refused(struct runner *r, int context) {
  int error = errno;
  ssize_t n = read(context, r->report.detail, sizeof r->report.detail - 1);
  r->report.detail[n > 0 ? n : 0] = 0;
  close(context);
  return -error;
}

static int set_option(int context, const char *option) {
  char key[256];
  const char *equals = strchr(option, '=');
  if (!equals) return (int)syscall(SYS_fsconfig, context, FSCONFIG_SET_FLAG, option, NULL, 0);
  if (equals - option >= (long)sizeof key) return errno = ENAMETOOLONG, -1;
  memcpy(key, option, (size_t)(equals - option));
  key[equals - option] = 0;
  return (int)syscall(SYS_fsconfig, context, FSCONFIG_SET_STRING, key, equals + 1, 0);
}

// A detached mount of a new file system, or a negative errno.
static int new_mount(struct runner *r, const char *type, const char *source, struct field options, uint64_t attr) {
  int context = (int)syscall(SYS_fsopen, type, FSOPEN_CLOEXEC);
  if (context < 0) return -errno;
  if (*source && syscall(SYS_fsconfig, context, FSCONFIG_SET_STRING, "source", source, 0) < 0)
    return refused(r, context);
  const char *option = options.text;
  for (uint32_t i = 0; i < options.size; i++, option = list_next(option))
    if (set_option(context, option) < 0) return refused(r, context);
  if (syscall(SYS_fsconfig, context, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0) return refused(r, context);
  int tree = (int)syscall(SYS_fsmount, context, FSMOUNT_CLOEXEC, (unsigned)attr);
  if (tree < 0) return refused(r, context);
  close(context);
  return tree;
}

// A tmpfs takes over the mode of the directory that it covers, unless the configuration says one.
static int keep_mode(int tree, int target, struct field options) {
  struct stat status;
  const char *option = options.text;
  for (uint32_t i = 0; i < options.size; i++, option = list_next(option))
    if (!strncmp(option, "mode=", 5)) return 0;
  CHECK(fstat(target, &status));
  CHECK(fchmodat(tree, ".", status.st_mode & 07777, 0));
  return 0;
}

// What is hidden of /proc and /sys is hidden by path: a symlink on the way could lead elsewhere a moment later.
static int check_way(struct runner *r, const char *type, const char *path) {
  if (strcmp(type, "proc") && strcmp(type, "sysfs")) return 0;
  struct open_how how = {.flags = O_PATH | O_CLOEXEC, .resolve = RESOLVE_IN_ROOT | RESOLVE_NO_SYMLINKS};
  while (*path == '/') path++;
  int fd = (int)syscall(SYS_openat2, r->root, *path ? path : ".", &how, sizeof how);
  int error = errno;
  if (fd >= 0) close(fd);
  if (fd >= 0 || error != ELOOP) return 0;
  detail(r, "%s must be mounted on a directory that is reached without symlinks", type);
  return -ELOOP;
}

// An overlay as older kernels mount it: attached from the start.
static int old_overlay_at(struct runner *r, const fields f, int target) {
  int result = overlay_old(target, f[2]);
  close(target);
  int tree = result < 0 ? result : open_in_root(r, f[3].text, O_PATH);
  if (tree < 0) return tree;
  result = set_attributes(tree, f[4].number, 0, 0, 0);
  if (result == 0) result = spread(tree, (unsigned)f[5].number);
  close(tree);
  return result;
}

static int is_in_root(struct runner *r, const char *path) {
  int fd = open_in_root(r, path, O_PATH);
  if (fd >= 0) close(fd);
  return fd >= 0;
}

static int mount_at(struct runner *r, const fields f) {
  int result = check_way(r, f[0].text, f[3].text);
  if (result < 0) return result;
  int covers = !strcmp(f[0].text, "tmpfs") && is_in_root(r, f[3].text);
  int target = make_in_root(r, f[3].text, 0755, 1);
  if (target < 0) return target;
  // What is to be copied up is written before the mount becomes read-only.
  uint64_t attributes = f[4].number, later = f[6].number ? attributes & MOUNT_ATTR_RDONLY : 0;
  int tree = new_mount(r, f[0].text, f[1].text, f[2], attributes & ~later);
  if (tree == -EINVAL && !strcmp(f[0].text, "overlay")) return old_overlay_at(r, f, target);
  if (tree < 0) result = tree;
  if (result == 0 && covers && !(attributes & MOUNT_ATTR_RDONLY & ~later))
    result = keep_mode(tree, target, f[2]);
  if (result == 0 && f[6].number) result = copy_up(target, tree);
  if (result == 0) result = set_attributes(tree, later, 0, 0, 0);
  if (result == 0) result = attach(tree, target);
  if (result == 0) result = spread(tree, (unsigned)f[5].number);
  if (tree >= 0) close(tree);
  close(target);
  return result;
}

int clone_tree(int dir, const char *path, int recursive) {
  int fd = (int)syscall(SYS_open_tree, dir, path,
                        OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | (*path ? 0 : AT_EMPTY_PATH) | (recursive ? AT_RECURSIVE : 0));
  return fd < 0 ? -errno : fd;
}

static int bind_at(struct runner *r, const fields f) {
  struct stat status;
  unsigned made = (unsigned)f[7].number;  // a tree that was made outside; 0 for none
  if (made > r->tree_count) return -EINVAL;
  int tree = made ? r->trees[made - 1] : clone_tree(AT_FDCWD, f[0].text, (int)f[2].number);
  if (tree < 0) return tree;
  CHECK(fstat(tree, &status));
  int result = set_attributes(tree, f[3].number, f[4].number, 0, (int)f[5].number);
  int target = result < 0 ? result : make_in_root(r, f[1].text, S_ISDIR(status.st_mode) ? 0755 : 0644, S_ISDIR(status.st_mode));
  result = target < 0 ? target : attach(tree, target);
  if (result == 0) result = spread(tree, (unsigned)f[6].number);
  if (target >= 0) close(target);
  close(tree);
  return result;
}

static int make_node(struct runner *r, const fields f) {
  const char *name;
  int parent = parent_in_root(r, f[0].text, &name);
  if (parent < 0) return parent;
  mode_t mode = (mode_t)f[1].number;
  int result = mknodat(parent, name, mode, makedev((unsigned)f[2].number, (unsigned)f[3].number)) < 0 ? -errno : 0;
  // Chmod because the umask is applied to the mode of mknod.
  if (result == 0 && (fchmodat(parent, name, mode & 07777, 0) < 0 ||
                      fchownat(parent, name, (uid_t)f[4].number, (gid_t)f[5].number, AT_SYMLINK_NOFOLLOW) < 0))
    result = -errno;
  close(parent);
  return result == -EEXIST ? 0 : result;
}

static int make_symlink(struct runner *r, const char *target, const char *path) {
  const char *name;
  int parent = parent_in_root(r, path, &name);
  if (parent < 0) return parent;
  int result = symlinkat(target, parent, name) < 0 && errno != EEXIST ? -errno : 0;
  close(parent);
  return result;
}

// An empty directory that cannot be written. Once the first is attached, its descriptor is what the others are copies of: a kernel
// before 6.15 copies no mount that is attached nowhere.
static int empty_dir(struct runner *r) {
  if (r->mask_tree >= 0) return clone_tree(r->mask_tree, "", 0);
  r->mask_tree = new_mount(r, "tmpfs", "tmpfs", (struct field){0},
                           MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC);
  return r->mask_tree;
}

// Hides a path: a file behind /dev/null, a directory behind an empty read-only one. What is not there needs nothing.
static int mask(struct runner *r, const char *path) {
  struct stat status;
  int target = open_in_root(r, path, O_PATH);
  if (target < 0) return target == -ENOENT || target == -ENOTDIR ? 0 : target;
  int result = fstat(target, &status) < 0 ? -errno : 0, tree = -1;
  if (result == 0) tree = S_ISDIR(status.st_mode) ? empty_dir(r) : clone_tree(AT_FDCWD, "/dev/null", 0);
  if (result == 0) result = tree < 0 ? tree : attach(tree, target);
  if (tree >= 0 && tree != r->mask_tree) close(tree);
  close(target);
  return result;
}

static int read_only(struct runner *r, const char *path) {
  int target = open_in_root(r, path, O_PATH);
  if (target < 0) return target == -ENOENT || target == -ENOTDIR ? 0 : target;
  // Where a mount begins it is made so itself; elsewhere a mount of the same files comes on top.
  int result = set_attributes(target, MOUNT_ATTR_RDONLY, 0, 0, 1);
  if (result == -EINVAL) {
    int tree = clone_tree(target, "", 1);
    result = tree < 0 ? tree : set_attributes(tree, MOUNT_ATTR_RDONLY, 0, 0, 1);
    if (result == 0) result = attach(tree, target);
    if (tree >= 0) close(tree);
  }
  close(target);
  return result;
}

// Opens a terminal in the container's own devpts; the master goes to the parent.
static int terminal(struct runner *r, const fields f) {
  int master = open_in_root(r, "dev/ptmx", O_RDWR | O_NOCTTY);
  if (master < 0) return master;
  int unlocked = 0;
  struct winsize size = {.ws_row = (unsigned short)f[0].number, .ws_col = (unsigned short)f[1].number};
  CHECK(ioctl(master, TIOCSPTLCK, &unlocked));
  int slave = ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY);
  CHECK(slave);
  CHECK(ioctl(slave, TIOCSWINSZ, &size));
  if (f[2].number) {  // bind it on /dev/console
    int target = make_in_root(r, "dev/console", 0620, 0);
    if (target < 0) return target;
    int tree = clone_tree(slave, "", 0);
    int result = tree < 0 ? tree : attach(tree, target);
    if (tree >= 0) close(tree);
    close(target);
    if (result < 0) return result;
  }
  uint32_t kind = REPORT_TERMINAL;
  int result = send_message(r->sync, &kind, sizeof kind, master);
  close(master);
  if (result < 0) return result;
  for (int i = 0; i < 3; i++) CHECK(dup2(slave, i));
  if (slave > 2) close(slave);
  CHECK(ioctl(0, TIOCSCTTY, 0));
  return 0;
}

enum { PIVOT, PIVOT_FROM_SHARED, MOVE };

static int pivot(struct runner *r, int way) {
  CHECK(fchdir(r->root));
  if (way == MOVE) {  // for a host whose own root cannot be pivoted, such as an initramfs
    CHECK(mount(".", "/", NULL, MS_MOVE, NULL));
    CHECK(chroot("."));
    CHECK(chdir("/"));
    return 0;
  }
  int old = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
  CHECK(old);
  int result = syscall(SYS_pivot_root, ".", ".") < 0 || fchdir(old) < 0 ? -errno : 0;
  close(old);
  if (result < 0) return result;
  // The old root lies on top of the new one now; what is taken off here must stay on the host.
  if (way == PIVOT_FROM_SHARED) CHECK(mount(NULL, ".", NULL, MS_SLAVE | MS_REC, NULL));
  CHECK(umount2(".", MNT_DETACH));
  CHECK(chdir("/"));
  return 0;
}

// Makes the mount that a path lies on private, so that what is mounted there does not spread to the host.
static int private_parent(const char *path) {
  char real[4096];
  if (!realpath(path, real)) return -errno;
  for (;;) {
    if (mount(NULL, *real ? real : "/", NULL, MS_PRIVATE, NULL) == 0) return 0;
    if (errno != EINVAL || !*real) return -errno;  // EINVAL: no mount begins here
    *strrchr(real, '/') = 0;
  }
}

static int sysctl_write(struct runner *r, const char *path, const struct field *value) {
  struct statfs status;
  int fd = open(path, O_WRONLY | O_CLOEXEC);
  CHECK(fd);
  CHECK(fstatfs(fd, &status));
  if (status.f_type != 0x9fa0) {
    detail(r, "%s is not on procfs", path);
    return -EXDEV;
  }
  int result = write_all(fd, value->text, value->size);
  close(fd);
  return result;
}

static int root_attributes(uint64_t set, unsigned propagation) {
  struct mount_attr attr = {.attr_set = set}, spread = {.propagation = propagation & ~(unsigned)MS_REC};
  unsigned recursive = propagation & MS_REC ? AT_RECURSIVE : 0;
  if (set) CHECK(syscall(SYS_mount_setattr, AT_FDCWD, "/", 0, &attr, sizeof attr));
  if (propagation) CHECK(syscall(SYS_mount_setattr, AT_FDCWD, "/", recursive, &spread, sizeof spread));
  return 0;
}

int op_mounts(struct runner *r, const struct op *op) {
  const struct field *f = op->field;
  int fd;
  switch (op->code) {
    case OP_propagation: CHECK(mount(NULL, "/", NULL, f[0].number, NULL)); return 0;
    case OP_root_bind: return root_bind(r, f[0].text);
    case OP_root_overlay: return root_overlay(r, f);
    case OP_mount: return mount_at(r, f);
    case OP_bind: return bind_at(r, f);
    case OP_make_node: return make_node(r, f);
    case OP_symlink: return make_symlink(r, f[0].text, f[1].text);
    case OP_ensure_dir:
      if ((fd = make_in_root(r, f[0].text, (mode_t)f[1].number, 1)) >= 0) close(fd);
      return fd < 0 ? fd : 0;
    case OP_mask: return mask(r, f[0].text);
    case OP_read_only: return read_only(r, f[0].text);
    case OP_root_attributes: return root_attributes(f[0].number, (unsigned)f[1].number);
    case OP_terminal: return terminal(r, f);
    case OP_pivot_root: return pivot(r, (int)f[0].number);
    case OP_private_parent: return private_parent(f[0].text);
    case OP_sysctl: return sysctl_write(r, f[0].text, &f[1]);
    default: return -ENOSYS;
  }
}
