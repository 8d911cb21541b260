// Who this program is, and who answers it: what is different for a user without rights.
#include <sys/socket.h>
#include <sys/stat.h>

#include "cli.h"

// Root of a user namespace, such as rootless engines make one, is nobody in the host's own directories.
static int is_nested_root(void) {
  unsigned long inside, outside, count;
  const char *name = getenv("USER");
  FILE *map = fopen("/proc/self/uid_map", "re");
  int whole = map && fscanf(map, "%lu %lu %lu", &inside, &outside, &count) == 3 && inside == 0 && outside == 0 &&
              count == 4294967295;
  if (map) fclose(map);
  return !whole && !(name && !strcmp(name, "root"));
}

const char *default_root(void) {
  static char path[PATH_BYTES];
  struct stat status;
  const char *runtime = getenv("XDG_RUNTIME_DIR");
  if (geteuid() == 0 && !(runtime && is_nested_root())) return "/run/waybill-runner";
  if (runtime && *runtime) return snprintf(path, sizeof path, "%s/waybill-runner", runtime), path;
  // A login that did not say so may still have one.
  snprintf(path, sizeof path, "/run/user/%u", geteuid());
  if (stat(path, &status) < 0 || status.st_uid != geteuid()) return NULL;
  strcat(path, "/waybill-runner");
  return path;
}

static int peer_of(int socket, struct ucred *peer) {
  socklen_t size = sizeof *peer;
  return getsockopt(socket, SOL_SOCKET, SO_PEERCRED, peer, &size);
}

int descriptor_of_peer(int socket, const char *number) {
  struct ucred peer;
  char path[48];
  if (peer_of(socket, &peer) < 0) return -1;
  snprintf(path, sizeof path, "/proc/%d/fd/%d", peer.pid, atoi(number));
  return open(path, O_RDONLY | O_CLOEXEC);
}

int is_like_me(int socket) {
  struct ucred peer;
  struct stat own, theirs;
  char path[40];
  if (peer_of(socket, &peer) < 0 || peer.uid != geteuid()) return 0;
  snprintf(path, sizeof path, "/proc/%d/ns/user", peer.pid);
  return stat("/proc/self/ns/user", &own) == 0 && stat(path, &theirs) == 0 && own.st_ino == theirs.st_ino;
}
