// Checkpoint and restore through criu, where the host lets it.
#include <sys/stat.h>
#include <sys/wait.h>

#include "cli.h"

// What `criu check` says in its last line is why this host cannot; "" when it can.
static const char *unable(void) {
  static char line[512], last[512];
  FILE *check = popen("criu check 2>&1", "re");
  *last = 0;
  while (check && fgets(line, sizeof line, check)) {
    line[strcspn(line, "\n")] = 0;
    if (strstr(line, "Error") || strstr(line, "not found")) snprintf(last, sizeof last, "%s", line);
  }
  int status = check ? pclose(check) : -1;
  if (status == 0) return "";
  return *last ? last : "criu check fails";
}

static int refuse(const struct cli *cli) {
  const char *why = unable();
  return *why ? fail(cli, "%s: this host cannot: %s", cli->verb, why)
              : fail(cli, "%s: not in this version, though criu would work here", cli->verb);
}

int verb_checkpoint(struct cli *cli) {
  enum status status = state_of(cli->dir);
  if (status == ABSENT) return fail(cli, "container \"%s\" does not exist", cli->id);
  if (status != RUNNING && status != PAUSED) return fail(cli, "container not running");
  return refuse(cli);
}

int verb_restore(struct cli *cli) { return refuse(cli); }
