// Small things that every part needs: clocks, files written whole, sockets, descriptors passed on.
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/xattr.h>

#include "runner.h"

void detail(struct runner *r, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(r->report.detail, sizeof r->report.detail, format, arguments);
  va_end(arguments);
}

uint64_t now_ns(clockid_t clock) {
  struct timespec t;
  clock_gettime(clock, &t);
  return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

uint64_t process_start(pid_t pid) {
  char path[40], stat[512];
  snprintf(path, sizeof path, "/proc/%d/stat", pid);
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return 0;
  ssize_t n = read(fd, stat, sizeof stat - 1);
  close(fd);
  if (n <= 0) return 0;
  stat[n] = 0;
  // The name may hold anything, so count fields from the last parenthesis: it ends field 2.
  char *at = strrchr(stat, ')');
  for (int field = 2; at && field < 22; field++) at = strchr(at + 1, ' ');
  return at ? strtoull(at + 1, NULL, 10) : 0;
}

int write_all(int fd, const void *bytes, size_t size) {
  const char *at = bytes;
  while (size > 0) {
    ssize_t n = write(fd, at, size);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return -errno;
    at += n;
    size -= (size_t)n;
  }
  return 0;
}

int write_file(const char *path, const char *text, size_t size) {
  int fd = open(path, O_WRONLY | O_CLOEXEC);
  if (fd < 0) return -errno;
  // One write: the kernel's own files take a value only as a whole.
  ssize_t n = write(fd, text, size);
  int result = n < 0 ? -errno : (size_t)n == size ? 0 : -EIO;
  close(fd);
  return result;
}

// Only the host's root may use the first; cgroups of version 1 do not have the second.
static const char *const MARKS[] = {"trusted.waybill", "user.waybill"};

void mark_made(const char *path) {
  if (setxattr(path, MARKS[0], "1", 1, 0) < 0) setxattr(path, MARKS[1], "1", 1, 0);
}

int is_marked(const char *path) {
  char value[2];
  return getxattr(path, MARKS[0], value, sizeof value) > 0 || getxattr(path, MARKS[1], value, sizeof value) > 0;
}

int save(const char *dir, const char *name, const char *text, size_t size) {
  char path[4096], temporary[4200];
  snprintf(path, sizeof path, "%s/%s", dir, name);
  snprintf(temporary, sizeof temporary, "%s.new", path);
  int fd = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (fd < 0) return -errno;
  int result = write_all(fd, text, size);
  close(fd);
  if (result == 0 && rename(temporary, path) < 0) result = -errno;
  if (result < 0) unlink(temporary);
  return result;
}

// The address of a socket. A path that is too long for one is named through its directory's descriptor, which the
// caller closes; -1 when there is none.
static int unix_address(struct sockaddr_un *address, const char *path, int *dir_fd) {
  char dir[4096];
  *address = (struct sockaddr_un){.sun_family = AF_UNIX};
  *dir_fd = -1;
  if (strlen(path) < sizeof address->sun_path) {
    strcpy(address->sun_path, path);
    return 0;
  }
  const char *slash = strrchr(path, '/');
  if (!slash || (size_t)(slash - path) >= sizeof dir) return -ENAMETOOLONG;
  snprintf(dir, sizeof dir, "%.*s", (int)(slash - path), path);
  *dir_fd = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (*dir_fd < 0) return -errno;
  int n = snprintf(address->sun_path, sizeof address->sun_path, "/proc/self/fd/%d%s", *dir_fd, slash);
  return n < (int)sizeof address->sun_path ? 0 : -ENAMETOOLONG;
}

static int stream_socket(void) {
  int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  return fd < 0 ? -errno : fd;
}

int listen_at(const char *dir, const char *name) {
  struct sockaddr_un address;
  char path[4200];
  int dir_fd, fd;
  snprintf(path, sizeof path, "%s/%s", dir, name);
  int result = unix_address(&address, path, &dir_fd);
  fd = result < 0 ? result : stream_socket();
  if (fd >= 0) {
    unlink(path);
    result = bind(fd, (struct sockaddr *)&address, sizeof address) < 0 || chmod(path, 0600) < 0 || listen(fd, 16) < 0
                 ? -errno
                 : fd;
    if (result < 0) close(fd);
  }
  if (dir_fd >= 0) close(dir_fd);
  return fd < 0 ? fd : result;
}

int connect_to(const char *path) {
  struct sockaddr_un address;
  int dir_fd, fd;
  int result = unix_address(&address, path, &dir_fd);
  fd = result < 0 ? result : stream_socket();
  if (fd >= 0) {
    result = connect(fd, (struct sockaddr *)&address, sizeof address) < 0 ? -errno : fd;
    if (result < 0) close(fd);
  }
  if (dir_fd >= 0) close(dir_fd);
  return fd < 0 ? fd : result;
}

int send_message(int socket, const void *bytes, size_t size, int fd) {
  char control[CMSG_SPACE(sizeof(int))] __attribute__((aligned(8))) = {0};
  struct iovec part = {(void *)bytes, size};
  struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
  if (fd >= 0) {
    message.msg_control = control;
    message.msg_controllen = sizeof control;
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    *header = (struct cmsghdr){.cmsg_len = CMSG_LEN(sizeof fd), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS};
    memcpy(CMSG_DATA(header), &fd, sizeof fd);
  }
  return sendmsg(socket, &message, MSG_NOSIGNAL) < 0 ? -errno : 0;
}

ssize_t receive_message(int socket, void *bytes, size_t size, int *fd) {
  char control[CMSG_SPACE(sizeof(int))] __attribute__((aligned(8)));
  struct iovec part = {bytes, size};
  struct msghdr message = {
      .msg_iov = &part, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
  ssize_t n;
  do {
    n = recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
  } while (n < 0 && errno == EINTR);
  if (n < 0) return -errno;
  *fd = -1;
  struct cmsghdr *header = CMSG_FIRSTHDR(&message);
  if (header && header->cmsg_type == SCM_RIGHTS) memcpy(fd, CMSG_DATA(header), sizeof *fd);
  return n;
}
