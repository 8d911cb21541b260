// Exchanges two names over and over, as another container with the same volume can: swap ONE OTHER.
#include <fcntl.h>
#include <stdio.h>

int main(int argc, char **argv) {
  if (argc != 3) return 2;
  puts("swapping");
  fflush(stdout);
  for (;;) renameat2(AT_FDCWD, argv[1], AT_FDCWD, argv[2], RENAME_EXCHANGE);
}
