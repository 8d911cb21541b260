// Files of the state directory, and the record: what creating a container decided, part after part.
#include <sys/stat.h>
#include <sys/uio.h>

#include "cli.h"

enum { UNKNOWN_BYTES = 1 << 16 };

char *read_text(const char *dir, const char *name) {
  char path[PATH_BYTES + 64];
  struct stat status;
  snprintf(path, sizeof path, "%s/%s", dir, name);
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return NULL;
  // Files of the kernel say size 0, have more, and give it page by page.
  int is_whole = fstat(fd, &status) == 0 && status.st_size > 0;
  size_t room = is_whole ? (size_t)status.st_size : UNKNOWN_BYTES, size = 0;
  char *text = malloc(room + 1);
  ssize_t n = 0;
  while (text && (n = read(fd, text + size, room - size)) > 0) {
    size += (size_t)n;
    if (is_whole) break;
    if (size == room && !(text = realloc(text, (room *= 2) + 1))) abort();
  }
  close(fd);
  if (!text || n < 0) {
    free(text);
    return NULL;
  }
  text[size] = 0;
  return text;
}

enum { PARTS_MAX = 8, PART_HEADER_BYTES = 64 };

// Each part has a line "NAME SIZE" before it.
char *read_part(const char *dir, const char *name) {
  char *record = read_text(dir, "record"), *at = record, *found = NULL;
  while (at && *at && !found) {
    size_t named = strcspn(at, " "), length = strtoul(at + named, NULL, 10);
    char *text = strchr(at, '\n');
    if (!text || strlen(text + 1) < length) break;  // cut short while it was written
    if (named == strlen(name) && !strncmp(at, name, named) && (found = malloc(length + 1))) {
      memcpy(found, text + 1, length);
      found[length] = 0;
    }
    at = text + 1 + length;
  }
  free(record);
  return found;
}

void remember(struct cli *cli) {
  char path[PATH_BYTES + 16];
  snprintf(path, sizeof path, "%s/%s", cli->dir, STOP_CALL);
  cli->systemd = access(path, F_OK) == 0;
  cli->bundle = read_part(cli->dir, "bundle");
}

int save_record(const char *dir, ...) {
  char path[PATH_BYTES + 16], headers[PARTS_MAX][PART_HEADER_BYTES];
  struct iovec parts[2 * PARTS_MAX];
  int count = 0;
  size_t total = 0;
  va_list arguments;
  va_start(arguments, dir);
  for (const char *name; count < PARTS_MAX && (name = va_arg(arguments, const char *)); count++) {
    const char *text = va_arg(arguments, const char *);
    int n = snprintf(headers[count], sizeof headers[count], "%s %zu\n", name, strlen(text));
    parts[2 * count] = (struct iovec){headers[count], (size_t)n};
    parts[2 * count + 1] = (struct iovec){(void *)(uintptr_t)text, strlen(text)};
    total += (size_t)n + strlen(text);
  }
  va_end(arguments);
  snprintf(path, sizeof path, "%s/record", dir);
  int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd < 0) return -errno;
  ssize_t n = writev(fd, parts, 2 * count);
  int result = n < 0 ? -errno : (size_t)n == total ? 0 : -ENOSPC;
  close(fd);
  return result;
}
