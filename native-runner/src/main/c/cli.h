// The OCI command line. It asks the warm service for a plan, or a compiler of its own, and executes it itself, so
// that the container descends from this process.
#ifndef WAYBILL_CLI_H
#define WAYBILL_CLI_H

#include "runner.h"

enum { ARGUMENTS_MAX = 4096, REQUEST_BYTES_MAX = 1 << 20, PATH_BYTES = 4096 };
enum { EXIT_FAILED = 1, EXIT_USAGE = 2 };

struct cli {
  const char *root, *log, *log_format;
  const char *id, *bundle, *pid_file, *console_socket, *process, *cwd, *user;
  const char *env[256], **arguments;
  int env_count, argument_count;
  int force, all, detach, tty, json, quiet, keep, keep_fds, no_new_privs;
  char dir[PATH_BYTES];  // of the container's state
};

// What the compiler answers: a plan, or a text.
struct answer {
  char *plan, *lines, *tail, *cgroups, *text;
  size_t plan_size;
};

// Says what is wrong on stderr and in the log; returns EXIT_FAILED.
int fail(const struct cli *cli, const char *format, ...) __attribute__((format(printf, 2, 3)));

// compiler.c
int ask(const struct cli *cli, const char *verb, struct answer *answer);
int exec_service(const struct cli *cli, char **arguments);
// The path this program was started from, even when it runs from a sealed copy.
const char *own_path(void);
// Runs this program from a copy in memory that a container cannot overwrite; returns only if it does already.
int seal_self(char **argv);

// state.c
struct process {
  pid_t pid;
  uint64_t start;
  int alive;
};
enum status { ABSENT, CREATED, RUNNING, PAUSED, STOPPED };
extern const char *const STATUS_NAMES[];
struct process state_process(const char *dir);
enum status state_of(const char *dir);
char *read_text(const char *dir, const char *name);
int state_print(const struct cli *cli);
int state_list(const struct cli *cli);
int state_ps(const struct cli *cli);
int state_remove(const char *dir);
int freeze(const struct cli *cli, const char *state);
// Sends a signal to the first process, or to all in the container's cgroup; 0 or -errno.
int state_kill(const char *dir, int signal, int all);
int await_end(const char *dir);

// verbs.c
int verb_create(struct cli *cli, int run);
int verb_start(struct cli *cli);
int verb_exec(struct cli *cli);
int verb_delete(struct cli *cli);

int cli_main(int argc, char **argv);

#endif
