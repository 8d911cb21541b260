// Feeds the decoder changed plans: fuzz_plan SECONDS SEED FILE... mutates the files' bytes; with libFuzzer (FUZZER, see
// fuzz-decoder) the entry point below is all that is needed; with REPLAY each file goes through once, for valgrind.
// Whatever is accepted is then walked as the executor walks it.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../../main/c/plan.h"

enum { INPUT_MAX = 1 << 17, SEEDS_MAX = 64, EXEC = 39 };

static volatile size_t sink;

static void walk(const struct plan *plan) {
  struct cursor c = plan_ops(plan);
  struct op op;
  for (uint32_t i = 0; i < plan->count; i++) {
    memset(&op, 0, sizeof op);
    if (plan_next(&c, &op)) abort();
    sink += strlen(op_name(op.code));
    for (int f = 0; f < FIELDS_MAX; f++) {
      if (!op.field[f].text || op.field[f].size == 0) continue;
      if (op.code != EXEC) {
        sink += (size_t)op.field[f].text[0];
        continue;
      }
      const char *word = op.field[f].text;  // a list
      for (uint32_t w = 0; w < op.field[f].size; w++) {
        sink += strlen(word);
        if (w + 1 < op.field[f].size) word = list_next(word);
      }
    }
  }
  for (uint8_t phase = 0; phase < PHASES; phase++) sink += (size_t)plan_has(plan, phase);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
  struct plan plan;
  uint8_t *exact = malloc(size ? size : 1);  // so that a byte too far is found
  if (!exact) abort();
  memcpy(exact, bytes, size);
  if (plan_check(&plan, exact, size) == NULL) walk(&plan);
  free(exact);
  return 0;
}

#ifdef REPLAY
int main(int argc, char **argv) {
  static uint8_t bytes[INPUT_MAX];
  for (int i = 1; i < argc; i++) {
    FILE *f = fopen(argv[i], "rb");
    if (!f) return 2;
    LLVMFuzzerTestOneInput(bytes, fread(bytes, 1, sizeof bytes, f));
    fclose(f);
  }
  return 0;
}
#elif !defined FUZZER
static uint64_t state;

static uint64_t next(void) {
  state ^= state << 13;
  state ^= state >> 7;
  return state ^= state << 17;
}

static uint8_t seeds[SEEDS_MAX][INPUT_MAX], input[INPUT_MAX];
static size_t sizes[SEEDS_MAX];

static size_t mutate(int seed, int seed_count) {
  static const uint32_t EDGES[] = {0, 1, 0x7f, 0xff, 0x7fffffff, 0x80000000, 0xffffffff, 0xfffffffc};
  size_t size = sizes[seed];
  memcpy(input, seeds[seed], size);
  for (uint64_t n = next() % 6 + 1; n > 0 && size > 8; n--) {
    size_t at = next() % size, from, length;
    switch (next() % 6) {
      case 0: input[at] ^= (uint8_t)(1u << next() % 8); break;
      case 1: input[at] = (uint8_t)next(); break;
      case 2:
        if (at + 4 <= size) memcpy(input + at, &EDGES[next() % 8], 4);
        break;
      case 3: size = at; break;
      case 4:
        length = next() % 64;
        if (at + length < size) memmove(input + at, input + at + length, size - at - length), size -= length;
        break;
      default: {
        int other = (int)(next() % (uint64_t)seed_count);
        from = next() % sizes[other];
        length = next() % 256;
        if (from + length > sizes[other] || at + length > size) break;
        memcpy(input + at, seeds[other] + from, length);
      }
    }
  }
  return size;
}

int main(int argc, char **argv) {
  if (argc < 4 || argc - 3 > SEEDS_MAX) return 2;
  time_t until = time(NULL) + atoi(argv[1]);
  state = strtoull(argv[2], NULL, 10) * 2 + 1;
  int count = argc - 3;
  for (int i = 0; i < count; i++) {
    FILE *f = fopen(argv[3 + i], "rb");
    sizes[i] = f ? fread(seeds[i], 1, INPUT_MAX, f) : 0;
    if (!f || sizes[i] == 0) return 2;
    fclose(f);
    LLVMFuzzerTestOneInput(seeds[i], sizes[i]);
  }
  uint64_t tries = 0;
  do {
    for (int i = 0; i < 1000; i++, tries++) {
      size_t size = mutate((int)(next() % (uint64_t)count), count);
      LLVMFuzzerTestOneInput(input, size);
    }
  } while (time(NULL) < until);
  printf("%llu plans\n", (unsigned long long)tries);
  return 0;
}
#endif
