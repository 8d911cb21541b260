// Talks with criu: `criu swrk` is a child that takes one request over a socket pair. Its command line could do the most of it, but
// gives no terminal back, calls programs at its steps where this one just hears of them, and leaves the restored process an orphan.
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "criu.h"

enum { EXIT_TOLD = 99, ERRORS_APART = 40, ANSWER_BYTES = 65536, VARINT_BITS = 7, LENGTH_DELIMITED = 2, LOG_LEVEL_DEBUG = 4 };

static void add_byte(struct bytes *b, unsigned byte) {
  if (b->size == b->room && !(b->at = realloc(b->at, b->room = b->room * 2 + 256))) abort();
  b->at[b->size++] = (char)byte;
}

static void add_varint(struct bytes *b, uint64_t value) {
  for (; value >> VARINT_BITS; value >>= VARINT_BITS) add_byte(b, (value & 0x7f) | 0x80);
  add_byte(b, (unsigned)value);
}

void add_number(struct bytes *b, unsigned field, uint64_t value) {
  add_varint(b, field << 3);
  add_varint(b, value);
}

static void add_bytes(struct bytes *b, unsigned field, const char *from, size_t size) {
  add_varint(b, field << 3 | LENGTH_DELIMITED);
  add_varint(b, size);
  for (size_t i = 0; i < size; i++) add_byte(b, (unsigned char)from[i]);
}

void add_text(struct bytes *b, unsigned field, const char *text) { add_bytes(b, field, text, strlen(text)); }

void add_part(struct bytes *b, unsigned field, struct bytes *part) {
  add_bytes(b, field, part->at, part->size);
  free(part->at);
  *part = (struct bytes){0};
}

static int take_varint(const char **at, const char *end, uint64_t *value) {
  *value = 0;
  for (unsigned shift = 0; *at < end && shift < 64; shift += VARINT_BITS) {
    unsigned char byte = (unsigned char)*(*at)++;
    *value |= (uint64_t)(byte & 0x7f) << shift;
    if (!(byte & 0x80)) return 0;
  }
  return -1;
}

// One field: its number, its value, or its bytes; 0 at the end or where nothing can be made of it.
static unsigned take_field(const char **at, const char *end, uint64_t *value, const char **part) {
  uint64_t key;
  if (take_varint(at, end, &key) < 0 || take_varint(at, end, value) < 0) return 0;
  *part = NULL;
  if ((key & 7) == 0) return (unsigned)(key >> 3);
  if ((key & 7) != LENGTH_DELIMITED || *value > (uint64_t)(end - *at)) return 0;
  *part = *at;
  *at += *value;
  return (unsigned)(key >> 3);
}

static void take_notify(const char *at, const char *end, struct criu_answer *answer) {
  uint64_t value;
  const char *part;
  for (unsigned field; (field = take_field(&at, end, &value, &part));) {
    if (field == 1 && part) snprintf(answer->script, sizeof answer->script, "%.*s", (int)value, part);
    if (field == 2) answer->pid = (pid_t)value;
  }
}

static int parse(const char *at, const char *end, struct criu_answer *answer) {
  uint64_t value;
  const char *part;
  int type = 0;
  *answer = (struct criu_answer){0};
  for (unsigned field; (field = take_field(&at, end, &value, &part));) {
    if (field == 1) type = (int)value;
    if (field == 2) answer->success = value != 0;
    if (field == 4 && part && take_field(&part, part + value, &value, &(const char *){0}) == 1) answer->pid = (pid_t)value;
    if (field == 5 && part) take_notify(part, part + value, answer);
    if (field == 9 && part) snprintf(answer->message, sizeof answer->message, "%.*s", (int)value, part);
  }
  return type;
}

// criu opens what a request names by number as the process that made the socket has it. So that this may have mounts of its own, it
// makes the socket as well, and hands the other end over.
static void become_criu(const struct cli *cli, int handover) {
  int sides[2], null = open("/dev/null", O_RDWR);
  char number[16];
  if (socketpair(AF_UNIX, SOCK_SEQPACKET, 0, sides) < 0 || send_message(handover, "", 1, sides[0]) < 0) _exit(EXIT_FAILED);
  close(sides[0]);
  for (int i = 0; i < 3; i++) dup2(null, i);
  snprintf(number, sizeof number, "%d", sides[1]);
  if (cli->criu) execlp(cli->criu, "criu", "swrk", number, NULL);
  execlp("criu", "criu", "swrk", number, NULL);
  execl("/usr/sbin/criu", "criu", "swrk", number, NULL);
}

int criu_start(struct criu *c, const struct cli *cli, int (*prepare)(void *), void *with) {
  int sides[2];
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sides) < 0) return fail(cli, "socketpair: %s", errno_name(errno));
  c->handover = sides[0];
  c->pid = fork();
  if (c->pid < 0) return fail(cli, "fork: %s", errno_name(errno));
  if (c->pid == 0) {
    if (prepare && prepare(with) != 0) _exit(EXIT_TOLD);
    become_criu(cli, sides[1]);
    _exit(127);
  }
  close(sides[1]);
  return 0;
}

void criu_ask(struct criu *c, int type, struct bytes *options, int (*notified)(void *, const struct criu_answer *, int), void *with,
              struct criu_answer *answer) {
  static char heard[ANSWER_BYTES];
  struct bytes request = {0};
  add_number(&request, 1, (uint64_t)type);
  add_part(&request, 2, options);
  int is_notify = 1, socket = -1, fd;
  if (receive_message(c->handover, heard, 1, &socket) != 1) socket = -1;
  while (is_notify) {
    ssize_t n = send_message(socket, request.at, request.size, -1) < 0 ? -1 : receive_message(socket, heard, sizeof heard, &fd);
    is_notify = parse(heard, heard + (n > 0 ? n : 0), answer) == CRIU_NOTIFY;
    if (!is_notify) break;
    int goes_on = !notified || notified(with, answer, fd);
    request.size = 0;
    add_number(&request, 1, CRIU_NOTIFY);
    add_number(&request, 3, (uint64_t)goes_on);
  }
  free(request.at);
  close(c->handover);
  if (socket >= 0) close(socket);
  int status = 0;
  while (waitpid(c->pid, &status, 0) < 0 && errno == EINTR) continue;
  answer->told = WIFEXITED(status) && WEXITSTATUS(status) == EXIT_TOLD;
}

// criu inherits them: of its images, and where it works.
static int images = -1, work = -1;

static int open_dir(const struct cli *cli, const char *path, int *as) {
  int fd = open(path, O_RDONLY | O_DIRECTORY);
  if (fd < 0) return fail(cli, "open %s: %s", path, errno_name(errno));
  if (*as >= 0) dup2(fd, *as), close(fd);
  else *as = fd;
  return 0;
}

int criu_open_dirs(const struct cli *cli) {
  return open_dir(cli, cli->image_path, &images) || open_dir(cli, cli->work_path, &work) ? EXIT_FAILED : 0;
}

static int cgroups_mode(const struct cli *cli, struct bytes *options) {
  static const char *const MODES[] = {"ignore", "cg_none", "props", "soft", "full", "strict", "default"};
  const char *wanted = cli->cgroups_mode ? cli->cgroups_mode : "soft";
  for (unsigned i = 0; i < sizeof MODES / sizeof *MODES; i++) {
    if (strcmp(wanted, MODES[i])) continue;
    add_number(options, MANAGE_CGROUPS, 1);
    add_number(options, CGROUPS_MODE, i);
    return 0;
  }
  return fail(cli, "--manage-cgroups-mode: '%s' is not soft, full, strict, ignore, props or cg_none", wanted);
}

static int page_server(const struct cli *cli, struct bytes *options) {
  struct bytes server = {0};
  if (!cli->page_server) return 0;
  const char *colon = strrchr(cli->page_server, ':');
  if (!colon || atoi(colon + 1) <= 0) return fail(cli, "--page-server: '%s' is not ADDRESS:PORT", cli->page_server);
  char *address = strndup(cli->page_server, (size_t)(colon - cli->page_server));
  add_text(&server, 1, address ? address : "");
  add_number(&server, 2, (uint64_t)atoi(colon + 1));
  add_part(options, PAGE_SERVER, &server);
  free(address);
  return 0;
}

int criu_options(const struct cli *cli, struct bytes *options, const char *log) {
  if (cli->lazy_pages) return fail(cli, "--lazy-pages: memory is not given page by page; leave the option out");
  if (criu_open_dirs(cli)) return EXIT_FAILED;
  add_number(options, IMAGES_DIR, (uint64_t)images);
  add_number(options, WORK_DIR, (uint64_t)work);
  add_number(options, LOG_LEVEL, LOG_LEVEL_DEBUG);
  add_text(options, LOG_FILE, log);
  add_number(options, TCP_ESTABLISHED, (uint64_t)cli->tcp_established);
  add_number(options, EXT_UNIX_SK, (uint64_t)cli->ext_unix_sk);
  add_number(options, SHELL_JOB, (uint64_t)cli->shell_job);
  add_number(options, FILE_LOCKS, (uint64_t)cli->file_locks);
  add_number(options, AUTO_DEDUP, (uint64_t)cli->auto_dedup);
  add_number(options, ORPHAN_TERMINAL, 1);
  if (cli->empty_namespace && strcmp(cli->empty_namespace, "network"))
    return fail(cli, "--empty-ns: '%s' is not network", cli->empty_namespace);
  if (cli->empty_namespace) add_number(options, EMPTY_NAMESPACES, 0x40000000 /* CLONE_NEWNET */);
  return page_server(cli, options) ? EXIT_FAILED : cgroups_mode(cli, options);
}

// What `criu check` says in its last line is why this host cannot; "" when it can.
const char *criu_unable(const struct cli *cli) {
  static char line[512], last[512];
  setenv("CRIU", cli->criu ? cli->criu : "criu", 1);
  FILE *check = popen("PATH=$PATH:/usr/sbin; \"$CRIU\" check 2>&1", "re");
  *last = 0;
  while (check && fgets(line, sizeof line, check)) {
    line[strcspn(line, "\n")] = 0;
    if (strstr(line, "Error") || strstr(line, "not found")) snprintf(last, sizeof last, "%s", line);
  }
  int status = check ? pclose(check) : -1;
  if (status == 0) return "";
  return *last ? last : "criu check fails";
}

// What went wrong first, of the errors that end the log: the others follow from it, a few lines later, and the very last only says
// that it failed.
static const char *last_error(char *log) {
  const char *first = NULL, *at;
  int since = ERRORS_APART;
  for (char *line; log && (line = strsep(&log, "\n")); since++) {
    if (!(at = strstr(line, "Error ("))) continue;
    if (since >= ERRORS_APART && !strstr(at, " FAILED.")) first = at;
    since = 0;
  }
  return first;
}

int criu_failed(const struct cli *cli, const struct criu_answer *answer, const char *log) {
  if (answer->told) return EXIT_FAILED;
  char *text = read_text(cli->work_path, log);
  const char *error = last_error(text);
  if (!error && *answer->message) error = answer->message;
  const char *unable = error ? "" : criu_unable(cli);
  int result = error     ? fail(cli, "%s: criu: %s (more in %s/%s)", cli->verb, error, cli->work_path, log)
               : *unable ? fail(cli, "%s: this host cannot: %s", cli->verb, unable)
                         : fail(cli, "%s: criu ended without a word", cli->verb);
  free(text);
  return result;
}
