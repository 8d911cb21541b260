// criu as a child that is asked over a socket, in its own protocol.
#ifndef WAYBILL_CRIU_H
#define WAYBILL_CRIU_H

#include "cli.h"

enum { CRIU_DUMP = 1, CRIU_RESTORE = 2, CRIU_PRE_DUMP = 4, CRIU_NOTIFY = 6 };

// Fields of a request's options, by criu's numbers.
enum {
  IMAGES_DIR = 1, DUMPED_PID = 2, LEAVE_RUNNING = 3, EXT_UNIX_SK = 4, TCP_ESTABLISHED = 5, SHELL_JOB = 7, FILE_LOCKS = 8,
  LOG_LEVEL = 9, LOG_FILE = 10, PAGE_SERVER = 11, NOTIFIES = 12, ROOT = 13, PARENT_IMAGE = 14, TRACK_MEM = 15, AUTO_DEDUP = 16,
  WORK_DIR = 17, LINK_REMAP = 18, MANAGE_CGROUPS = 24, CGROUP_ROOT = 25, RESTORE_SIBLING = 26, INHERIT_FD = 27,
  CGROUPS_MODE = 34, EXTERNAL = 37, EMPTY_NAMESPACES = 38, JOIN_NAMESPACE = 39, FREEZE_CGROUP = 44, ORPHAN_TERMINAL = 50,
  LSM_PROFILE = 53, LSM_MOUNT_CONTEXT = 63
};
enum { CGROUPS_IGNORE = 0 };

// A message of that protocol while it is made.
struct bytes {
  char *at;
  size_t size, room;
};
void add_number(struct bytes *b, unsigned field, uint64_t value);
void add_text(struct bytes *b, unsigned field, const char *text);
void add_part(struct bytes *b, unsigned field, struct bytes *part);

struct criu {
  pid_t pid;
  int handover;  // gives the socket
};
// Starts it; PREPARE is called in the new process before criu takes its place, and says what is wrong where it returns nonzero.
int criu_start(struct criu *c, const struct cli *cli, int (*prepare)(void *), void *with);

struct criu_answer {
  int success, told;  // whether the new process has said itself why it did not become criu
  pid_t pid;  // of the restored process
  char script[32], message[512];
};
// Sends a request and hears its answers. NOTIFIED is told of each step, perhaps with a descriptor, and returns whether to go on.
void criu_ask(struct criu *c, int type, struct bytes *options, int (*notified)(void *, const struct criu_answer *, int), void *with,
              struct criu_answer *answer);

// The options of both ways; 0, or EXIT_FAILED after saying why not.
int criu_options(const struct cli *cli, struct bytes *options, const char *log);
// Opens the folders anew, for a process with mounts of its own.
int criu_open_dirs(const struct cli *cli);
// Says why criu could not: the last error of its log and where that is, or what keeps it from starting on this host.
int criu_failed(const struct cli *cli, const struct criu_answer *answer, const char *log);

// Names of what lies outside of an image: known to both ways.
#define OUTER_NETWORK "extRootNetNS"
#define OUTER_PIDS "extRootPidNS"
#define DESCRIPTORS "descriptors.json"

// Makes the folders of images and of criu's logs, where they are missing, and their paths absolute.
void find_images(struct cli *cli);
// The plan of the bundle, as if it were to run.
int ask_plan(const struct cli *cli, struct answer *answer, struct runner *r);
// Calls back for each mount of the plan whose content is not the container's own: where it is, and what lies there.
void each_outer_mount(const struct plan *plan, void (*visit)(void *, const struct op *, const char *, const char *), void *with);

#endif
