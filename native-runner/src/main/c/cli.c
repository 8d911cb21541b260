// Reads the command line, as runc's users write it.
#include <signal.h>

#include "cli.h"

static const char USAGE[] =
    "usage: waybill-runner [--root DIR] [--log FILE] [--log-format text|json] COMMAND\n"
    "  run [-d] [-b DIR] [--pid-file F] [--console-socket S] [--preserve-fds N] [--keep] ID\n"
    "  create [-b DIR] [--pid-file F] [--console-socket S] [--preserve-fds N] ID\n"
    "  start ID | state ID | kill [-a] ID [SIGNAL] | delete [-f] ID | pause ID | resume ID\n"
    "  exec [-d] [-p FILE] [-t] [--cwd D] [-u UID[:GID]] [-e K=V] [--pid-file F] ID [PROGRAM ARG...]\n"
    "  ps [-f json] ID | list [-q] [-f json] | plan [--json] [-b DIR] [ID] | spec | features\n"
    "  service [--root DIR] [--socket PATH] [--uid N]\n";

int fail(const struct cli *cli, const char *format, ...) {
  char message[4096], escaped[8192];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(message, sizeof message, format, arguments);
  va_end(arguments);
  fprintf(stderr, "waybill-runner: %s\n", message);
  FILE *log = cli->log ? fopen(cli->log, "ae") : NULL;
  if (!log) return EXIT_FAILED;
  char *to = escaped;
  for (const char *c = message; *c; c++) {
    if (*c == '"' || *c == '\\') *to++ = '\\';
    *to++ = *c < ' ' && *c >= 0 ? ' ' : *c;
  }
  *to = 0;
  char when[32];
  time_t now = time(NULL);
  strftime(when, sizeof when, "%Y-%m-%dT%H:%M:%SZ", gmtime(&now));
  int json = cli->log_format && !strcmp(cli->log_format, "json");
  fprintf(log, json ? "{\"level\":\"error\",\"msg\":\"%s\",\"time\":\"%s\"}\n" : "level=error msg=\"%s\" time=\"%s\"\n",
          escaped, when);
  fclose(log);
  return EXIT_FAILED;
}

static int signal_number(const char *name) {
  if (*name >= '0' && *name <= '9') return atoi(name);
  if (!strncmp(name, "SIG", 3)) name += 3;
  for (int s = 1; s < 32; s++)
    if (sigabbrev_np(s) && !strcmp(sigabbrev_np(s), name)) return s;
  return -1;
}

struct option {
  const char *name;
  const char **text;  // takes a value
  int *flag;
};

// One option at argv[0]; returns how many words it took, 0 if it is none, -1 if it is unknown.
static int take_option(struct cli *cli, char **argv) {
  static const char *ignored, *number, *format, *env;
  static int ignore;
  struct option options[] = {
      {"--root", &cli->root, 0},       {"--log", &cli->log, 0},         {"--log-format", &cli->log_format, 0},
      {"--bundle", &cli->bundle, 0},   {"-b", &cli->bundle, 0},         {"--pid-file", &cli->pid_file, 0},
      {"--cwd", &cli->cwd, 0},         {"--process", &cli->process, 0}, {"-p", &cli->process, 0},
      {"--user", &cli->user, 0},       {"-u", &cli->user, 0},           {"--console-socket", &cli->console_socket, 0},
      {"--env", &env, 0},              {"-e", &env, 0},                 {"--preserve-fds", &number, 0},
      {"--format", &format, 0},        {"--rootless", &ignored, 0},     {"--force", 0, &cli->force},
      {"--all", 0, &cli->all},         {"-a", 0, &cli->all},            {"--detach", 0, &cli->detach},
      {"-d", 0, &cli->detach},         {"--tty", 0, &cli->tty},         {"-t", 0, &cli->tty},
      {"--json", 0, &cli->json},       {"--quiet", 0, &cli->quiet},     {"-q", 0, &cli->quiet},
      {"--keep", 0, &cli->keep},       {"--debug", 0, &ignore},         {"--no-new-keyring", 0, &ignore},
      {"--no-pivot", 0, &ignore},      {"--no-new-privs", 0, &cli->no_new_privs}};
  if (argv[0][0] != '-' || !argv[0][1]) return 0;
  size_t length = strcspn(argv[0], "=");
  for (size_t i = 0; i < sizeof options / sizeof *options; i++) {
    if (strlen(options[i].name) != length || strncmp(options[i].name, argv[0], length)) continue;
    if (options[i].flag) return *options[i].flag = 1;
    const char *value = argv[0][length] ? argv[0] + length + 1 : argv[1];
    if (!value) return -1;
    *options[i].text = value;
    if (options[i].text == &number) cli->keep_fds = atoi(value);
    if (options[i].text == &format) cli->json = !strcmp(value, "json");
    if (options[i].text == &env && cli->env_count < 256) cli->env[cli->env_count++] = value;
    return argv[0][length] ? 1 : 2;
  }
  return -1;
}

static int take_options(struct cli *cli, char ***argv) {
  while (**argv) {
    // -f is the format of listings and the force of delete.
    if (!strcmp(**argv, "-f")) {
      cli->force = 1;
      if ((*argv)[1] && (!strcmp((*argv)[1], "json") || !strcmp((*argv)[1], "table")))
        cli->json = !strcmp(*++*argv, "json");
      ++*argv;
      continue;
    }
    int taken = take_option(cli, *argv);
    if (taken < 0) {
      fail(cli, "unknown option or missing value: %s", **argv);
      return -1;
    }
    if (taken == 0) return 0;
    *argv += taken;
  }
  return 0;
}

static int needs_id(const char *verb) {
  return strcmp(verb, "list") && strcmp(verb, "plan") && strcmp(verb, "spec") && strcmp(verb, "features");
}

static int id_is_good(const char *id) {
  size_t length = strspn(id, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.+");
  return length > 0 && length <= 1024 && !id[length] && strcmp(id, ".") && strcmp(id, "..");
}

static int print_text(struct cli *cli, const char *verb) {
  struct answer answer;
  int result = ask(cli, verb, &answer);
  if (result == 0) fputs(answer.text, stdout);
  return result;
}

static int run_kill(struct cli *cli) {
  int number = cli->argument_count > 0 ? signal_number(cli->arguments[0]) : SIGTERM;
  enum status status = state_of(cli->dir);
  if (number < 0) return fail(cli, "unknown signal %s", cli->arguments[0]);
  if (status == ABSENT) return fail(cli, "container \"%s\" does not exist", cli->id);
  if (status == STOPPED && !cli->all) return fail(cli, "container not running");
  int result = state_kill(cli->dir, number, cli->all);
  return result < 0 && !cli->all ? fail(cli, "kill %d: %s", number, strerrorname_np(-result)) : 0;
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
  if (!strcmp(verb, "plan") || !strcmp(verb, "spec") || !strcmp(verb, "features")) return print_text(cli, verb);
  fail(cli, "unknown command %s", verb);
  fputs(USAGE, stderr);
  return EXIT_USAGE;
}

static void absolute(const char **path, char *buffer) {
  if (*path && realpath(*path, buffer)) *path = buffer;
}

int cli_main(int argc, char **argv) {
  static struct cli cli;
  static char bundle[PATH_BYTES], root[PATH_BYTES];
  char **at = argv + 1;
  (void)argc;
  cli.root = "/run/waybill-runner";
  if (take_options(&cli, &at) < 0) return EXIT_USAGE;
  if (!*at || !strcmp(*at, "--help")) return fputs(USAGE, *at ? stdout : stderr), *at ? 0 : EXIT_USAGE;
  const char *verb = *at++;
  if (!strcmp(verb, "service")) return exec_service(&cli, at);
  if (!strcmp(verb, "create") || !strcmp(verb, "run") || !strcmp(verb, "exec")) {
    int result = seal_self(argv);
    if (result < 0) return fail(&cli, "cannot copy myself into memory: %s", strerrorname_np(-result));
  }
  if (take_options(&cli, &at) < 0) return EXIT_USAGE;
  if (*at && !cli.id) cli.id = *at++;
  if (needs_id(verb) && !cli.id) return fail(&cli, "%s needs the id of a container", verb), EXIT_USAGE;
  if (cli.id && !id_is_good(cli.id)) return fail(&cli, "invalid container id \"%s\"", cli.id);
  cli.arguments = (const char **)(uintptr_t)at;
  while (at[cli.argument_count]) cli.argument_count++;
  if (!cli.bundle) cli.bundle = ".";
  absolute(&cli.bundle, bundle);
  absolute(&cli.root, root);
  snprintf(cli.dir, sizeof cli.dir, "%s/%s", cli.root, cli.id ? cli.id : "plan");
  return run_verb(&cli, verb);
}
