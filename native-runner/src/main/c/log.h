// A container's log: one line a record, `2026-11-24T05:36:29.123456789Z stdout F text`, rotated by size.
#ifndef WAYBILL_LOG_H
#define WAYBILL_LOG_H

#include <stdint.h>
#include <sys/types.h>

struct log {
  const char *path;  // empty: no log
  uint64_t bytes_max, size, lost;
  uint32_t files_max;
  int fd;
};

int log_open(struct log *log);
// Writes what came from a stream. What has no newline at its end becomes a record with the tag P.
void log_write(struct log *log, const char *stream, const char *bytes, size_t size);

#endif
