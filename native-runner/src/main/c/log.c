#include "log.h"

#include "runner.h"

enum { HEADER_BYTES_MAX = 64, BUFFER_BYTES = 20480 };

int log_open(struct log *log) {
  if (!*log->path) return 0;
  log->fd = open(log->path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  if (log->fd < 0) return -errno;
  off_t end = lseek(log->fd, 0, SEEK_END);
  log->size = end < 0 ? 0 : (uint64_t)end;
  return 0;
}

static void rotate(struct log *log) {
  char from[4096], to[4096];
  close(log->fd);
  for (uint32_t i = log->files_max - 1; i >= 1; i--) {
    snprintf(from, sizeof from, i == 1 ? "%s" : "%s.%u", log->path, i - 1);
    snprintf(to, sizeof to, "%s.%u", log->path, i);
    rename(from, to);  // the ones that do not exist yet
  }
  if (log->files_max <= 1) unlink(log->path);
  log->fd = -1;
  log->size = 0;
  log_open(log);
}

static void flush(struct log *log, const char *bytes, size_t size) {
  if (size == 0) return;
  if (log->fd < 0 || write_all(log->fd, bytes, size) < 0) {
    log->lost += size;  // told in the exit record
    return;
  }
  log->size += size;
}

// Days since 1970 to year, month, day, by the calendar's cycle of 400 years that starts on a first of March.
static void civil(int64_t days, int *year, int *month, int *day) {
  days += 719468;
  int64_t era = days / 146097, of_era = days % 146097;
  int64_t years = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
  int64_t of_year = of_era - (365 * years + years / 4 - years / 100);
  int64_t from_march = (5 * of_year + 2) / 153;
  *day = (int)(of_year - (153 * from_march + 2) / 5 + 1);
  *month = (int)(from_march < 10 ? from_march + 3 : from_march - 9);
  *year = (int)(years + era * 400 + (*month <= 2));
}

static size_t header(char *into, const char *stream) {
  struct timespec t;
  int year, month, day;
  clock_gettime(CLOCK_REALTIME, &t);
  civil(t.tv_sec / 86400, &year, &month, &day);
  int second = (int)(t.tv_sec % 86400);
  return (size_t)snprintf(into, HEADER_BYTES_MAX, "%04d-%02d-%02dT%02d:%02d:%02d.%09ldZ %s ", year, month, day,
                          second / 3600, second / 60 % 60, second % 60, t.tv_nsec, stream);
}

void log_write(struct log *log, const char *stream, const char *bytes, size_t size) {
  static char buffer[BUFFER_BYTES];
  char head[HEADER_BYTES_MAX];
  if (!*log->path) return;
  size_t used = 0, head_size = header(head, stream);
  while (size > 0) {
    const char *newline = memchr(bytes, '\n', size);
    size_t length = newline ? (size_t)(newline - bytes) : size;
    size_t record = head_size + length + 3;
    int full = log->size + used > 0 && log->size + used + record > log->bytes_max;
    if (full || used + record > sizeof buffer) {
      flush(log, buffer, used);
      used = 0;
    }
    if (full) rotate(log);
    memcpy(buffer + used, head, head_size);
    memcpy(buffer + used + head_size, newline ? "F " : "P ", 2);
    memcpy(buffer + used + head_size + 2, bytes, length);
    used += head_size + 2 + length;
    buffer[used++] = '\n';
    bytes += length + (newline != NULL);
    size -= length + (newline != NULL);
  }
  flush(log, buffer, used);
}
