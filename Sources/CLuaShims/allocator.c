// Grant and kill: a table is never refused below the hard limit, because a refused table starts an emergency
// collection inside a rehash, and 5.4.1-5.4.7 then free a table in use. Strings are safe to refuse. Over the soft
// limit the allocation is granted and the hook, armed for the next instruction, stops the script.
#include <stdlib.h>

#include "internal.h"

static void *refuse(clua_engine *e) {
  clua_stop_reason(e, CLUA_STOP_MEMORY);
  return NULL;
}

// Test switch: does this growing allocation fail?
static int injected(clua_engine *e) {
  int64_t number = e->allocations++;
  if (e->limits.fail_allocation < 0) return 0;
  return e->limits.fail_from_there_on ? number >= e->limits.fail_allocation : number == e->limits.fail_allocation;
}

void *clua_allocate(void *context, void *block, size_t old_size, size_t new_size) {
  clua_engine *e = context;
  size_t kind = 0;
  if (block == NULL) {  // then old_size is the type of the new object
    kind = old_size;
    old_size = 0;
  }
  if (new_size == 0) {
    free(block);
    e->used -= old_size;
    return NULL;
  }
  if (new_size > old_size) {
    size_t growth = new_size - old_size, want = e->used + growth;
    if (injected(e)) return refuse(e);
    if (kind == LUA_TSTRING && (growth > e->max_string || want > 2 * e->soft)) return refuse(e);
    if (want > e->hard) return refuse(e);
    e->since_check += growth;
    if ((want > e->soft || e->since_check > CHECK_BYTES) && e->running) clua_set_hook(e, e->running, 1);
  }
  void *moved = realloc(block, new_size);
  if (moved == NULL) {
    if (new_size <= old_size) return block;  // Lua assumes that shrinking can't fail
    return refuse(e);
  }
  e->used += new_size - old_size;
  if (e->used > e->peak) e->peak = e->used;
  return moved;
}
