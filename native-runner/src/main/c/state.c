// What is known about containers of the command line: ROOT/ID/ holds pids, start.sock, and a record with the parts
// cgroups and owned (one directory a line), bundle, lines of the plan, and tail, what never changes of `state`; where
// systemd made the cgroups, also the call that takes them away.
#include <dirent.h>
#include <poll.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "cli.h"

const char *const STATUS_NAMES[] = {"absent", "created", "running", "paused", "stopped"};

static int is_zombie(pid_t pid) {
  char dir[32];
  snprintf(dir, sizeof dir, "/proc/%d", pid);
  char *stat = read_text(dir, "stat");
  const char *end = stat ? strrchr(stat, ')') : NULL;
  int zombie = !end || end[2] == 'Z' || end[2] == 'X';
  free(stat);
  return zombie;
}

struct process state_process(const char *dir) {
  struct process p = {0};
  unsigned long long start = 0;
  char *text = read_text(dir, "pids");
  if (text && sscanf(text, "%d %llu", &p.pid, &start) == 2) {
    p.start = start;
    p.alive = process_start(p.pid) == start && !is_zombie(p.pid);
  }
  free(text);
  return p;
}

void each_cgroup(const char *dir, const char *name, void (*visit)(const char *, void *), void *with) {
  char *text = read_part(dir, name), *rest = text, *line;
  while (text && (line = strsep(&rest, "\n")))
    if (*line) visit(line, with);
  free(text);
}

// The same for a cgroup and those that the container made below it, the lowest first.
static void each_below(const char *cgroup, void (*visit)(const char *, void *), void *with) {
  struct dirent **entries;
  int count = scandir(cgroup, &entries, NULL, NULL);
  for (int i = 0; i < count; i++) {
    char path[PATH_BYTES + 320];
    if (entries[i]->d_type == DT_DIR && strcmp(entries[i]->d_name, ".") && strcmp(entries[i]->d_name, "..")) {
      snprintf(path, sizeof path, "%s/%s", cgroup, entries[i]->d_name);
      each_below(path, visit, with);
    }
    free(entries[i]);
  }
  if (count >= 0) free(entries);
  visit(cgroup, with);
}

static void look_frozen(const char *cgroup, void *frozen) {
  char *v1 = read_text(cgroup, "freezer.state"), *v2 = v1 ? NULL : read_text(cgroup, "cgroup.freeze");
  if ((v1 && !strncmp(v1, "FRO", 3)) || (v2 && *v2 == '1')) *(int *)frozen = 1;
  free(v1);
  free(v2);
}

enum status state_of(const char *dir) {
  char path[PATH_BYTES + 16];
  if (access(dir, F_OK) < 0) return ABSENT;
  if (!state_process(dir).alive) return STOPPED;
  snprintf(path, sizeof path, "%s/start.sock", dir);
  int frozen = 0, created = access(path, F_OK) == 0;
  each_cgroup(dir, "cgroups", look_frozen, &frozen);
  return frozen ? PAUSED : created ? CREATED : RUNNING;
}

static void print_state(const char *dir, const char *id) {
  char *tail = read_part(dir, "tail");
  enum status status = state_of(dir);
  printf("{\"ociVersion\":\"1.2.0\",\"id\":\"%s\",\"pid\":%d,\"status\":\"%s\"%s%s}", id,
         status == STOPPED ? 0 : state_process(dir).pid, STATUS_NAMES[status], tail && *tail ? "," : "", tail ? tail : "");
  free(tail);
}

int state_print(const struct cli *cli) {
  if (state_of(cli->dir) == ABSENT) return fail(cli, "container \"%s\" does not exist", cli->id);
  print_state(cli->dir, cli->id);
  puts("");
  return 0;
}

// The value of a member of the constant part of the state, as JSON has it, without the quotes; "" for none.
static const char *member(const char *tail, const char *key, char *into, size_t room) {
  char quoted[64];
  snprintf(quoted, sizeof quoted, "\"%s\":\"", key);
  const char *at = tail ? strstr(tail, quoted) : NULL;
  snprintf(into, room, "%.*s", at ? (int)strcspn(at + strlen(quoted), "\"") : 0, at ? at + strlen(quoted) : "");
  return into;
}

static void print_row(const char *dir, const char *id) {
  char bundle[PATH_BYTES], created[64], owner[64];
  char *tail = read_part(dir, "tail");
  enum status status = state_of(dir);
  printf("%-24s %-8d %-8s %-40s %-31s %s\n", id, status == STOPPED ? 0 : state_process(dir).pid, STATUS_NAMES[status],
         member(tail, "bundle", bundle, sizeof bundle), member(tail, "created", created, sizeof created),
         member(tail, "owner", owner, sizeof owner));
  free(tail);
}

int state_list(const struct cli *cli) {
  struct dirent **entries;
  int count = scandir(cli->root, &entries, NULL, alphasort), shown = 0;
  if (cli->json) printf("[");
  if (!cli->json && !cli->quiet)
    printf("%-24s %-8s %-8s %-40s %-31s %s\n", "ID", "PID", "STATUS", "BUNDLE", "CREATED", "OWNER");
  for (int i = 0; i < count; i++) {
    char dir[PATH_BYTES + 320];
    snprintf(dir, sizeof dir, "%s/%s/record", cli->root, entries[i]->d_name);
    if (access(dir, F_OK) < 0) continue;
    *strrchr(dir, '/') = 0;
    if (cli->json) {
      if (shown++) printf(",");
      print_state(dir, entries[i]->d_name);
    } else if (cli->quiet) {
      puts(entries[i]->d_name);
    } else {
      print_row(dir, entries[i]->d_name);
    }
  }
  if (cli->json) puts("]");
  return 0;
}

void first_cgroup(const char *cgroup, void *into) {
  if (!*(char *)into) snprintf(into, PATH_BYTES, "%s", cgroup);
}

struct pids {
  int *list, count, room;
};

static void add(struct pids *p, int pid) {
  if (p->count == p->room) p->list = realloc(p->list, sizeof *p->list * (size_t)(p->room = p->room * 2 + 64));
  if (!p->list) abort();
  p->list[p->count++] = pid;
}

static void gather(const char *cgroup, void *with) {
  char *pids = read_text(cgroup, "cgroup.procs"), *rest = pids, *line;
  while (pids && (line = strsep(&rest, "\n")))
    if (*line) add(with, atoi(line));
  free(pids);
}

// Where there is no cgroup: the processes of the container's pid namespace, or the first one if that is the host's.
static void gather_by_namespace(const char *dir, struct pids *p) {
  struct process first = state_process(dir);
  struct stat own, meant, found;
  char path[PATH_BYTES];
  if (!first.alive || !(p->list = malloc(sizeof *p->list))) return;
  p->list[0] = first.pid;
  p->count = p->room = 1;
  snprintf(path, sizeof path, "/proc/%d/ns/pid", first.pid);
  if (stat(path, &meant) < 0 || stat("/proc/self/ns/pid", &own) < 0 || own.st_ino == meant.st_ino) return;
  struct dirent **entries;
  int count = scandir("/proc", &entries, NULL, NULL);
  for (int i = 0; i < count; i++) {
    snprintf(path, sizeof path, "/proc/%s/ns/pid", entries[i]->d_name);
    int pid = atoi(entries[i]->d_name);
    if (pid > 0 && pid != first.pid && stat(path, &found) == 0 && found.st_ino == meant.st_ino) add(p, pid);
    free(entries[i]);
  }
  if (count >= 0) free(entries);
}

// Every process of the container.
static struct pids all_pids(const char *dir) {
  char cgroup[PATH_BYTES] = "";
  struct pids p = {0};
  each_cgroup(dir, "cgroups", first_cgroup, cgroup);
  if (*cgroup) each_below(cgroup, gather, &p);
  else gather_by_namespace(dir, &p);
  return p;
}

static int is_among(const struct pids *p, int pid) {
  for (int i = 0; i < p->count; i++)
    if (p->list[i] == pid) return 1;
  return 0;
}

// The host's own ps knows how to show processes; its rows of other processes are left out.
static int print_table(const struct cli *cli, const struct pids *p) {
  char command[PATH_BYTES] = "ps", line[PATH_BYTES];
  for (int i = 0; i < cli->argument_count; i++) {
    if (strspn(cli->arguments[i], "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-,=%_") != strlen(cli->arguments[i]))
      return fail(cli, "ps: option \"%s\" is not one of ps", cli->arguments[i]);
    snprintf(command + strlen(command), sizeof command - strlen(command), " %s", cli->arguments[i]);
  }
  if (cli->argument_count == 0) strcat(command, " -ef");
  FILE *ps = popen(command, "re");
  int column = -1;
  while (ps && fgets(line, sizeof line, ps)) {
    char copy[PATH_BYTES], *rest = copy, *word;
    int at = 0, pid = -1, is_head = column < 0;
    snprintf(copy, sizeof copy, "%s", line);
    while ((word = strsep(&rest, " \t\n"))) {
      if (!*word) continue;
      if (is_head && !strcmp(word, "PID")) column = at;
      if (!is_head && at == column) pid = atoi(word);
      at++;
    }
    if (is_head && column < 0) break;
    if (is_head || is_among(p, pid)) fputs(line, stdout);
  }
  if (ps) pclose(ps);
  return column < 0 ? fail(cli, "ps: the host's ps shows no PID column; use --format json") : 0;
}

int state_ps(const struct cli *cli) {
  if (state_of(cli->dir) == ABSENT) return fail(cli, "container \"%s\" does not exist", cli->id);
  struct pids p = all_pids(cli->dir);
  if (!cli->json) return print_table(cli, &p);
  printf("[");
  for (int i = 0; i < p.count; i++) printf("%s%d", i ? "," : "", p.list[i]);
  puts("]");
  return 0;
}

// Where the kernel does it by itself, nobody who forks meanwhile is missed.
static int kill_at_once(const char *cgroup) {
  char path[PATH_BYTES + 16];
  snprintf(path, sizeof path, "%s/cgroup.kill", cgroup);
  return write_file(path, "1", 1);
}

static void kill_in(const char *cgroup) {
  struct pids p = {0};
  if (kill_at_once(cgroup) == 0) return;
  gather(cgroup, &p);
  for (int i = 0; i < p.count; i++) kill(p.list[i], SIGKILL);
  free(p.list);
}

int state_kill(const char *dir, int signal, int all) {
  if (all) {
    char cgroup[PATH_BYTES] = "";
    each_cgroup(dir, "cgroups", first_cgroup, cgroup);
    if (signal == SIGKILL && *cgroup && kill_at_once(cgroup) == 0) return 0;
    struct pids p = all_pids(dir);
    int sent = 0;
    for (int i = 0; i < p.count; i++) sent += kill(p.list[i], signal) == 0;
    free(p.list);
    return sent ? 0 : -ESRCH;
  }
  struct process p = state_process(dir);
  int fd = p.alive ? (int)syscall(SYS_pidfd_open, p.pid, 0) : -1;
  if (fd < 0) return -ESRCH;
  // Between the look and the opening the number could have changed hands.
  int result = process_start(p.pid) != p.start ? -ESRCH : syscall(SYS_pidfd_send_signal, fd, signal, NULL, 0) < 0 ? -errno : 0;
  close(fd);
  return result;
}

int await_end(const char *dir) {
  struct process p = state_process(dir);
  int fd = p.alive ? (int)syscall(SYS_pidfd_open, p.pid, 0) : -1;
  if (fd < 0) return 0;
  struct pollfd ended = {fd, POLLIN, 0};
  int result = poll(&ended, 1, 10000) == 1 ? 0 : -ETIMEDOUT;
  close(fd);
  return result;
}

static void write_freezer(const char *cgroup, void *state) {
  char path[PATH_BYTES + 16];
  int frozen = !strcmp(state, "FROZEN");
  snprintf(path, sizeof path, "%s/freezer.state", cgroup);
  if (write_file(path, state, strlen(state)) == 0) return;
  snprintf(path, sizeof path, "%s/cgroup.freeze", cgroup);
  write_file(path, frozen ? "1" : "0", 1);  // the directories of other controllers have neither file
}

static void look_for_freezer(const char *cgroup, void *found) {
  static const char *const FILES[] = {"freezer.state", "cgroup.freeze"};
  char path[PATH_BYTES + 16];
  for (int i = 0; i < 2; i++) {
    snprintf(path, sizeof path, "%s/%s", cgroup, FILES[i]);
    if (access(path, F_OK) == 0) *(int *)found = 1;
  }
}

void unfreeze(const char *dir) { each_cgroup(dir, "cgroups", write_freezer, "THAWED"); }

int freeze(const struct cli *cli, const char *state) {
  enum status status = state_of(cli->dir);
  int freezes = !strcmp(state, "FROZEN");
  if (status == ABSENT) return fail(cli, "container \"%s\" does not exist", cli->id);
  if (freezes ? status != RUNNING && status != CREATED : status != PAUSED)
    return fail(cli, freezes ? "container not running or created: %s" : "container not paused: %s", STATUS_NAMES[status]);
  int can = 0;
  each_cgroup(cli->dir, "cgroups", look_for_freezer, &can);
  if (!can) return fail(cli, "the container has no cgroup that can be frozen");
  each_cgroup(cli->dir, "cgroups", write_freezer, (void *)(uintptr_t)state);
  // The kernel stops one process after the other and tells nobody when the last stands still.
  for (int i = 0; i < 2000; i++) {
    int frozen = 0;
    each_cgroup(cli->dir, "cgroups", look_frozen, &frozen);
    if (frozen == freezes) return 0;
    nanosleep(&(struct timespec){0, 1000000}, NULL);
  }
  return fail(cli, "the freezer did not settle within 2 s");
}

static void remove_cgroup(const char *cgroup, void *failed) {
  kill_in(cgroup);
  // The kernel lets go of a cgroup a moment after its last process, and on version 1 tells nobody.
  for (int i = 0; i < 2000 && rmdir(cgroup) < 0 && errno != ENOENT; i++) {
    if (errno != EBUSY || i == 1999) *(int *)failed = errno;
    nanosleep(&(struct timespec){0, 1000000}, NULL);
    if (i % 100 == 99) kill_in(cgroup);  // who forked meanwhile
  }
}

static void remove_tree(const char *cgroup, void *failed) {
  if (rmdir(cgroup) < 0 && errno != ENOENT) each_below(cgroup, remove_cgroup, failed);
}

// Takes away what is empty now above a cgroup, as far as it was made for containers. What others use stays.
static void remove_parents(const char *cgroup, void *keeps_shared) {
  char path[PATH_BYTES], *slash;
  snprintf(path, sizeof path, "%s", cgroup);
  while ((slash = strrchr(path, '/')) > path) {
    *slash = 0;
    const char *name = strrchr(path, '/');
    if (!is_marked(path) || (*(int *)keeps_shared && name && !strcmp(name, "/waybill")) || rmdir(path) < 0) return;
  }
}

static void stop_unit(const char *dir, int *failed) {
  char path[PATH_BYTES + 16];
  struct stat status;
  snprintf(path, sizeof path, "%s/%s", dir, STOP_CALL);
  if (stat(path, &status) < 0) return;
  char *call = read_text(dir, STOP_CALL);
  int result = call ? systemd_stop(call, (size_t)status.st_size) : -ENOMEM;
  if (result < 0) *failed = -result;
  free(call);
}

int state_remove(const char *dir, int keeps_shared) {
  int failed = 0;
  stop_unit(dir, &failed);
  each_cgroup(dir, "owned", remove_tree, &failed);
  each_cgroup(dir, "owned", remove_parents, &keeps_shared);
  struct dirent **entries;
  int count = scandir(dir, &entries, NULL, NULL);
  for (int i = 0; i < count; i++) {
    char path[PATH_BYTES + 320];
    snprintf(path, sizeof path, "%s/%s", dir, entries[i]->d_name);
    unlink(path);
    free(entries[i]);
  }
  if (count >= 0) free(entries);
  return rmdir(dir) < 0 && errno != ENOENT ? -errno : -failed;
}
