// What is asked of systemd where it owns the cgroups: over its own socket, so without a bus. The compiler made the
// messages; here they are sent, and the answers read as far as they matter.
#include <sys/socket.h>
#include <sys/time.h>

#include "runner.h"

static const char SOCKET[] = "/run/systemd/private";
enum { HEADER_BYTES = 16, MESSAGE_BYTES_MAX = 1 << 16, ANSWER_S = 30 };
enum { RETURN = 2, ERROR = 3, SIGNAL = 4 };

struct message {
  uint8_t bytes[MESSAGE_BYTES_MAX];
  uint32_t body, size;
};

static uint32_t word(const uint8_t *at) {
  uint32_t value;
  memcpy(&value, at, sizeof value);
  return value;
}

static int read_exactly(int fd, uint8_t *into, size_t size) {
  for (size_t got = 0; got < size;) {
    ssize_t n = read(fd, into + got, size - got);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return n < 0 ? errno == EAGAIN ? -ETIMEDOUT : -errno : -ECONNRESET;
    got += (size_t)n;
  }
  return 0;
}

// The body begins at a multiple of eight after the header's fields.
static int read_message(int fd, struct message *m) {
  int result = read_exactly(fd, m->bytes, HEADER_BYTES);
  if (result < 0) return result;
  uint64_t body = HEADER_BYTES + (((uint64_t)word(m->bytes + 12) + 7) & ~(uint64_t)7), size = body + word(m->bytes + 4);
  if (m->bytes[0] != 'l' || size > sizeof m->bytes) return -EPROTO;
  m->body = (uint32_t)body;
  m->size = (uint32_t)size;
  return read_exactly(fd, m->bytes + HEADER_BYTES, m->size - HEADER_BYTES);
}

// The text at an offset of the body, and in `next` where the one after it begins; NULL when there is none.
static const char *text_at(const struct message *m, uint32_t offset, uint32_t *next) {
  uint64_t at = (uint64_t)m->body + offset;
  if (at + 4 > m->size) return NULL;
  uint64_t end = at + 4 + word(m->bytes + at);
  if (end >= m->size || m->bytes[end] != 0) return NULL;
  if (next) *next = (uint32_t)((end + 1 - m->body + 3) & ~(uint64_t)3);
  return (const char *)m->bytes + at + 4;
}

static int authenticate(int fd) {
  char hello[64], digits[16], answer[128];
  size_t size = 0;
  snprintf(digits, sizeof digits, "%u", geteuid());
  int n = snprintf(hello, sizeof hello, "%cAUTH EXTERNAL ", 0);
  for (const char *d = digits; *d; d++) n += snprintf(hello + n, sizeof hello - (size_t)n, "%02x", (unsigned)*d);
  // All at once, as systemd's own clients do: a short message that it read together with BEGIN would lie there unanswered.
  n += snprintf(hello + n, sizeof hello - (size_t)n, "\r\nBEGIN\r\n");
  int result = write_all(fd, hello, (size_t)n);
  while (result == 0 && size < sizeof answer && (size < 2 || answer[size - 1] != '\n')) {
    result = read_exactly(fd, (uint8_t *)answer + size, 1);
    if (result == 0) size++;
  }
  return result == 0 && strncmp(answer, "OK ", 3) ? -EACCES : result;
}

static int open_manager(void) {
  struct timeval patience = {ANSWER_S, 0};
  int fd = connect_to(SOCKET);
  if (fd < 0) return fd;
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  int result = authenticate(fd);
  if (result == 0) return fd;
  close(fd);
  return result;
}

// Waits for the answer to our one call; an error of systemd's goes into the detail.
static int await_return(struct runner *r, int fd, struct message *m) {
  int result;
  do {
    result = read_message(fd, m);
  } while (result == 0 && m->bytes[1] != RETURN && m->bytes[1] != ERROR);
  if (result == 0 && m->bytes[1] == ERROR) {
    const char *why = text_at(m, 0, NULL);
    detail(r, "systemd: %s", why ? why : "refused");
    return -EPERM;
  }
  return result;
}

// The job that makes the unit has ended: systemd tells everybody the number, the job, its unit and the result.
static int await_job(struct runner *r, int fd, struct message *m, const char *job) {
  for (;;) {
    uint32_t unit, outcome;
    int result = read_message(fd, m);
    if (result < 0) return result;
    if (m->bytes[1] != SIGNAL || !memmem(m->bytes, m->body, "JobRemoved", 11)) continue;
    const char *ended = text_at(m, 4, &unit);
    if (!ended || strcmp(ended, job) || !text_at(m, unit, &outcome)) continue;
    const char *how = text_at(m, outcome, NULL);
    if (how && !strcmp(how, "done")) return 0;
    detail(r, "systemd: the unit's job ended as %s", how ? how : "nothing");
    return -EIO;
  }
}

int systemd_scope(struct runner *r, const struct field *message, uint32_t pid_at) {
  static struct message heard;
  static uint8_t call[MESSAGE_BYTES_MAX];
  char job[256];
  uint32_t pid = (uint32_t)r->child;
  if (message->size > sizeof call || pid_at > message->size - sizeof pid) return -EINVAL;
  int fd = open_manager();
  if (fd < 0) {
    detail(r, "%s", SOCKET);
    return fd;
  }
  memcpy(call, message->text, message->size);
  memcpy(call + pid_at, &pid, sizeof pid);
  int result = write_all(fd, call, message->size);
  if (result == 0) result = await_return(r, fd, &heard);
  if (result == 0) {
    const char *path = text_at(&heard, 0, NULL);
    snprintf(job, sizeof job, "%s", path ? path : "");
    result = path ? await_job(r, fd, &heard, job) : -EPROTO;
  }
  close(fd);
  return result;
}

int systemd_stop(const char *call, size_t size) {
  static struct message heard;
  struct runner r = {0};
  int fd = open_manager();
  if (fd < 0) return fd;
  int result = write_all(fd, call, size);
  if (result == 0) result = await_return(&r, fd, &heard);
  close(fd);
  return result == -EPERM ? 0 : result;  // it is gone already
}
