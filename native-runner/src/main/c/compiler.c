// Asks for plans. Request: u32 length, then KEY=VALUE texts that each end with NUL. Answer: u32 length, u8 (0 good, 1
// refused), then sections of u32 length and bytes: plan, lines, tail of the state, cgroups, text, notes, the
// descriptor that the answerer has of a network namespace for us, and systemd's call; or one text.
#include <dirent.h>
#include <linux/mount.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "cli.h"

enum { CLASSPATH_BYTES = 16 * PATH_BYTES };

static char request[REQUEST_BYTES_MAX];
static size_t request_size;
static int answered_warm;

// Names the descriptor to a program that runs itself again.
static const char ASKED[] = "WAYBILL_RUNNER_ASKED";

static void put(const char *key, const char *value) {
  if (!value) return;
  size_t room = sizeof request - request_size;
  int n = snprintf(request + request_size, room, "%s=%s", key, value);
  if (n >= 0 && (size_t)n < room) request_size += (size_t)n + 1;
}

static void put_number(const char *key, uint64_t value) {
  char text[24];
  snprintf(text, sizeof text, "%llu", (unsigned long long)value);
  put(key, text);
}

static void write_request(const struct cli *cli, const char *verb) {
  request_size = 4;
  put("verb", verb);
  put("id", cli->id);
  put("bundle", cli->bundle);
  put("dir", cli->dir);
  put("console", cli->console_socket);
  put("process", cli->process);
  put("cwd", cli->cwd);
  put("user", cli->user);
  put("resources", cli->resources);
  put("other", cli->other);
  put("rootless", cli->rootless);
  put_number("rootless_sample", (uint64_t)cli->rootless_sample);
  put_number("keep_fds", (uint64_t)cli->keep_fds);
  put_number("tty", (uint64_t)cli->tty);
  put_number("systemd", (uint64_t)cli->systemd);
  put_number("json", (uint64_t)cli->json);
  put_number("no_new_privs", (uint64_t)cli->no_new_privs);
  put_number("no_pivot", (uint64_t)cli->no_pivot);
  put_number("no_keyring", (uint64_t)cli->no_keyring);
  put_number("at_once", !strcmp(cli->verb, "run"));
  // Somebody stays who can copy what a terminal says.
  put_number("relay", !cli->detach && (!strcmp(verb, "exec") || !strcmp(cli->verb, "run")));
  for (int i = 0; i < cli->extra_count; i++) put(cli->extras[i].key, cli->extras[i].value);
  for (int i = 0; i < cli->argument_count; i++) put("arg", cli->arguments[i]);
  if (!strcmp(verb, "exec")) {
    struct process p = state_process(cli->dir);
    put_number("pid", (uint64_t)p.pid);
    put_number("start", p.start);
  }
  uint32_t size = (uint32_t)(request_size - 4);
  memcpy(request, &size, sizeof size);
}

static int read_all(int fd, void *into, size_t size) {
  for (size_t got = 0; got < size;) {
    ssize_t n = read(fd, (char *)into + got, size - got);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return -1;
    got += (size_t)n;
  }
  return 0;
}

// Takes a section off the answer; it ends with NUL so that it can be used as text.
static char *section(char **at, char *end, size_t *size) {
  uint32_t length;
  if (end - *at < 4) return NULL;
  memcpy(&length, *at, sizeof length);
  if ((size_t)(end - *at) - 4 < length) return NULL;
  char *copy = malloc((size_t)length + 1);
  if (!copy) return NULL;
  memcpy(copy, *at + 4, length);
  copy[length] = 0;
  *at += 4 + length;
  if (size) *size = length;
  return copy;
}

static int parse(const struct cli *cli, char *bytes, size_t size, struct answer *answer, char **network) {
  char *at = bytes + 1, *end = bytes + size;
  if (size < 1 || bytes[0] != 0) {
    char *message = section(&at, end, NULL);
    return fail(cli, "%s", message ? message : "the compiler gave no answer");
  }
  answer->plan = section(&at, end, &answer->plan_size);
  answer->lines = section(&at, end, NULL);
  answer->tail = section(&at, end, NULL);
  answer->cgroups = section(&at, end, NULL);
  answer->text = section(&at, end, NULL);
  answer->notes = section(&at, end, NULL);
  *network = section(&at, end, NULL);
  answer->stop = section(&at, end, &answer->stop_size);
  return answer->stop ? 0 : fail(cli, "the compiler's answer is cut short");
}

#define GONE "the compiler went away without an answer; start `waybill-runner service` and see what it says"

static int hear(const struct cli *cli, int from, struct answer *answer) {
  uint32_t size;
  if (read_all(from, &size, sizeof size) < 0 || size > 2 * PLAN_BYTES_MAX) return fail(cli, GONE);
  char *bytes = malloc(size);
  if (!bytes || read_all(from, bytes, size) < 0) return fail(cli, "the compiler's answer is cut short");
  char *network = NULL;
  int result = parse(cli, bytes, size, answer, &network);
  if (result == 0 && *network) answer->network = descriptor_of_peer(from, network);
  free(network);
  free(bytes);
  return result;
}

const char *own_path(void) {
  static char path[PATH_BYTES];
  const char *told = getenv("WAYBILL_RUNNER_PATH");
  if (told) return told;
  ssize_t n = readlink("/proc/self/exe", path, sizeof path - 1);
  path[n > 0 ? n : 0] = 0;
  return path;
}

static int is_java(const char *dir, const char *below, char *path) {
  snprintf(path, PATH_BYTES, "%s/%s", dir, below);
  return access(path, X_OK) == 0;
}

static int java_in_path(char *path) {
  char dirs[PATH_BYTES], *rest = dirs, *dir;
  snprintf(dirs, sizeof dirs, "%s", getenv("PATH") ? getenv("PATH") : "");
  while ((dir = strsep(&rest, ":")))
    if (*dir && is_java(dir, "java", path)) return 1;
  return 0;
}

// JAVA_HOME, then the folders that distributions use (newest name first), then PATH, whose java may be older.
static int find_java(char *path) {
  const char *home = getenv("JAVA_HOME");
  if (home && is_java(home, "bin/java", path)) return 1;
  struct dirent **entries;
  int count = scandir("/usr/lib/jvm", &entries, NULL, alphasort), found = 0;
  for (int i = count - 1; i >= 0; i--) {
    char dir[PATH_BYTES];
    snprintf(dir, sizeof dir, "/usr/lib/jvm/%s", entries[i]->d_name);
    if (!found && strstr(entries[i]->d_name, "25")) found = is_java(dir, "bin/java", path);
  }
  return found || java_in_path(path);
}

// An installation has lib/ beside bin/; a build has target/.
static int find_jars(char *classpath) {
  const char *told = getenv("WAYBILL_RUNNER_CLASSPATH");
  if (told) return snprintf(classpath, CLASSPATH_BYTES, "%s", told) < CLASSPATH_BYTES;
  char base[PATH_BYTES], probe[PATH_BYTES + 32];
  snprintf(base, sizeof base, "%s", own_path());
  for (int i = 0; i < 2; i++) {
    char *slash = strrchr(base, '/');
    if (!slash) return 0;
    *slash = 0;
  }
  snprintf(probe, sizeof probe, "%s/target/lib", base);
  if (access(probe, R_OK) == 0)
    return snprintf(classpath, CLASSPATH_BYTES, "%s/target/*:%s/target/lib/*", base, base) > 0;
  snprintf(probe, sizeof probe, "%s/lib", base);
  return access(probe, R_OK) == 0 && snprintf(classpath, CLASSPATH_BYTES, "%s/lib/*", base) > 0;
}

static int exec_java(const struct cli *cli, const char *class, char **arguments) {
  static char java[PATH_BYTES], classpath[CLASSPATH_BYTES];
  if (!find_java(java)) return fail(cli, "no java: install a JDK 25, or say where it is with JAVA_HOME");
  if (!find_jars(classpath)) return fail(cli, "no jars beside %s: build the project, or install it whole", own_path());
  char *argv[64] = {java, "--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow",
                    "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xshare:auto",
                    // What the virtual machine warns of, such as unusual cgroups, goes to stdout by itself, where the answer goes.
                    "-Xlog:disable", "-Xlog:all=error:stderr", "-cp", classpath, (char *)class};
  for (int i = 0; arguments && arguments[i] && i < 50; i++) argv[11 + i] = arguments[i];
  execv(java, argv);
  return fail(cli, "execve %s: %s", java, errno_name(errno));
}

int exec_service(const struct cli *cli, char **arguments) {
  return exec_java(cli, "dev.waybill.nativerunner.service.Main", arguments);
}

// Stays and answers, for a user who has no service.
int exec_compiler(const struct cli *cli) {
  char path[PATH_BYTES + 16], *arguments[] = {path, NULL};
  make_root(cli->root);
  snprintf(path, sizeof path, "%s/compiler.sock", cli->root);
  return exec_java(cli, "dev.waybill.nativerunner.cli.CompilerMain", arguments);
}

// With no service running, one compiler is started for this one plan.
static int ask_cold(const struct cli *cli, struct answer *answer) {
  int to[2], from[2];
  if (pipe2(to, O_CLOEXEC) < 0 || pipe2(from, O_CLOEXEC) < 0) return fail(cli, "pipe: %s", errno_name(errno));
  pid_t pid = fork();
  if (pid == 0) {
    dup2(to[0], 0);
    dup2(from[1], 1);
    _exit(exec_java(cli, "dev.waybill.nativerunner.cli.CompileOnce", NULL));
  }
  close(to[0]);
  close(from[1]);
  int result = pid < 0                                          ? fail(cli, "fork: %s", errno_name(errno))
               : write_all(to[1], request, request_size) < 0 ? fail(cli, GONE)
                                                             : hear(cli, from[0], answer);
  close(to[1]);
  close(from[0]);
  if (pid > 0) waitpid(pid, NULL, 0);
  return result;
}

// A connection to a compiler with this process's rights, or -1. What may be done depends on who does it: one with other
// rights would see another host.
static int open_compiler(const struct cli *cli) {
  const char *told = getenv("WAYBILL_RUNNER_COMPILER");
  char beside[PATH_BYTES + 16];
  snprintf(beside, sizeof beside, "%s/compiler.sock", cli->root);
  const char *paths[] = {told ? told : beside, beside, "/run/waybill-runner/compiler.sock"};
  for (int i = 0; i < 3; i++) {
    int fd = connect_to(paths[i]);
    if (fd >= 0 && is_like_me(fd)) return fd;
    if (fd >= 0) close(fd);
  }
  return -1;
}

int is_warm(const struct cli *cli) {
  if (answered_warm) return 1;
  int fd = open_compiler(cli);
  if (fd >= 0) close(fd);
  return fd >= 0;
}

// Where the answer to what was asked before this program ran itself again comes from; -1 when nothing was.
static int asked_before(void) {
  const char *told = getenv(ASKED);
  int fd = told ? atoi(told) : -1;
  unsetenv(ASKED);
  return fd;
}

int has_asked(void) { return getenv(ASKED) != NULL; }

void ask_ahead(const struct cli *cli, const char *verb) {
  char number[16];
  write_request(cli, verb);
  int fd = open_compiler(cli);
  if (fd < 0) return;
  if (write_all(fd, request, request_size) < 0 || fcntl(fd, F_SETFD, 0) < 0) {
    close(fd);
    return;
  }
  snprintf(number, sizeof number, "%d", fd);
  setenv(ASKED, number, 1);
}

int ask(const struct cli *cli, const char *verb, struct answer *answer) {
  *answer = (struct answer){.network = -1};
  int fd = asked_before();
  if (fd < 0) {
    write_request(cli, verb);
    fd = open_compiler(cli);
    if (fd < 0) return ask_cold(cli, answer);
    if (write_all(fd, request, request_size) < 0) return close(fd), fail(cli, GONE);
  }
  int result = hear(cli, fd, answer);
  close(fd);
  answered_warm = result == 0;
  return result;
}

// Runs this program from a detached read-only mount of its file: quick, but only a privileged process can have one.
static int exec_read_only(int self, char **argv) {
  struct mount_attr attr = {.attr_set = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID};
  int tree = (int)syscall(SYS_open_tree, self, "", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH);
  if (tree < 0) return -errno;
  if (syscall(SYS_mount_setattr, tree, "", AT_EMPTY_PATH, &attr, sizeof attr) == 0)
    syscall(SYS_execveat, tree, "", argv, environ, AT_EMPTY_PATH);
  int error = -errno;
  close(tree);
  return error;
}

static int exec_copy(int self, size_t size, char **argv) {
  int copy = memfd_create("waybill-runner", MFD_CLOEXEC | MFD_ALLOW_SEALING);
  if (copy < 0) return -errno;
  void *bytes = mmap(NULL, size, PROT_READ, MAP_PRIVATE, self, 0);
  if (bytes == MAP_FAILED) return -errno;
  int result = write_all(copy, bytes, size);
  if (result < 0) return result;
  if (fcntl(copy, F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE) < 0) return -errno;
  fexecve(copy, argv, environ);
  return -errno;
}

int seal_self(char **argv) {
  struct statvfs mount;
  struct stat status;
  int self = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
  if (self < 0 || fstat(self, &status) < 0 || fstatvfs(self, &mount) < 0) return -errno;
  if (mount.f_flag & ST_RDONLY || fcntl(self, F_GET_SEALS) > 0) {
    close(self);
    return 0;
  }
  setenv("WAYBILL_RUNNER_PATH", own_path(), 1);
  exec_read_only(self, argv);
  return exec_copy(self, (size_t)status.st_size, argv);
}
