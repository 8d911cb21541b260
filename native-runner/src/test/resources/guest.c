// The one program of the tests' images: guest VERB [ARGUMENT...]. Static, so that a root filesystem needs no more.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static int cat(const char *path) {
  char buffer[65536];
  int fd = strcmp(path, "-") ? open(path, O_RDONLY) : 0;
  if (fd < 0) return printf("%s\n", strerror(errno)), 1;
  for (ssize_t n; (n = read(fd, buffer, sizeof buffer)) > 0;) fwrite(buffer, 1, (size_t)n, stdout), fflush(stdout);
  return 0;
}

static int list(const char *path) {
  DIR *dir = opendir(path);
  if (!dir) return printf("%s\n", strerror(errno)), 1;
  for (struct dirent *e; (e = readdir(dir));)
    if (e->d_name[0] != '.') printf("%s\n", e->d_name);
  return 0;
}

static int hog(long megabytes) {
  for (long i = 0; i < megabytes; i++) memset(malloc(1 << 20), 1, 1 << 20);
  puts("kept");
  return 0;
}

static int serve(int port, int type) {
  struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons((unsigned short)port)}, peer;
  socklen_t size = sizeof peer;
  char text[128];
  int one = 1, s = socket(AF_INET, type, 0);
  setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  if (bind(s, (struct sockaddr *)&at, sizeof at) || (type == SOCK_STREAM && listen(s, 8))) return perror("bind"), 1;
  puts("ready");
  for (;;) {
    int c = s;
    if (type == SOCK_STREAM) c = accept(s, (struct sockaddr *)&peer, &size);
    else if (recvfrom(s, text, sizeof text, 0, (struct sockaddr *)&peer, &size) < 0) continue;
    int n = snprintf(text, sizeof text, "hello %s\n", inet_ntoa(peer.sin_addr));
    sendto(c, text, (size_t)n, 0, type == SOCK_STREAM ? NULL : (struct sockaddr *)&peer, type == SOCK_STREAM ? 0 : size);
    if (c != s) close(c);
  }
}

static int fetch(const char *ip, int port, int type) {
  struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons((unsigned short)port)};
  struct timeval limit = {2, 0};
  char text[128] = "";
  int s = socket(AF_INET, type, 0);
  inet_aton(ip, &at.sin_addr);
  setsockopt(s, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  setsockopt(s, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
  if (connect(s, (struct sockaddr *)&at, sizeof at)) return puts(errno == EINPROGRESS ? "silence" : strerror(errno)), 1;
  if (type == SOCK_DGRAM) send(s, "x", 1, 0);
  if (read(s, text, sizeof text - 1) < 0) return puts("silence"), 1;
  fputs(text, stdout);
  return 0;
}

static int status(const char *key) {
  char line[512];
  FILE *f = fopen("/proc/self/status", "r");
  while (f && fgets(line, sizeof line, f))
    if (!strncmp(line, key, strlen(key))) fputs(line, stdout);
  return 0;
}

static int fork_many(int count) {
  int made = 0;
  for (int i = 0; i < count; i++) {
    pid_t pid = fork();
    if (pid == 0) pause(), _exit(0);
    if (pid > 0) made++;
  }
  return printf("forked %d\n", made), 0;
}

static void on_term(int signal) {
  (void)!write(1, "term\n", 5);
  _exit(signal == SIGTERM ? 42 : 43);
}

int main(int argc, char **argv) {
  const char *verb = argc > 1 ? argv[1] : "", *arg = argc > 2 ? argv[2] : "";
  struct winsize size = {0};
  struct rlimit limit;
  char host[65] = "", cwd[4096] = "";
  setvbuf(stdout, NULL, _IOLBF, 0);
  if (!strcmp(verb, "true")) return 0;
  if (!strcmp(verb, "echo")) return puts(arg), 0;
  if (!strcmp(verb, "err")) return fprintf(stderr, "%s\n", arg), 0;
  if (!strcmp(verb, "both")) return puts("out"), fflush(stdout), fputs("err\n", stderr), 5;
  if (!strcmp(verb, "part")) return printf("%s", arg), fflush(stdout), 0;
  if (!strcmp(verb, "exit")) return atoi(arg);
  if (!strcmp(verb, "sleep")) return sleep((unsigned)atoi(arg)), 0;
  if (!strcmp(verb, "cat")) return cat(arg);
  if (!strcmp(verb, "ls")) return list(arg);
  if (!strcmp(verb, "hog")) return hog(atol(arg));
  if (!strcmp(verb, "status")) return status(arg);
  if (!strcmp(verb, "forks")) return fork_many(atoi(arg));
  if (!strcmp(verb, "env")) return printf("%s\n", getenv(arg) ? getenv(arg) : "(unset)"), 0;
  if (!strcmp(verb, "pid")) return printf("%d\n", getpid()), 0;
  if (!strcmp(verb, "ids")) return printf("%d:%d\n", getuid(), getgid()), 0;
  if (!strcmp(verb, "host")) return gethostname(host, 64), puts(host), 0;
  if (!strcmp(verb, "cwd")) return puts(getcwd(cwd, sizeof cwd) ? cwd : "(none)"), 0;
  if (!strcmp(verb, "tty")) return ioctl(0, TIOCGWINSZ, &size), printf("%d %dx%d\n", isatty(0), size.ws_row, size.ws_col), 0;
  if (!strcmp(verb, "nofile")) return getrlimit(RLIMIT_NOFILE, &limit), printf("%ld %ld\n", (long)limit.rlim_cur, (long)limit.rlim_max), 0;
  if (!strcmp(verb, "write")) {
    int fd = open(arg, O_WRONLY | O_CREAT, 0644);
    return puts(fd < 0 ? strerror(errno) : write(fd, "x", 1) == 1 ? "written" : strerror(errno)), 0;
  }
  if (!strcmp(verb, "serve")) return serve(atoi(arg), SOCK_STREAM);
  if (!strcmp(verb, "serve-udp")) return serve(atoi(arg), SOCK_DGRAM);
  if (!strcmp(verb, "fetch")) return fetch(arg, atoi(argv[3]), SOCK_STREAM);
  if (!strcmp(verb, "fetch-udp")) return fetch(arg, atoi(argv[3]), SOCK_DGRAM);
  if (!strcmp(verb, "mount")) return puts(mount("none", "/tmp", "tmpfs", 0, "") ? strerror(errno) : "mounted"), 0;
  if (!strcmp(verb, "syscall")) return puts(syscall(atol(arg), 0, 0, 0, 0, 0, 0) < 0 ? strerror(errno) : "done"), 0;
  if (!strcmp(verb, "node")) return puts(mknod("/node", S_IFBLK | 0600, 0x0700) || open("/node", O_RDONLY) < 0 ? strerror(errno) : "opened"), 0;
  if (!strcmp(verb, "lines")) {
    for (int i = 0; i < atoi(arg); i++) printf("line %d of a log that is long enough to be rotated\n", i);
    return 0;
  }
  if (!strcmp(verb, "term")) {
    signal(SIGTERM, on_term);
    puts("ready");
    for (;;) pause();
  }
  fprintf(stderr, "guest: unknown verb '%s'\n", verb);
  return 2;
}
