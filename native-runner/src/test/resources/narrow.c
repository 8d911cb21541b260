// Makes a directory by a system call of 32 bits, as any program of 64 bits can: narrow PATH.
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

int main(int argc, char **argv) {
  if (argc != 2) return 2;
  // The call sees only the lower half of an address.
  char *path = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
  if (path == MAP_FAILED) return 2;
  strncpy(path, argv[1], 4095);
  int result = 39;
  __asm__ volatile("int $0x80" : "+a"(result) : "b"(path), "c"(0755) : "memory");
  printf("%d\n", result);
  return 0;
}
