/* A web server that tells its host name to whoever asks. */
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/utsname.h>
#include <unistd.h>

/* The first process of a container ends by SIGTERM only if it says how. */
static void on_term(int signal) {
  (void)signal;
  _exit(0);
}

int main(void) {
  signal(SIGTERM, on_term);
  int listener = socket(AF_INET, SOCK_STREAM, 0);
  int on = 1;
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(8080)};
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (bind(listener, (struct sockaddr *)&address, sizeof address) || listen(listener, 16)) {
    perror("web: cannot listen on port 8080");
    return 1;
  }
  struct utsname host;
  uname(&host);
  printf("%s listens on port 8080\n", host.nodename);
  fflush(stdout);
  for (;;) {
    char request[1024], answer[256];
    int client = accept(listener, NULL, NULL);
    if (client < 0) continue;
    if (read(client, request, sizeof request) > 0) {
      int length = snprintf(answer, sizeof answer,
                            "HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n\r\n%s\n", host.nodename);
      if (write(client, answer, (size_t)length) != length) perror("web: answer cut short");
    }
    close(client);
  }
}
