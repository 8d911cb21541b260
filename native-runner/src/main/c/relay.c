// An interactive terminal for who runs a command by hand: what is typed goes to the container's terminal, what that
// says comes back, and its size follows that of the window.
#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <termios.h>

#include "cli.h"

static volatile sig_atomic_t resized = 1;

static void on_resize(int signal) {
  (void)signal;
  resized = 1;
}

static void follow_size(int terminal) {
  struct winsize size;
  if (!resized) return;
  resized = 0;
  if (ioctl(0, TIOCGWINSZ, &size) == 0) ioctl(terminal, TIOCSWINSZ, &size);
}

// Copies what is there; 0 at the end of the input.
static int copy(int from, int to) {
  char bytes[4096];
  ssize_t n = read(from, bytes, sizeof bytes);
  if (n < 0 && (errno == EAGAIN || errno == EINTR)) return 1;
  return n > 0 && write_all(to, bytes, (size_t)n) == 0;
}

static void end_input(int terminal) {
  if (write_all(terminal, "\004", 1) < 0) return;  // nobody reads any more
}

void relay(int terminal, int child_fd) {
  struct termios before, raw;
  int is_terminal = tcgetattr(0, &before) == 0, ended = 0;
  fcntl(terminal, F_SETFL, 0);
  if (is_terminal) {
    raw = before;
    cfmakeraw(&raw);
    tcsetattr(0, TCSANOW, &raw);
  }
  sigaction(SIGWINCH, &(struct sigaction){.sa_handler = on_resize}, NULL);
  struct pollfd p[] = {{0, POLLIN, 0}, {terminal, POLLIN, 0}, {child_fd, POLLIN, 0}};
  while (p[1].fd >= 0) {
    follow_size(terminal);
    // After the end only what is still to be read.
    int n = poll(p, 3, ended ? 0 : -1);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) break;
    if (p[0].revents && !copy(0, terminal)) {
      end_input(terminal);
      p[0].fd = -1;
    }
    if (p[1].revents && !copy(terminal, 1)) p[1].fd = -1;
    if (p[2].revents) ended = 1, p[2].fd = p[0].fd = -1;
  }
  if (is_terminal) tcsetattr(0, TCSANOW, &before);
}
