// The program's ways to be run: `:execute` (by the service, which writes a plan to descriptor 3 and reads the report from
// 4), or the OCI command line.
#include <linux/close_range.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "cli.h"

void runner_init(struct runner *r) {
  *r = (struct runner){.report_fd = -1, .child_fd = -1, .sync = -1, .root = -1, .listener = -1, .starter = -1,
                       .console = -1, .terminal = -1, .target = -1, .null = -1, .mask_tree = -1, .user_space = -1, .notify = -1,
                       .attach_listener = -1, .ready_network = -1, .stdio_parent = {-1, -1, -1}, .stdio_child = {-1, -1, -1},
                       .log_path = ""};
}

// Reads a plan into memory of its own, so that nobody can change it while it runs; returns its size or -errno.
static ssize_t read_plan(int fd, uint8_t **bytes) {
  *bytes = mmap(NULL, PLAN_BYTES_MAX + 1, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (*bytes == MAP_FAILED) return -errno;
  size_t size = 0;
  while (size <= PLAN_BYTES_MAX) {
    ssize_t n = read(fd, *bytes + size, PLAN_BYTES_MAX + 1 - size);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return -errno;
    if (n == 0) break;
    size += (size_t)n;
  }
  return (ssize_t)size;
}

static void send_report(struct runner *r) {
  // If the service is gone, its successor finds the container by its state directory.
  signal(SIGPIPE, SIG_IGN);
  if (write_all(r->report_fd, &r->report, sizeof r->report) < 0) r->report_fd = -1;
}

// The service has said -1, or the number of its descriptor of a network namespace.
static int open_network(const uint8_t *number) {
  char path[48];
  int32_t fd;
  memcpy(&fd, number, sizeof fd);
  snprintf(path, sizeof path, "/proc/%d/fd/%d", getppid(), fd);
  return fd < 0 ? -1 : open(path, O_RDONLY | O_CLOEXEC);
}

static int execute(void) {
  struct runner r;
  uint8_t *bytes;
  runner_init(&r);
  r.report_fd = 4;
  syscall(SYS_close_range, 5, ~0U, 0);
  syscall(SYS_close_range, 3, 4, CLOSE_RANGE_CLOEXEC);
  setsid();
  sigset_t all;
  sigfillset(&all);
  sigprocmask(SIG_SETMASK, &all, NULL);
  ssize_t size = read_plan(3, &bytes);
  const char *wrong = "the plan cannot be read";
  if (size >= (ssize_t)sizeof(int32_t)) {
    r.ready_network = open_network(bytes);
    wrong = plan_check(&r.plan, bytes + sizeof(int32_t), (size_t)size - sizeof(int32_t));
  }
  close(3);
  if (wrong) {
    r.report.kind = REPORT_MALFORMED;
    detail(&r, "%s", wrong);
  } else {
    launch(&r);
  }
  send_report(&r);
  if (r.report.kind != REPORT_READY) return 1;
  if (r.monitored) monitor_run(&r);
  return 0;
}

// The hooks of a phase that comes after the launch, with the plan on descriptor 3 and the report on 4.
static int execute_hooks(int phase, pid_t pid) {
  struct runner r;
  uint8_t *bytes;
  runner_init(&r);
  r.report_fd = 4;
  r.child = pid;
  fcntl(3, F_SETFD, FD_CLOEXEC);
  fcntl(4, F_SETFD, FD_CLOEXEC);
  ssize_t size = read_plan(3, &bytes);
  const char *wrong = size < 0 ? "the plan cannot be read" : plan_check(&r.plan, bytes, (size_t)size);
  if (wrong) detail(&r, "%s", wrong);
  int result = wrong ? 0 : run_hooks(&r, (uint8_t)phase, NULL, NULL);
  r.report.kind = wrong ? REPORT_MALFORMED : result < 0 ? REPORT_FAILED : REPORT_READY;
  send_report(&r);
  return r.report.kind != REPORT_READY;
}

// Says what this program's decoder knows, one operation a line; a test compares it with the compiler's encoder.
static int print_operations(void) {
#define LINE(code, name, signature) printf("%d %s %s\n", code, #name, signature);
  OPERATIONS(LINE)
#undef LINE
  return 0;
}

static int check_plan(void) {
  struct plan plan;
  uint8_t *bytes;
  ssize_t size = read_plan(0, &bytes);
  const char *wrong = size < 0 ? "the plan cannot be read" : plan_check(&plan, bytes, (size_t)size);
  if (wrong) fprintf(stderr, "%s\n", wrong);
  return wrong != NULL;
}

int main(int argc, char **argv) {
  if (argc == 2 && !strcmp(argv[1], ":execute")) return execute();
  if (argc == 4 && !strcmp(argv[1], ":hooks")) return execute_hooks(atoi(argv[2]), atoi(argv[3]));
  if (argc == 2 && !strcmp(argv[1], ":operations")) return print_operations();
  if (argc == 2 && !strcmp(argv[1], ":check")) return check_plan();
  if (argc == 2 && (!strcmp(argv[1], "--version") || !strcmp(argv[1], "-v")))
    return puts("waybill-runner version 0.1.0\nspec: 1.3.0"), 0;
  return cli_main(argc, argv);
}
