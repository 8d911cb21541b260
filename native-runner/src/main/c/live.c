// Commands about a container that runs: its limits are changed, its use of resources is told.
#include "cli.h"

enum { INTERVAL_S = 5, PASSES = 2 };

static char *read_stdin(void) {
  size_t size = 0;
  char *text = malloc(REQUEST_BYTES_MAX);
  for (ssize_t n; text && size + 1 < REQUEST_BYTES_MAX && (n = read(0, text + size, REQUEST_BYTES_MAX - 1 - size)) > 0;)
    size += (size_t)n;
  if (text) text[size] = 0;
  return text;
}

// Lines of path, tab, value. Limits depend on each other, so what is refused at first is tried again after the rest.
static int apply(const struct cli *cli, char *lines) {
  for (int pass = 0; pass < PASSES; pass++) {
    char *rest = lines, *line, *kept = lines;
    while ((line = strsep(&rest, "\n"))) {
      char *tab = strchr(line, '\t');
      if (!tab) continue;
      *tab = 0;
      int result = write_file(line, tab + 1, strlen(tab + 1));
      if (result < 0 && pass + 1 == PASSES)
        return fail(cli, "write '%s' to %s: %s", tab + 1, line, errno_name(-result));
      if (result == 0) continue;
      *tab = '\t';
      size_t length = strlen(line);
      memmove(kept, line, length);
      kept[length] = '\n';
      kept += length + 1;
    }
    *kept = 0;
    if (kept == lines) break;
  }
  return 0;
}

int verb_update(struct cli *cli) {
  struct answer answer;
  enum status status = state_of(cli->dir);
  if (status == ABSENT) return fail(cli, "container \"%s\" does not exist", cli->id);
  if (status == STOPPED) return fail(cli, "container not running");
  remember(cli);
  char *text = cli->resources ? !strcmp(cli->resources, "-") ? read_stdin() : read_text("", cli->resources) : NULL;
  if (cli->resources && strcmp(cli->resources, "-") && *cli->resources != '/') {
    free(text);
    text = read_text(".", cli->resources);
  }
  if (cli->resources && !text) return fail(cli, "cannot read %s: %s", cli->resources, errno_name(errno));
  cli->resources = text;
  int result = ask(cli, "update", &answer);
  return result == 0 ? apply(cli, answer.text) : result;
}

// 5s, 500ms, 1m, as runc's users write them; 0 is wrong.
static struct timespec interval(const char *text) {
  char *unit;
  double n = text ? strtod(text, &unit) : INTERVAL_S;
  if (text) n *= !strcmp(unit, "ms") ? 0.001 : !strcmp(unit, "m") ? 60 : !strcmp(unit, "s") || !*unit ? 1 : 0;
  return (struct timespec){(time_t)n, (long)((n - (double)(time_t)n) * 1e9)};
}

int verb_events(struct cli *cli) {
  struct timespec pause = interval(cli->interval);
  if (pause.tv_sec == 0 && pause.tv_nsec == 0) return fail(cli, "interval \"%s\" is not like 5s", cli->interval);
  if (state_of(cli->dir) == ABSENT) return fail(cli, "container \"%s\" does not exist", cli->id);
  remember(cli);
  do {
    struct answer answer;
    if (state_of(cli->dir) == STOPPED) return cli->stats ? fail(cli, "container not running") : 0;
    int result = ask(cli, "events", &answer);
    if (result != 0) return result;
    fputs(answer.text, stdout);
    fflush(stdout);
  } while (!cli->stats && nanosleep(&pause, NULL) == 0);
  return 0;
}
