// Operations on the process itself: names, limits, ids, capabilities, seccomp, and the program at last.
#include <grp.h>
#include <linux/audit.h>
#include <linux/bpf.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "runner.h"

enum { EXEC_WORDS_MAX = 65536, PASSWD_BYTES_MAX = 1 << 20, HOME_BYTES_MAX = 4096, CAPABILITIES_MAX = 63 };

static int drop_bounding(uint64_t keep) {
  for (int cap = 0; cap <= CAPABILITIES_MAX; cap++)
    if (!(keep >> cap & 1) && prctl(PR_CAPBSET_DROP, cap, 0, 0, 0) < 0) {
      if (errno == EINVAL) break;  // the kernel knows no more
      if (prctl(PR_CAPBSET_READ, cap, 0, 0, 0) > 0) return -EPERM;
    }
  return 0;
}

static int set_capabilities(uint64_t effective, uint64_t permitted, uint64_t inheritable, uint64_t ambient) {
  struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
  struct __user_cap_data_struct data[2] = {
      {(uint32_t)effective, (uint32_t)permitted, (uint32_t)inheritable},
      {(uint32_t)(effective >> 32), (uint32_t)(permitted >> 32), (uint32_t)(inheritable >> 32)}};
  if (syscall(SYS_capset, &header, data) < 0) return -errno;
  if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) < 0) return -errno;
  for (int cap = 0; cap <= CAPABILITIES_MAX; cap++)
    if (ambient >> cap & 1 && prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, cap, 0, 0) < 0) return -errno;
  return prctl(PR_SET_KEEPCAPS, 0, 0, 0, 0) < 0 ? -errno : 0;
}

// Lets the user open /dev/stdout again: pipes and terminals were made by root.
static void own_stdio(uid_t uid) {
  struct stat status;
  for (int fd = 0; fd < 3; fd++)
    if (fstat(fd, &status) == 0 && status.st_uid != uid && (S_ISFIFO(status.st_mode) || isatty(fd)))
      // Best effort: a pipe of somebody else's file system may refuse, and the program then still has its stdio.
      if (fchown(fd, uid, (gid_t)-1) < 0) continue;
}

static int set_ids(const fields f) {
  uid_t uid = (uid_t)f[0].number;
  gid_t gid = (gid_t)f[1].number;
  own_stdio(uid);
  gid_t groups[f[2].size / sizeof(gid_t) + 1];
  memcpy(groups, f[2].text, f[2].size);
  if (prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) < 0) return -errno;
  // Raw calls: the C library would try to bring other threads along, and there are none.
  if (syscall(SYS_setgroups, f[2].size / sizeof(gid_t), groups) < 0 && !(errno == EPERM && f[2].size == 0)) return -errno;
  if (syscall(SYS_setresgid, gid, gid, gid) < 0) return -errno;
  return syscall(SYS_setresuid, uid, uid, uid) < 0 ? -errno : 0;
}

// Loads a filter. A listener is sent on before anything else is called: from here on each call may be asked about.
static int load_seccomp(struct runner *r, const fields f) {
  struct sock_fprog program = {(unsigned short)(f[0].size / sizeof(struct sock_filter)),
                               (struct sock_filter *)(uintptr_t)f[0].text};
  char *state = f[2].size ? with_pid(f[2].text, r->own_pid) : NULL;
  if (f[2].size && !state) return -ENOMEM;
  long listener = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, (unsigned)f[1].number, &program);
  int result = listener < 0 ? -errno : 0;
  if (result == 0 && state) {
    result = send_message(r->notify, state, strlen(state), (int)listener);
    close((int)listener);
    close(r->notify);
  }
  free(state);
  return result;
}

// A cgroup v2 has no device list: a program that the kernel asks takes its place.
static int attach_device_program(const char *cgroup, const struct field *program) {
  int dir = open(cgroup, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (dir < 0) return -errno;
  union bpf_attr load = {.prog_type = BPF_PROG_TYPE_CGROUP_DEVICE,
                         .insn_cnt = program->size / sizeof(struct bpf_insn),
                         .insns = (uint64_t)(uintptr_t)program->text,
                         .license = (uint64_t)(uintptr_t)"Apache-2.0"};
  int fd = (int)syscall(SYS_bpf, BPF_PROG_LOAD, &load, sizeof load);
  int result = fd < 0 ? -errno : 0;
  if (result == 0) {
    union bpf_attr attach = {.target_fd = (uint32_t)dir, .attach_bpf_fd = (uint32_t)fd,
                             .attach_type = BPF_CGROUP_DEVICE, .attach_flags = BPF_F_ALLOW_MULTI};
    if (syscall(SYS_bpf, BPF_PROG_ATTACH, &attach, sizeof attach) < 0) result = -errno;
    close(fd);
  }
  close(dir);
  return result;
}

// A working directory that the container cannot reach would be a door to the host.
static int enter(struct runner *r, const char *path) {
  char real[4096];
  if (chdir(path) < 0) return -errno;
  if (syscall(SYS_getcwd, real, sizeof real) < 0) return -errno;
  if (real[0] == '/') return 0;
  detail(r, "the working directory lies outside the container");
  return -ENOENT;
}

static const char **words(struct field list, const char **into) {
  const char *text = list.text;
  for (uint32_t i = 0; i < list.size; i++, text = list_next(text)) *into++ = text;
  *into++ = NULL;
  return into;
}

static int is_directory(const char *path) {
  struct stat status;
  return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

static const char *path_of(const char **envp) {
  static const char STANDARD[] = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
  const char *path = STANDARD;
  for (const char **e = envp; *e; e++)
    if (!strncmp(*e, "PATH=", 5)) path = *e + 5;
  return path;
}

typedef int attempt(const char *path, const char **argv, const char **envp);

static int exec_at(const char *path, const char **argv, const char **envp) {
  execve(path, (char **)(uintptr_t)argv, (char **)(uintptr_t)envp);
  return errno == EACCES && is_directory(path) ? -EISDIR : -errno;
}

// Whether there is something that could be executed; -EEXIST is yes.
static int look_at(const char *path, const char **argv, const char **envp) {
  struct stat status;
  (void)argv, (void)envp;
  if (stat(path, &status) < 0) return -errno;
  if (S_ISDIR(status.st_mode)) return -EISDIR;
  return status.st_mode & 0111 ? -EEXIST : -EACCES;
}

// As a shell searches: a name with a slash is a path, any other is looked for along PATH.
static int search(const char **argv, const char **envp, const char *path, attempt *try) {
  char candidate[4096];
  if (strchr(argv[0], '/')) return try(argv[0], argv, envp);
  int result = -ENOENT;
  while (*argv[0]) {
    size_t length = strcspn(path, ":");
    int n = snprintf(candidate, sizeof candidate, "%.*s/%s", length ? (int)length : 1, length ? path : ".", argv[0]);
    int error = n < (int)sizeof candidate ? try(candidate, argv, envp) : -ENAMETOOLONG;
    if (error != -ENOENT && error != -ENOTDIR && error != -EACCES && error != -EISDIR) return error;
    if (error == -EACCES) result = error;  // said at the end, if no other directory has the program
    if (!path[length]) break;
    path += length + 1;
  }
  return result;
}

static int not_found(struct runner *r, const char *program, int error) {
  detail(r, error == -ENOENT && !strchr(program, '/') ? "exec: \"%s\": executable file not found in $PATH" : "exec: \"%s\"",
         program);
  return error;
}

// Engines want to know of a missing program when the container is made, not when it is started.
static int find_program(struct runner *r, const fields f) {
  const char *argv[] = {f[0].text, NULL};
  int result = search(argv, NULL, f[1].text, look_at);
  return result == -EEXIST ? 0 : not_found(r, f[0].text, result);
}

static char home[sizeof "HOME=" + HOME_BYTES_MAX];

// A line of passwd is NAME:PASSWORD:UID:GID:REMARK:HOME:SHELL.
static const char *home_in(char *passwd, unsigned uid) {
  char *line, *field[6], *end;
  while ((line = strsep(&passwd, "\n"))) {
    int count = 0;
    while (count < 6 && (field[count] = strsep(&line, ":"))) count++;
    if (count == 6 && *field[2] && strtoul(field[2], &end, 10) == uid && !*end && *field[5] == '/') return field[5];
  }
  return "/";
}

// Where nothing is said of HOME it is what the image says of the user. The file is the image's: it may be anything.
static int find_home(unsigned uid) {
  struct stat status;
  int fd = open("/etc/passwd", O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
  size_t most = fd >= 0 && fstat(fd, &status) == 0 && S_ISREG(status.st_mode) && status.st_size <= PASSWD_BYTES_MAX
                    ? (size_t)status.st_size : 0;
  char *text = malloc(most + 1);
  ssize_t got = text && most ? read(fd, text, most) : 0;
  if (fd >= 0) close(fd);
  if (!text) return -ENOMEM;
  text[got < 0 ? 0 : got] = 0;
  int length = snprintf(home, sizeof home, "HOME=%s", home_in(text, uid));
  if (length >= (int)sizeof home) strcpy(home, "HOME=/");
  free(text);
  return 0;
}

static int run_program(struct runner *r, const fields f) {
  if (f[0].size + f[1].size > EXEC_WORDS_MAX) return -E2BIG;
  const char *argv[f[0].size + f[1].size + 3];
  const char **envp = words(f[0], argv), **last = words(f[1], envp) - 1;
  if (*home) {  // and no other, which would be an empty one
    const char **to = envp;
    for (const char **e = envp; *e; e++)
      if (strncmp(*e, "HOME=", 5) != 0) *to++ = *e;
    last = to;
    *last++ = home;
  }
  *last = NULL;
  // Whatever is open beyond what the plan keeps ends with this program.
  if (syscall(SYS_close_range, 3 + r->keep_fds, ~0U, 4 /* CLOSE_RANGE_CLOEXEC */) < 0) return -errno;
  return not_found(r, argv[0], search(argv, envp, path_of(envp), exec_at));
}

int op_identity(struct runner *r, const struct op *op) {
  const struct field *f = op->field;
  int result;
  switch (op->code) {
    case OP_await_parent: return await_parent(r);
    case OP_await_start: return await_start(r);
    case OP_meet_parent: return meet_parent(r);
    case OP_unshare:
      if ((result = remember_own(r, (int)f[0].number)) < 0) return result;
      result = unshare((int)f[0].number);
      break;
    case OP_hostname: result = sethostname(f[0].text, f[0].size); break;
    case OP_domainname: result = setdomainname(f[0].text, f[0].size); break;
    case OP_rlimit:
      result = prlimit(r->in_child ? 0 : r->child, (int)f[0].number, &(struct rlimit){f[1].number, f[2].number}, NULL);
      break;
    case OP_bounding: return drop_bounding(f[0].number);
    case OP_set_ids: return set_ids(f);
    case OP_capabilities: return set_capabilities(f[0].number, f[1].number, f[2].number, f[3].number);
    case OP_no_new_privs: result = prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); break;
    case OP_seccomp: return load_seccomp(r, f);
    case OP_chdir: return enter(r, f[0].text);
    case OP_umask: umask((mode_t)f[0].number); return 0;
    case OP_device_program: return attach_device_program(f[0].text, &f[1]);
    case OP_find_program: return find_program(r, f);
    case OP_find_home: return find_home((unsigned)f[0].number);
    case OP_exec: return run_program(r, f);
    default: return -ENOSYS;
  }
  return result < 0 ? -errno : 0;
}
