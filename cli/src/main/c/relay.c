// The command line's near end: passes a call on to the warm platform, and its streams to and fro.
// Where no platform takes calls it starts the launcher, which starts a JVM.
//
//   waybill-relay SOCKET LAUNCHER [ARGUMENT...]
//
// Frames are a letter, a length of four bytes, a payload; see Frame.java for the letters.

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <termios.h>
#include <unistd.h>

enum { HEADER = 5, CHUNK = 65536, HEADER_MAX = 4 << 20 };

extern char **environ;

static struct termios before;
static volatile sig_atomic_t is_raw, resized;

static void restore(void) {
  if (is_raw) tcsetattr(0, TCSANOW, &before);
  is_raw = 0;
}

static void fail(const char *message) {
  restore();
  fprintf(stderr, "waybill: %s\n", message);
  exit(1);
}

static void write_all(int fd, const char *bytes, size_t count) {
  while (count > 0) {
    ssize_t n = write(fd, bytes, count);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) {
      restore();
      exit(fd == 1 || fd == 2 ? 141 : 1);
    }
    bytes += n;
    count -= (size_t)n;
  }
}

static void send_frame(int to, char type, const char *payload, uint32_t length) {
  char header[HEADER] = {type};
  uint32_t big = htonl(length);
  memcpy(header + 1, &big, 4);
  write_all(to, header, HEADER);
  write_all(to, payload, length);
}

static int window(struct winsize *size) {
  return isatty(0) && ioctl(0, TIOCGWINSZ, size) == 0 && size->ws_row > 0;
}

static void send_size(int to) {
  struct winsize size;
  if (!window(&size)) return;
  uint16_t numbers[2] = {htons(size.ws_row), htons(size.ws_col)};
  send_frame(to, 'S', (char *)numbers, sizeof numbers);
}

static size_t append(char *buffer, size_t at, const char *text) {
  size_t length = strlen(text) + 1;
  if (at + length > HEADER_MAX) fail("the arguments and the environment are too long");
  memcpy(buffer + at, text, length);
  return at + length;
}

// Directory, rows, columns, number of arguments, arguments, environment.
static void send_call(int to, int argc, char **argv) {
  char *buffer = malloc(HEADER_MAX), *directory = getcwd(NULL, 0), number[16];
  if (!buffer || !directory) fail("cannot find the current directory");
  struct winsize size = {0};
  window(&size);
  size_t at = append(buffer, 0, directory);
  int numbers[3] = {size.ws_row, size.ws_col, argc};
  for (int i = 0; i < 3; i++) {
    snprintf(number, sizeof number, "%d", numbers[i]);
    at = append(buffer, at, number);
  }
  for (int i = 0; i < argc; i++) at = append(buffer, at, argv[i]);
  for (char **entry = environ; *entry; entry++) at = append(buffer, at, *entry);
  send_frame(to, 'C', buffer, (uint32_t)at);
  free(buffer);
  free(directory);
}

static void read_all(int from, char *bytes, size_t count) {
  while (count > 0) {
    ssize_t n = read(from, bytes, count);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) fail("the platform ended before the command did");
    bytes += n;
    count -= (size_t)n;
  }
}

static void set_raw(int raw) {
  if (!raw) {
    restore();
  } else if (tcgetattr(0, &before) == 0) {
    struct termios now = before;
    cfmakeraw(&now);
    is_raw = tcsetattr(0, TCSANOW, &now) == 0;
  }
}

// Takes one frame; returns whether input is wanted from now on.
static int take(int from, int wanted) {
  static char payload[CHUNK];
  char header[HEADER];
  read_all(from, header, HEADER);
  uint32_t length;
  memcpy(&length, header + 1, 4);
  length = ntohl(length);
  while (1) {
    uint32_t part = length < CHUNK ? length : CHUNK;
    read_all(from, payload, part);
    length -= part;
    switch (header[0]) {
      case 'O': write_all(1, payload, part); break;
      case 'E': write_all(2, payload, part); break;
      case 'W': return 1;
      case 'T': set_raw(payload[0]); break;
      case 'X': restore(); exit((unsigned char)payload[0]);
      default: fail("the platform sent something unknown");
    }
    if (length == 0) return wanted;
  }
}

// Passes on what there is of input; returns whether more may come.
static int give(int to) {
  static char bytes[CHUNK];
  ssize_t n = read(0, bytes, sizeof bytes);
  if (n < 0 && errno == EINTR) return 1;
  send_frame(to, 'I', bytes, n > 0 ? (uint32_t)n : 0);
  return n > 0;
}

static void note_size(int ignored) {
  (void)ignored;
  resized = 1;
}

// The platform sees the connection close, and ends the command. All calls here may be made in a handler.
static void end(int by) {
  restore();
  signal(by, SIG_DFL);
  raise(by);
}

static void catch_signals(void) {
  struct sigaction size = {.sa_handler = note_size}, ended = {.sa_handler = end, .sa_flags = SA_NODEFER};
  sigaction(SIGWINCH, &size, NULL);
  sigaction(SIGINT, &ended, NULL);
  sigaction(SIGTERM, &ended, NULL);
  sigaction(SIGHUP, &ended, NULL);
  signal(SIGPIPE, SIG_IGN);
}

static void relay(int to) {
  int wanted = 0, open = 1;
  while (1) {
    struct pollfd fds[2] = {{.fd = to, .events = POLLIN}, {.fd = wanted && open ? 0 : -1, .events = POLLIN}};
    int n = poll(fds, 2, -1);
    if (resized) {
      resized = 0;
      send_size(to);
    }
    if (n < 0) continue;
    if (fds[0].revents) wanted = take(to, wanted);
    else if (fds[1].revents) open = give(to);
  }
}

int main(int argc, char **argv) {
  if (argc < 3) {
    fprintf(stderr, "usage: waybill-relay SOCKET LAUNCHER [ARGUMENT...]\n");
    return 2;
  }
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  int to = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (to < 0 || strlen(argv[1]) >= sizeof address.sun_path ||
      (strcpy(address.sun_path, argv[1]), connect(to, (struct sockaddr *)&address, sizeof address) < 0)) {
    setenv("WAYBILL_RELAY", "off", 1);
    execv(argv[2], argv + 2);
    fail("cannot start the launcher");
  }
  catch_signals();
  send_call(to, argc - 3, argv + 3);
  relay(to);
}
