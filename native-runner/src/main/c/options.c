// The options, as runc's users write them: `--name value`, `--name=value`, short ones; each belongs to some commands.
#include "cli.h"

struct option {
  const char *name, *brief;
  const char *verbs;  // " create run "; "" is before the command, NULL is anywhere
  const char **text;  // takes a value
  int *flag, *number;
  const char *key;  // passed on to the compiler
};

#define MAKES " create run restore "
#define UPDATES " update "
#define CRIU " checkpoint restore "

static const struct option *find(const struct option *options, const char *verb, const char *word, size_t length) {
  for (const struct option *o = options; o->name; o++) {
    int named = strlen(o->name) == length && !strncmp(o->name, word, length);
    if (!named && !(o->brief && length == 2 && !strncmp(o->brief, word, 2))) continue;
    char padded[64];
    snprintf(padded, sizeof padded, " %s ", verb ? verb : "");
    if (!o->verbs || (verb ? strstr(o->verbs, padded) != NULL : !*o->verbs)) return o;
  }
  return NULL;
}

// One option at argv[0]; how many words it took, 0 if it is none, -1 if it is unknown or lacks its value.
static int take_option(struct cli *cli, char **argv) {
  static const char *ignored, *format;
  static int ignore;
  const struct option options[] = {
      {.name = "--root", .text = &cli->root},
      {.name = "--log", .text = &cli->log},
      {.name = "--log-format", .text = &cli->log_format},
      {.name = "--log-level", .text = &ignored},
      {.name = "--debug", .flag = &cli->debug},
      {.name = "--rootless", .verbs = "", .text = &cli->rootless},
      {.name = "--rootless", .verbs = " spec ", .flag = &cli->rootless_sample},
      {.name = "--criu", .verbs = "", .text = &cli->criu},
      {.name = "--systemd-cgroup", .flag = &cli->systemd},
      {.name = "--cgroup-manager", .verbs = "", .text = &ignored},
      {.name = "--bundle", .brief = "-b", .verbs = MAKES "spec plan ", .text = &cli->bundle},
      {.name = "--pid-file", .verbs = MAKES "exec ", .text = &cli->pid_file},
      {.name = "--console-socket", .verbs = MAKES "exec ", .text = &cli->console_socket},
      {.name = "--pidfd-socket", .verbs = MAKES "exec ", .text = &cli->pidfd_socket},
      {.name = "--preserve-fds", .verbs = MAKES "exec ", .number = &cli->keep_fds},
      {.name = "--no-pivot", .verbs = MAKES, .flag = &cli->no_pivot},
      {.name = "--no-new-keyring", .verbs = MAKES, .flag = &cli->no_keyring},
      {.name = "--no-subreaper", .verbs = " run restore exec ", .flag = &ignore},
      {.name = "--keep", .verbs = " run ", .flag = &cli->keep},
      {.name = "--detach", .brief = "-d", .verbs = " run exec restore ", .flag = &cli->detach},
      {.name = "--process", .brief = "-p", .verbs = " exec ", .text = &cli->process},
      {.name = "--cwd", .verbs = " exec ", .text = &cli->cwd},
      {.name = "--user", .brief = "-u", .verbs = " exec ", .text = &cli->user},
      {.name = "--additional-gids", .brief = "-g", .verbs = " exec ", .key = "gid"},
      {.name = "--env", .brief = "-e", .verbs = " exec ", .key = "env"},
      {.name = "--cap", .brief = "-c", .verbs = " exec ", .key = "cap"},
      {.name = "--tty", .brief = "-t", .verbs = " exec ", .flag = &cli->tty},
      {.name = "--no-new-privs", .verbs = " exec ", .flag = &cli->no_new_privs},
      {.name = "--process-label", .verbs = " exec ", .key = "selinux"},
      {.name = "--apparmor", .verbs = " exec ", .key = "apparmor"},
      {.name = "--ignore-paused", .verbs = " exec ", .flag = &ignore},
      {.name = "--all", .brief = "-a", .verbs = " kill ", .flag = &cli->all},
      {.name = "--force", .brief = "-f", .verbs = " delete ", .flag = &cli->force},
      {.name = "--format", .brief = "-f", .verbs = " list ps ", .text = &format},
      {.name = "--quiet", .brief = "-q", .verbs = " list ", .flag = &cli->quiet},
      {.name = "--json", .verbs = " plan ", .flag = &cli->json},
      {.name = "--diff", .verbs = " plan ", .text = &cli->other},
      {.name = "--stats", .verbs = " events ", .flag = &cli->stats},
      {.name = "--interval", .verbs = " events ", .text = &cli->interval},
      {.name = "--resources", .brief = "-r", .verbs = UPDATES, .text = &cli->resources},
      {.name = "--blkio-weight", .verbs = UPDATES, .key = "blkio-weight"},
      {.name = "--cpu-period", .verbs = UPDATES, .key = "cpu-period"},
      {.name = "--cpu-quota", .verbs = UPDATES, .key = "cpu-quota"},
      {.name = "--cpu-burst", .verbs = UPDATES, .key = "cpu-burst"},
      {.name = "--cpu-share", .verbs = UPDATES, .key = "cpu-share"},
      {.name = "--cpu-rt-period", .verbs = UPDATES, .key = "cpu-rt-period"},
      {.name = "--cpu-rt-runtime", .verbs = UPDATES, .key = "cpu-rt-runtime"},
      {.name = "--cpu-idle", .verbs = UPDATES, .key = "cpu-idle"},
      {.name = "--cpuset-cpus", .verbs = UPDATES, .key = "cpuset-cpus"},
      {.name = "--cpuset-mems", .verbs = UPDATES, .key = "cpuset-mems"},
      {.name = "--kernel-memory", .verbs = UPDATES, .key = "kernel-memory"},
      {.name = "--kernel-memory-tcp", .verbs = UPDATES, .key = "kernel-memory-tcp"},
      {.name = "--memory", .verbs = UPDATES, .key = "memory"},
      {.name = "--memory-reservation", .verbs = UPDATES, .key = "memory-reservation"},
      {.name = "--memory-swap", .verbs = UPDATES, .key = "memory-swap"},
      {.name = "--pids-limit", .verbs = UPDATES, .key = "pids-limit"},
      {.name = "--l3-cache-schema", .verbs = UPDATES, .key = "l3-cache-schema"},
      {.name = "--mem-bw-schema", .verbs = UPDATES, .key = "mem-bw-schema"},
      {.name = "--image-path", .verbs = CRIU, .text = &cli->image_path},
      {.name = "--work-path", .verbs = CRIU, .text = &cli->work_path},
      {.name = "--parent-path", .verbs = " checkpoint ", .text = &cli->parent_path},
      {.name = "--page-server", .verbs = " checkpoint ", .text = &cli->page_server},
      {.name = "--pre-dump", .verbs = " checkpoint ", .flag = &cli->pre_dump},
      {.name = "--leave-running", .verbs = " checkpoint ", .flag = &cli->leave_running},
      {.name = "--manage-cgroups-mode", .verbs = CRIU, .text = &cli->cgroups_mode},
      {.name = "--empty-ns", .verbs = CRIU, .text = &cli->empty_namespace},
      {.name = "--tcp-established", .verbs = CRIU, .flag = &cli->tcp_established},
      {.name = "--ext-unix-sk", .verbs = CRIU, .flag = &cli->ext_unix_sk},
      {.name = "--shell-job", .verbs = CRIU, .flag = &cli->shell_job},
      {.name = "--file-locks", .verbs = CRIU, .flag = &cli->file_locks},
      {.name = "--auto-dedup", .verbs = CRIU, .flag = &cli->auto_dedup},
      {.name = "--lazy-pages", .verbs = CRIU, .flag = &cli->lazy_pages},
      {.name = "--lsm-profile", .verbs = " restore ", .text = &cli->profile},
      {.name = "--lsm-mount-context", .verbs = " restore ", .text = &cli->mount_context},
      {.name = NULL}};
  if (argv[0][0] != '-' || !argv[0][1]) return 0;
  size_t length = strcspn(argv[0], "=");
  const struct option *o = find(options, cli->verb, argv[0], length);
  if (!o) return -1;
  if (o->flag) return *o->flag = strcmp(argv[0] + length, "=false") != 0, 1;
  const char *value = argv[0][length] ? argv[0] + length + 1 : argv[1];
  if (!value || cli->extra_count == EXTRAS_MAX) return -1;
  if (o->text) *o->text = value;
  if (o->number) *o->number = atoi(value);
  if (o->text == &format) cli->json = !strcmp(value, "json");
  if (o->key) {
    cli->extras[cli->extra_count].key = o->key;
    cli->extras[cli->extra_count++].value = value;
  }
  return argv[0][length] ? 1 : 2;
}

int take_options(struct cli *cli, char ***argv) {
  while (**argv) {
    if (!strcmp(**argv, "--help") || (!strcmp(**argv, "--") && ++*argv)) return 0;
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
