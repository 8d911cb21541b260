// Moves a network device of the host into the container's network namespace: renamed, with the addresses that it had,
// and up. Spoken over netlink: requests are built in a buffer, each is acknowledged.
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "runner.h"

enum { ADDRESSES_MAX = 64, ANSWER_BYTES = 1 << 15, NUMBERS_MAX = 1000 };

struct request {
  struct nlmsghdr header;
  char body[256];
};

struct address {
  struct ifaddrmsg head;
  struct {
    unsigned short size;
    char bytes[16];
  } local, remote, broadcast;
};

static void put(struct request *q, unsigned short type, const void *bytes, size_t size) {
  struct rtattr *a = (struct rtattr *)((char *)q + NLMSG_ALIGN(q->header.nlmsg_len));
  a->rta_type = type;
  a->rta_len = (unsigned short)RTA_LENGTH(size);
  memcpy(RTA_DATA(a), bytes, size);
  q->header.nlmsg_len = NLMSG_ALIGN(q->header.nlmsg_len) + RTA_ALIGN(a->rta_len);
}

static struct request begin(unsigned short type, unsigned short flags, const void *head, size_t size) {
  struct request q = {.header = {.nlmsg_len = (uint32_t)NLMSG_LENGTH(size), .nlmsg_type = type,
                                 .nlmsg_flags = (unsigned short)(NLM_F_REQUEST | flags), .nlmsg_seq = 1}};
  memcpy(NLMSG_DATA(&q.header), head, size);
  return q;
}

// Sends a request and hands every message of the answer on; ends at the acknowledgement or the end of a dump.
static int ask(int socket, struct request *q, void (*take)(struct nlmsghdr *, void *), void *with) {
  static _Alignas(8) char bytes[ANSWER_BYTES];
  if (send(socket, q, q->header.nlmsg_len, 0) < 0) return -errno;
  for (;;) {
    ssize_t got = recv(socket, bytes, sizeof bytes, 0);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return -errno;
    size_t left = (size_t)got;
    for (struct nlmsghdr *m = (struct nlmsghdr *)bytes; NLMSG_OK(m, left); m = NLMSG_NEXT(m, left)) {
      if (m->nlmsg_type == NLMSG_DONE) return 0;
      if (m->nlmsg_type == NLMSG_ERROR) return ((struct nlmsgerr *)NLMSG_DATA(m))->error;
      if (take) take(m, with);
    }
  }
}

static void take_index(struct nlmsghdr *m, void *index) { *(int *)index = ((struct ifinfomsg *)NLMSG_DATA(m))->ifi_index; }

// The number of a device, or a negative errno.
static int find_link(int socket, const char *name) {
  int index = 0;
  struct request q = begin(RTM_GETLINK, NLM_F_ACK, &(struct ifinfomsg){.ifi_family = AF_UNSPEC}, sizeof(struct ifinfomsg));
  put(&q, IFLA_IFNAME, name, strlen(name) + 1);
  int result = ask(socket, &q, take_index, &index);
  return result < 0 ? result : index;
}

struct addresses {
  int link, count;
  struct address list[ADDRESSES_MAX];
};

// Those that somebody gave it for good and for everywhere; the others the kernel or a daemon makes anew.
static void take_address(struct nlmsghdr *m, void *with) {
  struct addresses *all = with;
  struct ifaddrmsg *head = NLMSG_DATA(m);
  if ((int)head->ifa_index != all->link || head->ifa_scope != RT_SCOPE_UNIVERSE || !(head->ifa_flags & IFA_F_PERMANENT) ||
      all->count == ADDRESSES_MAX)
    return;
  struct address *a = &all->list[all->count++];
  *a = (struct address){.head = *head};
  size_t left = IFA_PAYLOAD(m);
  for (struct rtattr *at = IFA_RTA(head); RTA_OK(at, left); at = RTA_NEXT(at, left)) {
    unsigned short size = (unsigned short)RTA_PAYLOAD(at);
    char *into = at->rta_type == IFA_LOCAL       ? a->local.bytes
                 : at->rta_type == IFA_ADDRESS   ? a->remote.bytes
                 : at->rta_type == IFA_BROADCAST ? a->broadcast.bytes
                                                 : NULL;
    if (!into || size > 16) continue;
    memcpy(into, RTA_DATA(at), size);
    *(at->rta_type == IFA_LOCAL ? &a->local.size : at->rta_type == IFA_ADDRESS ? &a->remote.size : &a->broadcast.size) = size;
  }
}

static int add_address(int socket, int link, const struct address *a) {
  struct ifaddrmsg head = {.ifa_family = a->head.ifa_family, .ifa_prefixlen = a->head.ifa_prefixlen,
                           .ifa_flags = IFA_F_PERMANENT, .ifa_scope = RT_SCOPE_UNIVERSE, .ifa_index = (unsigned)link};
  struct request q = begin(RTM_NEWADDR, NLM_F_ACK | NLM_F_CREATE | NLM_F_REPLACE, &head, sizeof head);
  if (a->local.size) put(&q, IFA_LOCAL, a->local.bytes, a->local.size);
  if (a->remote.size) put(&q, IFA_ADDRESS, a->remote.bytes, a->remote.size);
  if (a->broadcast.size) put(&q, IFA_BROADCAST, a->broadcast.bytes, a->broadcast.size);
  return ask(socket, &q, NULL, NULL);
}

static int set_up(int socket, int link) {
  struct ifinfomsg head = {.ifi_family = AF_UNSPEC, .ifi_index = link, .ifi_flags = IFF_UP, .ifi_change = IFF_UP};
  struct request q = begin(RTM_NEWLINK, NLM_F_ACK, &head, sizeof head);
  return ask(socket, &q, NULL, NULL);
}

static int send_link(int socket, int link, int space, const char *name) {
  struct request q = begin(RTM_NEWLINK, NLM_F_ACK, &(struct ifinfomsg){.ifi_family = AF_UNSPEC, .ifi_index = link},
                           sizeof(struct ifinfomsg));
  put(&q, IFLA_NET_NS_FD, &space, sizeof space);
  put(&q, IFLA_IFNAME, name, strlen(name) + 1);
  return ask(socket, &q, NULL, NULL);
}

// A name that is free inside: the one that is said, or the first number for its %d.
static int choose_name(struct runner *r, int inside, const char *wanted, char *name) {
  const char *place = strstr(wanted, "%d");
  for (int i = 0; i < (place ? NUMBERS_MAX : 1); i++) {
    if (place) snprintf(name, IFNAMSIZ, "%.*s%d%s", (int)(place - wanted), wanted, i, place + 2);
    else snprintf(name, IFNAMSIZ, "%s", wanted);
    if (find_link(inside, name) == -ENODEV) return 0;
  }
  detail(r, "the container's network has a device '%s' already", name);
  return -EEXIST;
}

static int open_netlink(void) {
  int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
  return fd < 0 ? -errno : fd;
}

// A socket belongs to the namespace that it was made in.
static int open_inside(int space) {
  int own = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
  if (own < 0) return -errno;
  int fd = setns(space, CLONE_NEWNET) < 0 ? -errno : open_netlink();
  if (setns(own, CLONE_NEWNET) < 0 && fd >= 0) fd = -errno;
  close(own);
  return fd;
}

static int move(struct runner *r, int outside, int inside, int space, const fields f) {
  static struct addresses all;
  char name[IFNAMSIZ];
  all = (struct addresses){.link = find_link(outside, f[0].text)};
  if (all.link < 0) return all.link;
  struct request q = begin(RTM_GETADDR, NLM_F_DUMP, &(struct ifaddrmsg){.ifa_family = AF_UNSPEC}, sizeof(struct ifaddrmsg));
  int result = ask(outside, &q, take_address, &all);
  if (result == 0) result = choose_name(r, inside, f[1].text, name);
  if (result == 0) result = send_link(outside, all.link, space, name);
  int link = result < 0 ? result : find_link(inside, name);
  if (link < 0) return link;
  for (int i = 0; i < all.count && result == 0; i++) result = add_address(inside, link, &all.list[i]);
  return result == 0 ? set_up(inside, link) : result;
}

int move_link(struct runner *r, const fields f) {
  char path[40];
  snprintf(path, sizeof path, "/proc/%d/ns/net", r->child);
  int space = open(path, O_RDONLY | O_CLOEXEC);
  if (space < 0) return -errno;
  int outside = open_netlink(), inside = open_inside(space);
  int result = outside < 0 ? outside : inside < 0 ? inside : move(r, outside, inside, space, f);
  if (outside >= 0) close(outside);
  if (inside >= 0) close(inside);
  close(space);
  return result;
}

// A new network has its own loopback device, down. Its addresses come with it.
int loopback(void) {
  struct ifreq request = {.ifr_name = "lo"};
  int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return -errno;
  int result = ioctl(fd, SIOCGIFFLAGS, &request) < 0 ? -errno : 0;
  if (result == 0 && !(request.ifr_flags & IFF_UP)) {
    request.ifr_flags |= IFF_UP;
    if (ioctl(fd, SIOCSIFFLAGS, &request) < 0) result = -errno;
  }
  close(fd);
  return result;
}
