// Takes one seccomp listener from a socket, prints what comes with it, and answers every call with EMSGSIZE.
#include <errno.h>
#include <linux/seccomp.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

int main(int argc, char **argv) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  char text[8192], control[CMSG_SPACE(sizeof(int))] __attribute__((aligned(8)));
  if (argc != 2) return 2;
  strncpy(address.sun_path, argv[1], sizeof address.sun_path - 1);
  int listener = socket(AF_UNIX, SOCK_STREAM, 0);
  if (bind(listener, (struct sockaddr *)&address, sizeof address) || listen(listener, 1)) return perror("bind"), 1;
  int client = accept(listener, NULL, NULL);
  struct iovec part = {text, sizeof text - 1};
  struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
  ssize_t n = recvmsg(client, &message, 0);
  struct cmsghdr *header = CMSG_FIRSTHDR(&message);
  if (n <= 0 || !header) return perror("recvmsg"), 1;
  text[n] = 0;
  puts(text);
  fflush(stdout);
  int fd = *(int *)CMSG_DATA(header);
  for (;;) {
    struct seccomp_notif call = {0};
    if (ioctl(fd, SECCOMP_IOCTL_NOTIF_RECV, &call)) return errno == ENOENT ? 0 : 1;
    struct seccomp_notif_resp answer = {.id = call.id, .error = -EMSGSIZE};
    ioctl(fd, SECCOMP_IOCTL_NOTIF_SEND, &answer);
  }
}
