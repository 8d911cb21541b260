// What stays of the executor beside a container: it reaps, logs, holds the terminal, and serves attach clients.
//
// Attach frames, both ways: u8 stream, u32 length (big-endian), bytes. 0 stdin and 5 its end, 3 resize (u16 rows,
// u16 columns) from the client; 1 stdout, 2 stderr, 4 exit (i32) to it. Output is read only as fast as every client
// takes it; a client that takes nothing for STUCK_MS loses its place, so that it cannot hold the container up.
#include <arpa/inet.h>
#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "log.h"
#include "runner.h"

enum { CLIENTS_MAX = 16, CHUNK_BYTES = 16384, INPUT_BYTES = 4096, HEADER_BYTES = 5 };
enum { STUCK_MS = 10000, LINGER_MS = 60000 };
enum { FRAME_STDIN, FRAME_STDOUT, FRAME_STDERR, FRAME_RESIZE, FRAME_EXIT, FRAME_STDIN_END };

struct client {
  int fd;
  size_t sent;  // of the current frame
  uint8_t header[HEADER_BYTES];
  uint32_t header_size, left;  // of the frame that the client is sending
  uint8_t resize[4];
};

struct monitor {
  struct runner *r;
  struct log log;
  struct client clients[CLIENTS_MAX];
  int client_count, had_client;
  int output[3];  // what stdout and stderr are read from, [1] and [2]; -1 once ended
  int input;      // what stdin is written to; -1 once ended
  size_t frame_size, input_size;
  int input_ends;
  uint64_t stuck_since_ms, deadline_ms;
  int ended, status, saved;
  uint64_t ended_ns;
};

static uint8_t frame[HEADER_BYTES + CHUNK_BYTES];
static uint8_t input_bytes[INPUT_BYTES];

static uint64_t now_ms(void) { return now_ns(CLOCK_MONOTONIC) / 1000000; }

static void drop_client(struct monitor *m, int i) {
  close(m->clients[i].fd);
  m->clients[i] = m->clients[--m->client_count];
}

// Sends what each client still lacks of the frame; returns how many clients have not got all of it.
static int push_frame(struct monitor *m) {
  int behind = 0;
  for (int i = m->client_count - 1; i >= 0; i--) {
    struct client *c = &m->clients[i];
    if (c->sent >= m->frame_size) continue;
    ssize_t n = send(c->fd, frame + c->sent, m->frame_size - c->sent, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (n < 0 && errno != EAGAIN && errno != EINTR) {
      drop_client(m, i);
      continue;
    }
    if (n > 0) {
      c->sent += (size_t)n;
      m->stuck_since_ms = now_ms();
    }
    behind += c->sent < m->frame_size;
  }
  if (behind == 0) m->frame_size = 0;
  return behind;
}

static void begin_frame(struct monitor *m, int stream, uint32_t size) {
  uint32_t length = htonl(size);
  frame[0] = (uint8_t)stream;
  memcpy(frame + 1, &length, sizeof length);
  m->frame_size = HEADER_BYTES + size;
  m->stuck_since_ms = now_ms();
  for (int i = 0; i < m->client_count; i++) m->clients[i].sent = 0;
  push_frame(m);
}

static int holding(const struct monitor *m) {
  return (m->r->monitor_flags & MONITOR_HOLD) && !m->had_client;
}

// Reads from a stream of the container; 1 when something came.
static int pull(struct monitor *m, int stream) {
  int fd = m->output[stream];
  if (fd < 0 || m->frame_size > 0 || holding(m)) return 0;
  ssize_t n = read(fd, frame + HEADER_BYTES, CHUNK_BYTES);
  if (n < 0 && (errno == EAGAIN || errno == EINTR)) return 0;
  if (n <= 0) {  // a terminal whose last user left says EIO
    m->output[stream] = -1;
    if (fd != m->input) close(fd);
    return 0;
  }
  log_write(&m->log, stream == 1 ? "stdout" : "stderr", (char *)frame + HEADER_BYTES, (size_t)n);
  begin_frame(m, stream, (uint32_t)n);
  return 1;
}

static void end_input(struct monitor *m) {
  if (m->input < 0) return;
  if (m->r->terminal >= 0) {
    // A terminal is not closed: its reader is told by the end-of-file character.
    if (write(m->input, "\004", 1) < 0 && errno != EAGAIN) m->input = -1;
    return;
  }
  close(m->input);
  m->input = -1;
}

static void push_input(struct monitor *m) {
  if (m->input_size > 0 && m->input >= 0) {
    ssize_t n = write(m->input, input_bytes, m->input_size);
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (n < 0) {
      if (m->r->terminal < 0) end_input(m);
      n = (ssize_t)m->input_size;
    }
    m->input_size -= (size_t)n;
    memmove(input_bytes, input_bytes + n, m->input_size);
  } else {
    m->input_size = 0;
  }
  if (m->input_size == 0 && m->input_ends) {
    m->input_ends = 0;
    end_input(m);
  }
}

static void resize(struct monitor *m, const uint8_t size[4]) {
  struct winsize w = {.ws_row = (unsigned short)(size[0] << 8 | size[1]), .ws_col = (unsigned short)(size[2] << 8 | size[3])};
  if (m->r->terminal >= 0) ioctl(m->r->terminal, TIOCSWINSZ, &w);
}

// Reads a client's frame header; 0 or -1 when the client is gone or talks nonsense.
static int read_header(struct monitor *m, struct client *c) {
  ssize_t n = recv(c->fd, c->header + c->header_size, HEADER_BYTES - c->header_size, MSG_DONTWAIT);
  if (n <= 0) return n < 0 && (errno == EAGAIN || errno == EINTR) ? 0 : -1;
  c->header_size += (uint32_t)n;
  if (c->header_size < HEADER_BYTES) return 0;
  memcpy(&c->left, c->header + 1, sizeof c->left);
  c->left = ntohl(c->left);
  if (c->header[0] == FRAME_RESIZE && c->left != 4) return -1;
  if (c->header[0] == FRAME_STDIN_END) m->input_ends = 1;
  if (c->left == 0) c->header_size = 0;
  return 0;
}

static int read_payload(struct monitor *m, struct client *c) {
  uint8_t *into = input_bytes;
  size_t room = c->left < INPUT_BYTES ? c->left : INPUT_BYTES;
  if (c->header[0] == FRAME_RESIZE) into = c->resize + 4 - c->left;
  ssize_t n = recv(c->fd, into, room, MSG_DONTWAIT);
  if (n <= 0) return n < 0 && (errno == EAGAIN || errno == EINTR) ? 0 : -1;
  c->left -= (uint32_t)n;
  if (c->header[0] == FRAME_STDIN) m->input_size = (size_t)n;
  if (c->header[0] == FRAME_RESIZE && c->left == 0) resize(m, c->resize);
  if (c->left == 0) c->header_size = 0;
  return 0;
}

static void serve_client(struct monitor *m, int i) {
  struct client *c = &m->clients[i];
  int result = c->header_size < HEADER_BYTES ? read_header(m, c) : read_payload(m, c);
  if (result < 0) drop_client(m, i);
}

static void accept_client(struct monitor *m) {
  int fd = accept4(m->r->attach_listener, NULL, NULL, SOCK_CLOEXEC);
  if (fd < 0) return;
  if (m->client_count == CLIENTS_MAX) {
    close(fd);
    return;
  }
  // A frame under way is not for the newcomer: it would begin in the middle.
  m->clients[m->client_count++] = (struct client){.fd = fd, .sent = m->frame_size};
  m->had_client = 1;
}

static void save_exit(struct monitor *m) {
  if (m->saved) return;
  m->saved = 1;
  char text[160];
  int signal = WIFSIGNALED(m->status) ? WTERMSIG(m->status) : 0;
  int n = snprintf(text, sizeof text, "code=%d signal=%d time=%llu log_lost=%llu\n",
                   signal ? 128 + signal : WEXITSTATUS(m->status), signal, (unsigned long long)m->ended_ns,
                   (unsigned long long)m->log.lost);
  if (m->r->state_dir) save(m->r->state_dir, "exit", text, (size_t)n);
  // The end of this pipe tells the service that the record is there.
  if (m->r->report_fd >= 0) close(m->r->report_fd);
  m->r->report_fd = -1;
}

static void reap(struct monitor *m) {
  pid_t pid;
  while ((pid = waitpid(m->r->child, &m->status, 0)) < 0 && errno == EINTR) continue;
  m->ended = 1;
  m->ended_ns = now_ns(CLOCK_REALTIME);
  m->deadline_ms = now_ms() + (holding(m) ? LINGER_MS : STUCK_MS);
  close(m->r->child_fd);
  m->r->child_fd = -1;
  // Who waits shall not wait for a client that may never come.
  if (holding(m)) save_exit(m);
}

static void send_exit(struct monitor *m) {
  int32_t code = (int32_t)htonl((uint32_t)(WIFSIGNALED(m->status) ? 128 + WTERMSIG(m->status) : WEXITSTATUS(m->status)));
  memcpy(frame + HEADER_BYTES, &code, sizeof code);
  begin_frame(m, FRAME_EXIT, sizeof code);
}

enum { SLOT_CHILD, SLOT_LISTENER, SLOT_STDOUT, SLOT_STDERR, SLOT_INPUT, SLOT_CLIENTS };

static int fill(struct monitor *m, struct pollfd *p) {
  int readable = m->frame_size == 0 && !holding(m);
  p[SLOT_CHILD] = (struct pollfd){m->r->child_fd, POLLIN, 0};
  p[SLOT_LISTENER] = (struct pollfd){m->r->attach_listener, POLLIN, 0};
  p[SLOT_STDOUT] = (struct pollfd){readable ? m->output[1] : -1, POLLIN, 0};
  p[SLOT_STDERR] = (struct pollfd){readable ? m->output[2] : -1, POLLIN, 0};
  p[SLOT_INPUT] = (struct pollfd){m->input_size > 0 ? m->input : -1, POLLOUT, 0};
  for (int i = 0; i < m->client_count; i++)
    p[SLOT_CLIENTS + i] = (struct pollfd){
        m->clients[i].fd,
        (short)((m->input_size == 0 ? POLLIN : 0) | (m->clients[i].sent < m->frame_size ? POLLOUT : 0)), 0};
  return SLOT_CLIENTS + m->client_count;
}

static int wait_ms(const struct monitor *m) {
  uint64_t now = now_ms(), until = UINT64_MAX;
  if (m->frame_size > 0 && !(m->r->monitor_flags & MONITOR_HOLD)) until = m->stuck_since_ms + STUCK_MS;
  if (m->ended && m->deadline_ms < until) until = m->deadline_ms;
  return until == UINT64_MAX ? -1 : until <= now ? 0 : (int)(until - now);
}

static void drop_stuck(struct monitor *m) {
  if (m->frame_size == 0 || now_ms() < m->stuck_since_ms + STUCK_MS) return;
  if ((m->r->monitor_flags & MONITOR_HOLD) && !m->ended) return;  // its only reader may pause as long as it likes
  for (int i = m->client_count - 1; i >= 0; i--)
    if (m->clients[i].sent < m->frame_size) drop_client(m, i);
  push_frame(m);
}

static void turn(struct monitor *m) {
  struct pollfd p[SLOT_CLIENTS + CLIENTS_MAX];
  int count = fill(m, p);
  if (poll(p, (nfds_t)count, wait_ms(m)) < 0) return;
  if (m->frame_size > 0) push_frame(m);
  drop_stuck(m);
  push_input(m);
  // Clients first, downwards: dropping one moves only those already served. One chunk of input at a time.
  for (int i = count - SLOT_CLIENTS - 1; i >= 0; i--)
    if (i < m->client_count && m->clients[i].fd == p[SLOT_CLIENTS + i].fd && m->input_size == 0 &&
        p[SLOT_CLIENTS + i].revents & (POLLIN | POLLHUP | POLLERR))
      serve_client(m, i);
  push_input(m);
  if (p[SLOT_LISTENER].revents) accept_client(m);
  pull(m, FRAME_STDOUT);
  pull(m, FRAME_STDERR);
  if (p[SLOT_CHILD].revents) reap(m);
}

// After the end: everything that is still in the pipes, then the exit frame; but no longer than the deadline.
static void finish(struct monitor *m) {
  while (now_ms() < m->deadline_ms) {
    while (m->frame_size == 0 && !holding(m) && (pull(m, FRAME_STDOUT) || pull(m, FRAME_STDERR))) continue;
    if (m->frame_size == 0 && !holding(m)) break;
    turn(m);
  }
  save_exit(m);
  send_exit(m);
  while (m->frame_size > 0 && now_ms() < m->deadline_ms) turn(m);
}

int monitor_run(struct runner *r) {
  static struct monitor m;
  m = (struct monitor){.r = r, .output = {-1, r->stdio_parent[1], r->stdio_parent[2]}, .input = r->stdio_parent[0]};
  m.log = (struct log){.path = r->log_path, .bytes_max = r->log_bytes_max, .files_max = r->log_files_max, .fd = -1};
  if (r->terminal >= 0) m.output[1] = m.input = r->terminal;
  for (int i = 0; i < 3; i++)
    if (r->stdio_child[i] > 2 && r->stdio_child[i] != r->null) close(r->stdio_child[i]);
  log_open(&m.log);
  while (!m.ended) turn(&m);
  finish(&m);
  char path[4096];
  snprintf(path, sizeof path, "%s/attach.sock", r->state_dir);
  unlink(path);
  return m.status;
}
