/* Finds "web" by DNS and asks the first of its addresses, twice a second. The name server turns them
 * around with each answer, so that every replica gets its share. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

enum { ADDRESSES_MAX = 16 };

static const struct timeval PATIENCE = {.tv_sec = 2};

static struct sockaddr_in nameserver(void) {
  struct sockaddr_in server = {.sin_family = AF_INET, .sin_port = htons(53)};
  char line[256], address[64];
  FILE *file = fopen("/etc/resolv.conf", "r");
  while (file && fgets(line, sizeof line, file)) {
    if (sscanf(line, "nameserver %63s", address) == 1) {
      inet_pton(AF_INET, address, &server.sin_addr);
      break;
    }
  }
  if (file) fclose(file);
  return server;
}

static int skip_name(const unsigned char *packet, int at, int length) {
  while (at < length && packet[at] != 0) {
    if (packet[at] >= 0xc0) return at + 2;
    at += packet[at] + 1;
  }
  return at + 1;
}

/* The A records for "web"; how many there are, or -1. RFC 1035, section 4. */
static int resolve(struct in_addr *found) {
  static const unsigned char query[] = {0x57, 0x42, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0,
                                        3, 'w', 'e', 'b', 0, 0, 1, 0, 1};
  unsigned char answer[1500];
  struct sockaddr_in server = nameserver();
  int dns = socket(AF_INET, SOCK_DGRAM, 0);
  setsockopt(dns, SOL_SOCKET, SO_RCVTIMEO, &PATIENCE, sizeof PATIENCE);
  sendto(dns, query, sizeof query, 0, (struct sockaddr *)&server, sizeof server);
  int length = (int)recv(dns, answer, sizeof answer, 0);
  close(dns);
  if (length < 12) return -1;
  int records = answer[6] << 8 | answer[7], count = 0;
  int at = skip_name(answer, 12, length) + 4;
  while (records-- > 0 && count < ADDRESSES_MAX) {
    at = skip_name(answer, at, length);
    if (at + 10 > length) break;
    int type = answer[at] << 8 | answer[at + 1], size = answer[at + 8] << 8 | answer[at + 9];
    if (type == 1 && size == 4 && at + 14 <= length) memcpy(&found[count++], answer + at + 10, 4);
    at += 10 + size;
  }
  return count;
}

static void ask(struct in_addr address) {
  static const char request[] = "GET / HTTP/1.0\r\n\r\n";
  char answer[512] = "", text[INET_ADDRSTRLEN];
  struct sockaddr_in server = {
      .sin_family = AF_INET, .sin_port = htons(8080), .sin_addr = address};
  inet_ntop(AF_INET, &address, text, sizeof text);
  int web = socket(AF_INET, SOCK_STREAM, 0);
  setsockopt(web, SOL_SOCKET, SO_RCVTIMEO, &PATIENCE, sizeof PATIENCE);
  setsockopt(web, SOL_SOCKET, SO_SNDTIMEO, &PATIENCE, sizeof PATIENCE);
  int length = 0;
  if (connect(web, (struct sockaddr *)&server, sizeof server) == 0 &&
      write(web, request, sizeof request - 1) > 0) {
    int count;
    while ((count = (int)read(web, answer + length, sizeof answer - 1 - (size_t)length)) > 0)
      length += count;
  }
  close(web);
  char *body = strstr(answer, "\r\n\r\n");
  if (body) printf("web at %s answers: %s", text, body + 4);
  else printf("web at %s does not answer\n", text);
}

/* The first process of a container ends by SIGTERM only if it says how. */
static void on_term(int signal) {
  (void)signal;
  _exit(0);
}

int main(void) {
  signal(SIGTERM, on_term);
  setvbuf(stdout, NULL, _IOLBF, 0);
  for (;;) {
    struct in_addr addresses[ADDRESSES_MAX];
    int count = resolve(addresses);
    if (count > 0) ask(addresses[0]);
    else puts(count < 0 ? "no answer from the name server" : "web has no address yet");
    struct timespec pause = {.tv_nsec = 500000000};
    nanosleep(&pause, NULL);
  }
}
