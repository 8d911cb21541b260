// Reads the command line, as runc's users write it.
#include <signal.h>

#include "cli.h"

static const char USAGE[] =
    "usage: waybill-runner [--root DIR] [--log FILE] [--log-format text|json] [--debug] COMMAND\n"
    "  run [-d] [-b DIR] [--pid-file F] [--console-socket S] [--preserve-fds N] [--no-pivot] [--keep] ID\n"
    "  create [-b DIR] [--pid-file F] [--console-socket S] [--preserve-fds N] [--no-pivot] ID\n"
    "  start ID | state ID | kill [-a] ID [SIGNAL] | delete [-f] ID | pause ID | resume ID\n"
    "  exec [-d] [-p FILE] [-t] [--cwd D] [-u UID[:GID]] [-g GID] [-e K=V] [-c CAP] [--pid-file F] ID [PROGRAM ARG...]\n"
    "  ps [-f json|table] ID [PS-OPTION...] | list [-q] [-f json|table] | events [--stats] [--interval 5s] ID\n"
    "  update [-r FILE|-] [--memory BYTES] [--cpu-quota US] [--pids-limit N] ... ID\n"
    "  checkpoint [--image-path DIR] [--work-path DIR] [--leave-running] [--pre-dump] [--parent-path DIR] [--tcp-established]\n"
    "    [--ext-unix-sk] [--shell-job] [--file-locks] [--empty-ns network] [--manage-cgroups-mode M] [--page-server A:P] ID\n"
    "  restore [-d] [-b DIR] [--pid-file F] [--console-socket S] [--image-path DIR] [--work-path DIR] [--tcp-established]\n"
    "    [--ext-unix-sk] [--shell-job] [--file-locks] [--empty-ns network] [--manage-cgroups-mode M] [--lsm-profile P]\n"
    "    [--lsm-mount-context C] ID\n"
    "  plan [--json] [-b DIR] [--diff OTHER] [ID] | spec [-b DIR] [--rootless] | features\n"
    "  compiler: stays and answers the commands of a user who has no service\n"
    "  service [--root DIR] [--socket PATH] [--uid N]\n";

static void add_to_log(const struct cli *cli, const char *level, const char *message) {
  char escaped[8192], *to = escaped;
  FILE *log = cli->log ? fopen(cli->log, "ae") : NULL;
  if (!log) return;
  for (const char *c = message; *c; c++) {
    if (*c == '"' || *c == '\\') *to++ = '\\';
    *to++ = *c < ' ' && *c >= 0 ? ' ' : *c;
  }
  *to = 0;
  char when[32];
  time_t now = time(NULL);
  strftime(when, sizeof when, "%Y-%m-%dT%H:%M:%SZ", gmtime(&now));
  int json = cli->log_format && !strcmp(cli->log_format, "json");
  fprintf(log, json ? "{\"level\":\"%s\",\"msg\":\"%s\",\"time\":\"%s\"}\n" : "level=%s msg=\"%s\" time=\"%s\"\n", level,
          escaped, when);
  fclose(log);
}

int fail(const struct cli *cli, const char *format, ...) {
  char message[4096];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(message, sizeof message, format, arguments);
  va_end(arguments);
  fprintf(stderr, "waybill-runner: %s\n", message);
  add_to_log(cli, "error", message);
  return EXIT_FAILED;
}

void warn(const struct cli *cli, const char *format, ...) {
  char message[4096];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(message, sizeof message, format, arguments);
  va_end(arguments);
  // Not on stderr unasked: in `run` that is the container's own.
  if (cli->debug) fprintf(stderr, "waybill-runner: warning: %s\n", message);
  add_to_log(cli, "warning", message);
}

static int signal_number(const char *name) {
  if (*name >= '0' && *name <= '9') return atoi(name);
  if (!strncasecmp(name, "SIG", 3)) name += 3;
  int real_time;
  if (sscanf(name, "RTMIN+%d", &real_time) == 1) return 34 + real_time;
  return signal_by_name(name);
}

static int needs_id(const char *verb) {
  return strcmp(verb, "list") && strcmp(verb, "plan") && strcmp(verb, "spec") && strcmp(verb, "features") &&
         strcmp(verb, "compiler");
}

static int id_is_good(const char *id) {
  size_t length = strspn(id, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.+");
  return length > 0 && length <= 1024 && !id[length] && strcmp(id, ".") && strcmp(id, "..");
}

static int print_text(struct cli *cli, const char *verb) {
  struct answer answer;
  if (!strcmp(verb, "features")) {
    cli->extras[cli->extra_count].key = "checkpoint";
    cli->extras[cli->extra_count++].value = *criu_unable(cli) ? "false" : "true";
  }
  int result = ask(cli, verb, &answer);
  if (result == 0) fputs(answer.text, stdout);
  return result;
}

// As runc does: a file in the bundle, and never over one that is there.
static int write_spec(struct cli *cli) {
  struct answer answer;
  char path[PATH_BYTES + 16];
  int result = ask(cli, "spec", &answer);
  if (result != 0) return result;
  snprintf(path, sizeof path, "%s/config.json", cli->bundle);
  int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
  if (fd < 0 && errno == EEXIST) return fail(cli, "file %s exists; remove it first", path);
  if (fd < 0) return fail(cli, "open %s: %s", path, errno_name(errno));
  result = write_all(fd, answer.text, strlen(answer.text));
  close(fd);
  return result < 0 ? fail(cli, "write %s: %s", path, errno_name(-result)) : 0;
}

static int run_kill(struct cli *cli) {
  int number = cli->argument_count > 0 ? signal_number(cli->arguments[0]) : SIGTERM;
  enum status status = state_of(cli->dir);
  if (number < 0) return fail(cli, "unknown signal %s", cli->arguments[0]);
  if (status == ABSENT) return fail(cli, "container \"%s\" does not exist", cli->id);
  if (status == STOPPED && !cli->all) return fail(cli, "container not running");
  int result = state_kill(cli->dir, number, cli->all);
  if (result < 0 && !cli->all) return fail(cli, "kill %d: %s", number, errno_name(-result));
  // A frozen process of cgroup v1 does not die before it is thawed.
  if (number == SIGKILL && status == PAUSED) unfreeze(cli->dir);
  return 0;
}

static int run_verb(struct cli *cli, const char *verb) {
  if (!strcmp(verb, "create")) return verb_create(cli, 0);
  if (!strcmp(verb, "run")) return verb_create(cli, 1);
  if (!strcmp(verb, "start")) return verb_start(cli);
  if (!strcmp(verb, "state")) return state_print(cli);
  if (!strcmp(verb, "kill")) return run_kill(cli);
  if (!strcmp(verb, "delete")) return verb_delete(cli);
  if (!strcmp(verb, "exec")) return verb_exec(cli);
  if (!strcmp(verb, "pause")) return freeze(cli, "FROZEN");
  if (!strcmp(verb, "resume")) return freeze(cli, "THAWED");
  if (!strcmp(verb, "ps")) return state_ps(cli);
  if (!strcmp(verb, "list")) return state_list(cli);
  if (!strcmp(verb, "update")) return verb_update(cli);
  if (!strcmp(verb, "events")) return verb_events(cli);
  if (!strcmp(verb, "checkpoint")) return verb_checkpoint(cli);
  if (!strcmp(verb, "restore")) return verb_restore(cli);
  if (!strcmp(verb, "spec")) return write_spec(cli);
  if (!strcmp(verb, "compiler")) return exec_compiler(cli);
  if (!strcmp(verb, "plan") || !strcmp(verb, "features")) return print_text(cli, verb);
  fail(cli, "unknown command %s", verb);
  fputs(USAGE, stderr);
  return EXIT_USAGE;
}

static void absolute(const char **path, char *buffer) {
  if (*path && realpath(*path, buffer)) *path = buffer;
}

// Systemd makes units for root alone: a user's own systemd would have to own the cgroups that users have.
static int check_manager(const struct cli *cli) {
  if (!cli->systemd) return 0;
  if (geteuid() != 0) return fail(cli, "--systemd-cgroup: works for root only; leave the option out");
  if (access("/run/systemd/private", F_OK) < 0)
    return fail(cli, "--systemd-cgroup: systemd does not run here (no /run/systemd/private); leave the option out");
  return 0;
}

static int take_id(struct cli *cli, char ***at) {
  if (**at && !cli->id) cli->id = *(*at)++;
  if (needs_id(cli->verb) && !cli->id) return fail(cli, "%s needs the id of a container", cli->verb), EXIT_USAGE;
  if (cli->id && !id_is_good(cli->id)) return fail(cli, "invalid container id \"%s\"", cli->id);
  cli->arguments = (const char **)(uintptr_t)*at;
  while ((*at)[cli->argument_count]) cli->argument_count++;
  snprintf(cli->dir, sizeof cli->dir, "%s/%s", cli->root, cli->id ? cli->id : "plan");
  return 0;
}

static int makes_process(const char *verb) {
  return !strcmp(verb, "create") || !strcmp(verb, "run") || !strcmp(verb, "exec");
}

// Runs this program again from where a container cannot overwrite it, and has the plan compiled meanwhile.
static int become_safe(struct cli *cli, char **argv) {
  int is_exec = !strcmp(cli->verb, "exec"), result = 0;
  if (!has_asked()) {
    if (is_exec) result = prepare_exec(cli);
    if (result != 0) return EXIT_EXEC_FAILED;
    ask_ahead(cli, is_exec ? "exec" : "create");
  }
  result = seal_self(argv);
  return result < 0 ? fail(cli, "cannot copy myself into memory: %s", errno_name(-result)) : 0;
}

int cli_main(int argc, char **argv) {
  static struct cli cli;
  static char bundle[PATH_BYTES], root[PATH_BYTES], other[PATH_BYTES];
  char **at = argv + 1;
  (void)argc;
  if (take_options(&cli, &at) < 0) return EXIT_USAGE;
  if (!*at || !strcmp(*at, "--help") || !strcmp(*at, "help")) return fputs(USAGE, *at ? stdout : stderr), *at ? 0 : EXIT_USAGE;
  cli.verb = *at++;
  if (!strcmp(cli.verb, "service")) return exec_service(&cli, at);
  if (take_options(&cli, &at) < 0) return EXIT_USAGE;
  if (*at && !strcmp(*at, "--help")) return fputs(USAGE, stdout), 0;
  if (!cli.root) cli.root = default_root();
  if (!cli.root) return fail(&cli, "no place for the state: set XDG_RUNTIME_DIR, or say --root DIR");
  if (!cli.bundle) cli.bundle = ".";
  absolute(&cli.bundle, bundle);
  absolute(&cli.root, root);
  absolute(&cli.other, other);
  int result = take_id(&cli, &at);
  if (result == 0) result = check_manager(&cli);
  if (result == 0 && makes_process(cli.verb)) result = become_safe(&cli, argv);
  return result != 0 ? result : run_verb(&cli, cli.verb);
}
