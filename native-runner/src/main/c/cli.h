// The OCI command line. It asks the warm service for a plan, or a compiler of its own, and executes it itself, so
// that the container descends from this process.
#ifndef WAYBILL_CLI_H
#define WAYBILL_CLI_H

#include "runner.h"

enum { REQUEST_BYTES_MAX = 1 << 20, PATH_BYTES = 4096, EXTRAS_MAX = 512 };
// Of exec as runc has it: a number that few programs end with.
enum { EXIT_FAILED = 1, EXIT_USAGE = 2, EXIT_EXEC_FAILED = 255 };

struct cli {
  const char *verb, *root, *log, *log_format;
  const char *id, *bundle, *pid_file, *console_socket, *pidfd_socket, *process, *cwd, *user, *resources, *interval, *other;
  const char *rootless;
  // For criu.
  const char *criu, *image_path, *work_path, *parent_path, *cgroups_mode, *empty_namespace, *page_server, *profile, *mount_context;
  int leave_running, pre_dump, tcp_established, ext_unix_sk, shell_job, file_locks, auto_dedup, lazy_pages;
  // Options that only the compiler understands, each with the key that it knows.
  struct {
    const char *key, *value;
  } extras[EXTRAS_MAX];
  int extra_count;
  const char **arguments;
  int argument_count;
  int force, all, detach, tty, json, quiet, keep, keep_fds, no_new_privs, no_pivot, no_keyring, systemd, stats, debug;
  int rootless_sample;
  char dir[PATH_BYTES];  // of the container's state
};

// What the compiler answers: a plan, or a text.
struct answer {
  char *plan, *lines, *tail, *cgroups, *text, *notes;
  char *stop;  // the call that takes systemd's unit away
  size_t plan_size, stop_size;
  int network;  // a network namespace that is ready, or -1
};

// Says what is wrong on stderr and in the log; returns EXIT_FAILED.
int fail(const struct cli *cli, const char *format, ...) __attribute__((format(printf, 2, 3)));

// The same for what does not end the command.
void warn(const struct cli *cli, const char *format, ...) __attribute__((format(printf, 2, 3)));

// options.c
// Takes the options at the front; 0, or -1 after saying what is wrong.
int take_options(struct cli *cli, char ***argv);

// rootless.c
// Where state lies unless --root says; NULL when there is no such place for this user.
const char *default_root(void);
// Whether the process at the other end of a socket has this one's rights.
int is_like_me(int socket);
// A descriptor of its own for what NUMBER is to that process; -1 when it cannot be had.
int descriptor_of_peer(int socket, const char *number);

// compiler.c
int ask(const struct cli *cli, const char *verb, struct answer *answer);
// Sends the question of a coming `ask` to a warm compiler, where there is one: it answers while this program runs itself again.
void ask_ahead(const struct cli *cli, const char *verb);
int has_asked(void);
int exec_compiler(const struct cli *cli);
// Whether a compiler answers this user.
int is_warm(const struct cli *cli);
int exec_service(const struct cli *cli, char **arguments);
// The path this program was started from, even when it runs from a sealed copy.
const char *own_path(void);
// Runs this program from where a container cannot overwrite it, a read-only mount or a copy in memory; returns only if it does already.
int seal_self(char **argv);

// Makes a directory for state, with all its parents.
void make_root(const char *path);

// record.c
char *read_text(const char *dir, const char *name);
// A part of the record that creating wrote; the caller frees it. NULL when there is none.
char *read_part(const char *dir, const char *name);
// Writes the record: name and text in turn, NULL at the end.
int save_record(const char *dir, ...) __attribute__((sentinel));
// Where systemd made the cgroups, the call that takes them away.
#define STOP_CALL "stop-call"
// Takes over from the record what the command line of a later command does not say again.
void remember(struct cli *cli);

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
int state_print(const struct cli *cli);
int state_list(const struct cli *cli);
int state_ps(const struct cli *cli);
// Removes what creating made: its cgroups with whatever runs there, the state directory, and parents that are
// empty now and were made for containers; with KEEPS_SHARED not the one of all that have no path of their own.
int state_remove(const char *dir, int keeps_shared);
// Calls back for every directory of the container's cgroups that NAME lists.
void each_cgroup(const char *dir, const char *name, void (*visit)(const char *, void *), void *with);
// One of those, which keeps the first in a buffer of PATH_BYTES that begins empty.
void first_cgroup(const char *cgroup, void *into);
void unfreeze(const char *dir);
int freeze(const struct cli *cli, const char *state);
// Sends a signal to the first process, or to all in the container's cgroup; 0 or -errno.
int state_kill(const char *dir, int signal, int all);
int await_end(const char *dir);

// verbs.c
// Whether a process can be executed in the container; 0, or the exit code after saying why not.
int prepare_exec(struct cli *cli);
int verb_create(struct cli *cli, int run);
int verb_start(struct cli *cli);
int verb_exec(struct cli *cli);
int verb_delete(struct cli *cli);

// Parts of these that restoring needs as well.
int explain(const struct cli *cli, const struct answer *answer, const struct report *report);
void log_notes(const struct cli *cli, const struct answer *answer);
int make_state(const struct cli *cli, const struct answer *answer);
int tell_process(const struct cli *cli, const struct runner *r);
int remove_with_hooks(const struct cli *cli);
int hooks_of_start(const struct cli *cli);
int stay_with(const struct runner *r);

// live.c: what changes or follows a container that runs
int verb_update(struct cli *cli);
int verb_events(struct cli *cli);

// checkpoint.c, restore.c
int verb_checkpoint(struct cli *cli);
int verb_restore(struct cli *cli);

// criu.c
// Why criu cannot on this host; "" where it can.
const char *criu_unable(const struct cli *cli);

// relay.c
// Copies between this command's stdio and a container's terminal until the container's process has ended.
void relay(int terminal, int child_fd);

int cli_main(int argc, char **argv);

#endif
