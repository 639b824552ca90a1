// How often each line of the scripts ran. The counters of a chunk are made when it is compiled, so that the hook only
// adds. What `load` makes has none: it is no file. One engine has few chunks, so they are searched one by one.
#include <stdlib.h>

#include "internal.h"

// Lines are numbered from 1; lines[0] counts nothing.
struct clua_counted {
  struct clua_counted *next;
  char *name;
  size_t count;
  uint64_t *lines;
};

static clua_counted *counted_chunk(const clua_engine *e, const char *name) {
  clua_counted *chunk = e->counted;
  while (chunk && strcmp(chunk->name, name) != 0) chunk = chunk->next;
  return chunk;
}

void clua_count_lines(clua_engine *e) { e->counts_lines = 1; }

static clua_counted *add_chunk(clua_engine *e, const char *name) {
  clua_counted *chunk = calloc(1, sizeof *chunk);
  char *copy = strdup(name);
  if (chunk == NULL || copy == NULL) {
    free(chunk);
    free(copy);
    return NULL;
  }
  *chunk = (clua_counted){.next = e->counted, .name = copy};
  e->counted = chunk;
  return chunk;
}

int clua_count_lines_of(clua_engine *e, const char *name, const char *source, size_t length) {
  if (!e->counts_lines) return 1;
  size_t count = 2;  // one line at least, from 1; \r\n counts twice, which does no harm
  for (size_t i = 0; i < length; i++) count += source[i] == '\n' || source[i] == '\r';
  clua_counted *chunk = counted_chunk(e, name);
  if (chunk == NULL) chunk = add_chunk(e, name);
  if (chunk == NULL) return 0;
  if (chunk->count >= count) return 1;
  uint64_t *lines = realloc(chunk->lines, count * sizeof *lines);
  if (lines == NULL) return 0;
  memset(lines + chunk->count, 0, (count - chunk->count) * sizeof *lines);
  chunk->lines = lines;
  chunk->count = count;
  return 1;
}

void clua_note_line(lua_State *L, lua_Debug *ar) {
  if (!lua_getinfo(L, "S", ar) || ar->source[0] != '=') return;
  clua_counted *chunk = counted_chunk(clua_engine_of(L), ar->source + 1);
  if (chunk && ar->currentline > 0 && (size_t)ar->currentline < chunk->count) chunk->lines[ar->currentline]++;
}

void clua_free_counts(clua_engine *e) {
  for (clua_counted *chunk = e->counted, *next; chunk; chunk = next) {
    next = chunk->next;
    free(chunk->name);
    free(chunk->lines);
    free(chunk);
  }
  e->counted = NULL;
}

const clua_counted *clua_next_counted(const clua_engine *e, const clua_counted *last) {
  return last ? last->next : e->counted;
}

const char *clua_counted_name(const clua_counted *chunk) { return chunk->name; }

const uint64_t *clua_counted_lines(const clua_counted *chunk, size_t *count) {
  *count = chunk->count;
  return chunk->lines;
}

void clua_forget_counts(clua_engine *e) {
  for (clua_counted *chunk = e->counted; chunk; chunk = chunk->next)
    memset(chunk->lines, 0, chunk->count * sizeof *chunk->lines);
}
