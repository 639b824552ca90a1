// The slots of pending operations. An id holds a generation, so that a late completion finds nothing.
#include <stdlib.h>

#include "internal.h"

static clua_operation *find(const clua_engine *e, uint64_t id) {
  uint32_t slot = (uint32_t)id;
  if (id == 0 || slot >= e->operation_count) return NULL;
  clua_operation *op = e->operations[slot];
  return op->id == id ? op : NULL;
}

static int grow(clua_engine *e) {
  if ((e->operation_count & (e->operation_count - 1)) == 0) {  // a power of two is full
    size_t capacity = e->operation_count ? 2 * (size_t)e->operation_count : 1;
    clua_operation **grown = realloc(e->operations, capacity * sizeof *grown);
    if (grown == NULL) return 0;
    e->operations = grown;
  }
  clua_operation *op = calloc(1, sizeof *op);
  if (op == NULL) return 0;
  op->id = e->operation_count;
  e->operations[e->operation_count++] = op;
  op->next_free = e->free_operations;
  e->free_operations = op;
  return 1;
}

clua_operation *clua_new_operation(clua_engine *e) {
  if (e->free_operations == NULL && !grow(e)) {
    clua_stop_reason(e, CLUA_STOP_MEMORY);
    return NULL;
  }
  clua_operation *op = e->free_operations;
  e->free_operations = op->next_free;
  op->id += (uint64_t)1 << 32;
  op->answer = CLUA_ANSWER_PENDING;
  op->result.length = 0;
  op->task = NULL;
  op->group = NULL;
  op->next_free = NULL;
  return op;
}

void clua_free_operation(clua_engine *e, clua_operation *op) {
  e->held -= op->result.length;
  op->result.length = 0;
  if (op->result.capacity > 4096) clua_discard(&op->result);
  op->id += (uint64_t)1 << 32;  // late completions miss it
  op->answer = -1;
  op->next_free = e->free_operations;
  e->free_operations = op;
}

void clua_complete(clua_engine *e, uint64_t id, int answer, const uint8_t *tape, size_t length) {
  clua_operation *op = find(e, id);
  if (op == NULL || op->answer != CLUA_ANSWER_PENDING) return;
  if (answer == CLUA_ANSWER_STOP || !clua_append(&op->result, tape, length))
    clua_stop_reason(e, answer == CLUA_ANSWER_STOP ? CLUA_STOP_HOST : CLUA_STOP_MEMORY);
  e->held += op->result.length;
  op->answer = answer;
  if (op->task) clua_make_runnable(e, op->task);
}

int clua_is_complete(const clua_engine *e, uint64_t id) {
  const clua_operation *op = find(e, id);
  return op == NULL || op->answer != CLUA_ANSWER_PENDING;
}

int clua_answer(clua_engine *e, const uint8_t *tape, size_t length) {
  e->answer.length = 0;
  return clua_append(&e->answer, tape, length);
}
