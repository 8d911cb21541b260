// Mounts of overlayfs: by fsconfig, where each lower directory is an option of its own; and as kernels before 6.8 take them, which
// know one list with colons, in a page that holds all options.
#include <linux/mount.h>
#include <sys/mount.h>
#include <sys/syscall.h>

#include "runner.h"

enum { OLD_DATA_BYTES = 4096, OLD_DIRS_MAX = 200 };

// Options as older kernels take them. Directories are named by descriptors: such names are short, and free of colons and commas.
struct old_options {
  char data[OLD_DATA_BYTES];
  int dirs[OLD_DIRS_MAX], dir_count;
};

static int add_text(struct old_options *o, const char *before, const char *text) {
  size_t used = strlen(o->data);
  int n = snprintf(o->data + used, sizeof o->data - used, "%s%s", used ? before : before + 1, text);
  return n < (int)(sizeof o->data - used) ? 0 : -E2BIG;
}

static int add_dir(struct old_options *o, const char *before, const char *path) {
  char name[32];
  int fd = o->dir_count == OLD_DIRS_MAX ? -1 : open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return o->dir_count == OLD_DIRS_MAX ? -E2BIG : -errno;
  o->dirs[o->dir_count++] = fd;
  snprintf(name, sizeof name, "/proc/self/fd/%d", fd);
  return add_text(o, before, name);
}

static int mount_old(struct old_options *o, const char *target, int result) {
  if (result == 0 && mount("overlay", target, "overlay", 0, o->data) < 0) result = -errno;
  while (o->dir_count > 0) close(o->dirs[--o->dir_count]);
  return result;
}

// A root at F's target; the caller opens it there.
static int root_overlay_old(const fields f) {
  struct old_options o = {.dir_count = 0};
  int result = 0;
  const char *lower = f[1].text;
  for (uint32_t i = 0; i < f[1].size && result == 0; i++, lower = list_next(lower))
    result = add_dir(&o, i ? ":" : ",lowerdir=", lower);
  if (result == 0 && f[2].size) result = add_dir(&o, ",upperdir=", f[2].text);
  if (result == 0 && f[2].size) result = add_dir(&o, ",workdir=", f[3].text);
  if (result == 0 && f[4].number) result = add_text(&o, ",", "volatile");
  return mount_old(&o, f[0].text, result);
}

int overlay_old(int target, struct field options) {
  struct old_options o = {.dir_count = 0};
  char path[32];
  int result = 0, lowers = 0;
  const char *option = options.text;
  // The compiler keeps the lower directories together, so that a colon is all that lies between them.
  for (uint32_t i = 0; i < options.size && result == 0; i++, option = list_next(option)) {
    if (!strncmp(option, "lowerdir+=", 10)) result = add_dir(&o, lowers++ ? ":" : ",lowerdir=", option + 10);
    else if (!strncmp(option, "upperdir=", 9)) result = add_dir(&o, ",upperdir=", option + 9);
    else if (!strncmp(option, "workdir=", 8)) result = add_dir(&o, ",workdir=", option + 8);
    else result = add_text(&o, ",", option);
  }
  snprintf(path, sizeof path, "/proc/self/fd/%d", target);
  return mount_old(&o, path, result);
}

static int use_root(struct runner *r, int tree, const char *target) {
  if (syscall(SYS_move_mount, tree, "", AT_FDCWD, target, MOVE_MOUNT_F_EMPTY_PATH) < 0) return -errno;
  r->root = tree;
  return 0;
}

int root_bind(struct runner *r, const char *source) {
  int tree = clone_tree(AT_FDCWD, source, 1);
  return tree < 0 ? tree : use_root(r, tree, source);
}

static int root_overlay_new(struct runner *r, const fields f) {
  int context = (int)syscall(SYS_fsopen, "overlay", FSOPEN_CLOEXEC);
  if (context < 0) return -errno;
  const char *lower = f[1].text;
  for (uint32_t i = 0; i < f[1].size; i++, lower = list_next(lower))
    if (syscall(SYS_fsconfig, context, FSCONFIG_SET_STRING, "lowerdir+", lower, 0) < 0) return refused(r, context);
  if (f[2].size && (syscall(SYS_fsconfig, context, FSCONFIG_SET_STRING, "upperdir", f[2].text, 0) < 0 ||
                    syscall(SYS_fsconfig, context, FSCONFIG_SET_STRING, "workdir", f[3].text, 0) < 0))
    return refused(r, context);
  // Else the end of the mount, and with it of the container, waits until the whole file system of the upper directory is
  // written out. A kernel before 5.10 does not know the flag, and waits.
  if (f[4].number) syscall(SYS_fsconfig, context, FSCONFIG_SET_FLAG, "volatile", NULL, 0);
  if (syscall(SYS_fsconfig, context, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0) return refused(r, context);
  int tree = (int)syscall(SYS_fsmount, context, FSMOUNT_CLOEXEC, 0);
  if (tree < 0) return refused(r, context);
  close(context);
  return use_root(r, tree, f[0].text);
}

int root_overlay(struct runner *r, const fields f) {
  int result = root_overlay_new(r, f);
  // An older kernel's word for an option that it does not know.
  if (result != -EINVAL || (result = root_overlay_old(f)) < 0) return result;
  r->root = open(f[0].text, O_PATH | O_DIRECTORY | O_CLOEXEC);
  return r->root < 0 ? -errno : 0;
}
