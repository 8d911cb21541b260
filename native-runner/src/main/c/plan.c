// The decoder. It trusts nothing: every length is checked against what is left before it is used.
#include "plan.h"

#include <string.h>

static const uint8_t MAGIC[8] = {'w', 'a', 'y', 'b', 'i', 'l', 'l', 1};

static const struct {
  uint8_t code;
  const char *name, *signature;
} OPS[] = {
#define ROW(code, name, signature) {code, #name, signature},
    OPERATIONS(ROW)
#undef ROW
};

static int find(uint8_t code) {
  for (size_t i = 0; i < sizeof OPS / sizeof *OPS; i++)
    if (OPS[i].code == code) return (int)i;
  return -1;
}

const char *op_name(uint8_t code) {
  int i = find(code);
  return i < 0 ? "unknown" : OPS[i].name;
}

static int take_u32(struct cursor *c, uint32_t *value) {
  if (c->end - c->at < 4) return 0;
  *value = c->at[0] | c->at[1] << 8 | c->at[2] << 16 | (uint32_t)c->at[3] << 24;
  c->at += 4;
  return 1;
}

static int take_u64(struct cursor *c, uint64_t *value) {
  uint32_t low, high;
  if (!take_u32(c, &low) || !take_u32(c, &high)) return 0;
  *value = (uint64_t)high << 32 | low;
  return 1;
}

static int take_bytes(struct cursor *c, const char **bytes, uint32_t *size) {
  if (!take_u32(c, size) || (size_t)(c->end - c->at) < *size) return 0;
  *bytes = (const char *)c->at;
  c->at += *size;
  return 1;
}

static int take_text(struct cursor *c, const char **text, uint32_t *size) {
  if (!take_bytes(c, text, size) || c->at == c->end || *c->at++ != 0) return 0;
  return memchr(*text, 0, *size) == NULL;
}

static int take_list(struct cursor *c, const char **first, uint32_t *count) {
  if (!take_u32(c, count)) return 0;
  *first = NULL;
  for (uint32_t i = 0; i < *count; i++) {
    const char *text;
    uint32_t size;
    if (!take_text(c, &text, &size)) return 0;
    if (i == 0) *first = text;
  }
  return 1;
}

static int take_field(struct cursor *c, char type, struct field *f) {
  uint32_t small;
  switch (type) {
    case 'u':
      if (!take_u32(c, &small)) return 0;
      f->number = small;
      return 1;
    case 'U': return take_u64(c, &f->number);
    case 's': return take_text(c, &f->text, &f->size);
    case 'b': return take_bytes(c, &f->text, &f->size);
    case 'l': return take_list(c, &f->text, &f->size);
    default: return 0;
  }
}

const char *plan_next(struct cursor *c, struct op *op) {
  uint32_t length;
  if (c->end - c->at < 2) return "the plan ends inside an operation";
  op->code = *c->at++;
  op->phase = *c->at++;
  if (!take_u32(c, &length) || (size_t)(c->end - c->at) < length) return "an operation is longer than the plan";
  int row = find(op->code);
  if (row < 0) return "an operation has an unknown code";
  if (op->phase >= PHASES) return "an operation has an unknown phase";
  struct cursor fields = {c->at, c->at + length};
  for (int i = 0; OPS[row].signature[i]; i++)
    if (!take_field(&fields, OPS[row].signature[i], &op->field[i])) return "an operation has a malformed field";
  if (fields.at != fields.end) return "an operation has more fields than it should";
  c->at += length;
  return NULL;
}

struct cursor plan_ops(const struct plan *plan) {
  return (struct cursor){plan->bytes + sizeof MAGIC + 4, plan->bytes + plan->size};
}

const char *list_next(const char *text) {
  // Past the text, its NUL, and the next element's length.
  return text + strlen(text) + 1 + 4;
}

int plan_has(const struct plan *plan, uint8_t phase) {
  struct cursor c = plan_ops(plan);
  struct op op;
  for (uint32_t i = 0; i < plan->count; i++)
    if (plan_next(&c, &op) == NULL && op.phase == phase) return 1;
  return 0;
}

static int is_named(const struct op *op, const char *name) { return !strcmp(op_name(op->code), name); }

// What was seen so far of a plan that is checked.
struct order {
  uint8_t phase;
  int clones, execs;
};

static const char *check_place(struct order *seen, const struct op *op) {
  if (op->phase < seen->phase) return "the phases are out of order";
  seen->phase = op->phase;
  int is_clone = is_named(op, "clone"), is_exec = is_named(op, "exec");
  if (seen->clones && op->phase == PHASE_HOST) return "an operation of the host phase follows clone";
  if (is_clone && op->phase != PHASE_HOST) return "clone is not in the host phase";
  if (!seen->clones && !is_clone && op->phase != PHASE_HOST) return "clone is missing";
  if (is_exec && (op->phase != PHASE_START || op->field[0].size == 0)) return "exec has no program";
  if (seen->execs && op->phase <= PHASE_START) return "exec is not the last operation";
  if (op->phase > PHASE_START && !is_named(op, "hook")) return "only hooks may follow exec";
  seen->clones += is_clone;
  seen->execs += is_exec;
  return NULL;
}

// The phases in their order; exactly one clone, which ends the host phase; exec ends the start phase; then only hooks.
static const char *check_order(const struct plan *plan) {
  struct cursor c = plan_ops(plan);
  struct op op = {0};
  struct order seen = {0};
  for (uint32_t i = 0; i < plan->count; i++) {
    const char *wrong = plan_next(&c, &op);
    if (!wrong) wrong = check_place(&seen, &op);
    if (wrong) return wrong;
  }
  if (c.at != c.end) return "bytes follow the last operation";
  if (seen.clones != 1) return "clone is missing";
  return seen.execs == 1 ? NULL : "exec is not the last operation";
}

const char *plan_check(struct plan *plan, const uint8_t *bytes, size_t size) {
  struct cursor c = {bytes, bytes + size};
  if (size > PLAN_BYTES_MAX) return "the plan is too large";
  if (size < sizeof MAGIC || memcmp(bytes, MAGIC, sizeof MAGIC)) return "not a launch plan of this version";
  c.at += sizeof MAGIC;
  if (!take_u32(&c, &plan->count)) return "the plan ends inside its header";
  if (plan->count == 0 || plan->count > PLAN_OPS_MAX) return "the plan has no or too many operations";
  plan->bytes = bytes;
  plan->size = size;
  return check_order(plan);
}
