// The tape: values as bytes. A count (u32), then each value: a tag and its payload in the machine's byte order.
// Raw access only, so that no script code runs while values cross.
#include <stdio.h>
#include <stdlib.h>

#include "internal.h"

enum { MAX_PRESIZED = 10 * 1000 * 1000, BYTES_PER_VALUE = 16, MAX_KEPT_NAME = 40 };
enum { TAG_NIL, TAG_FALSE, TAG_TRUE, TAG_INTEGER, TAG_NUMBER, TAG_STRING, TAG_TABLE, TAG_CLASS_TABLE };

static int grow(clua_buffer *b, size_t length) {
  size_t capacity = (b->length + length) * 2 + 64;
  uint8_t *grown = realloc(b->bytes, capacity);
  if (grown == NULL) return 0;
  b->bytes = grown;
  b->capacity = capacity;
  return 1;
}

// Whether there is room for so many bytes more.
static inline int has_room(clua_buffer *b, size_t length) {
  return length <= b->capacity - b->length || grow(b, length);
}

// Room must be there.
static inline void put(clua_buffer *b, const void *bytes, size_t length) {
  memcpy(b->bytes + b->length, bytes, length);
  b->length += length;
}

int clua_append(clua_buffer *b, const void *bytes, size_t length) {
  if (!has_room(b, length)) return 0;
  if (length) put(b, bytes, length);
  return 1;
}

void clua_discard(clua_buffer *b) {
  free(b->bytes);
  *b = (clua_buffer){0};
}

static int put_tag(clua_buffer *b, uint8_t tag) {
  if (!has_room(b, sizeof tag)) return 0;
  put(b, &tag, sizeof tag);
  return 1;
}

static int put_word(clua_buffer *b, uint8_t tag, const void *word) {
  if (!has_room(b, sizeof tag + 8)) return 0;
  put(b, &tag, sizeof tag);
  put(b, word, 8);
  return 1;
}

int clua_put_count(clua_buffer *b, uint32_t count) {
  if (!has_room(b, sizeof count)) return 0;
  put(b, &count, sizeof count);
  return 1;
}

int clua_put_nil(clua_buffer *b) { return put_tag(b, TAG_NIL); }
int clua_put_integer(clua_buffer *b, int64_t value) { return put_word(b, TAG_INTEGER, &value); }
int clua_put_text(clua_buffer *b, const char *text, size_t length) {
  uint8_t tag = TAG_STRING;
  uint32_t count = (uint32_t)length;
  if (length > UINT32_MAX || !has_room(b, sizeof tag + sizeof count + length)) return 0;
  put(b, &tag, sizeof tag);
  put(b, &count, sizeof count);
  put(b, text, length);
  return 1;
}

typedef struct encoder {
  lua_State *L;
  clua_buffer *buffer;
  size_t start, max_bytes, values;
  int max_depth, depth;
  const void *tables[MAX_DEPTH];    // the tables we are in
  struct { int key; lua_Integer index; } path[MAX_DEPTH + 1];  // key: stack index, or 0 for a sequence's `index`
  const char *function;
  int position;  // of the argument or result
  char *problem;
  size_t problem_size;
} encoder;

// Describes where the unfit value is; always returns 0.
static int unfit(encoder *c, const char *what, const char *verb) {
  char path[256] = "";
  size_t n = 0;
  for (int d = 0; d < c->depth && n < sizeof path - 1; d++) {
    int key = c->path[d].key, written;
    lua_Integer index = key ? (lua_isinteger(c->L, key) ? lua_tointeger(c->L, key) : 0) : c->path[d].index;
    if (key && lua_type(c->L, key) == LUA_TSTRING)
      written = snprintf(path + n, sizeof path - n, "%s%s", n ? "." : "", lua_tostring(c->L, key));
    else
      written = snprintf(path + n, sizeof path - n, "[%lld]", (long long)index);
    n += written > 0 ? (size_t)written : 0;
  }
  const char *open = path[0] ? "field '" : "", *close = path[0] ? "': " : "";
  if (c->function)
    snprintf(c->problem, c->problem_size, "bad argument #%d to '%s' (%s%s%s%s%s)", c->position, c->function, open, path,
             close, what, verb ? " cannot cross to the host" : "");
  else
    snprintf(c->problem, c->problem_size, "return value %d%s%s%s%s%s", c->position, path[0] ? ", " : "", open, path,
             path[0] ? close : ": ", what);
  if (!c->function && verb) strncat(c->problem, " cannot leave the script", c->problem_size - strlen(c->problem) - 1);
  return 0;
}

static int full(encoder *c) { return unfit(c, "the value is too large", NULL); }
static int encode_value(encoder *c, int index);

static int encode_class(encoder *c, int table) {
  lua_State *L = c->L;
  if (lua_getmetatable(L, table)) {
    size_t length;
    if (lua_rawgetp(L, -1, &clua_key_class_name) == LUA_TSTRING) {
      const char *name = lua_tolstring(L, -1, &length);
      int ok = put_tag(c->buffer, TAG_CLASS_TABLE) && clua_put_count(c->buffer, (uint32_t)length) &&
               clua_append(c->buffer, name, length);
      lua_pop(L, 2);
      return ok;
    }
    lua_pop(L, 2);
  }
  return put_tag(c->buffer, TAG_TABLE);
}

static int encode_table(encoder *c, int index) {
  lua_State *L = c->L;
  int top = lua_gettop(L);
  if (c->depth >= c->max_depth) return unfit(c, "the table is nested too deep", NULL);
  if (!lua_checkstack(L, 8) || c->buffer->length - c->start > c->max_bytes) return full(c);
  int table = clua_behind_frozen(L, index) ? lua_gettop(L) : index;
  const void *identity = lua_topointer(L, table);
  for (int d = 0; d < c->depth; d++)
    if (c->tables[d] == identity) return unfit(c, "a table that contains itself", "");
  if (!encode_class(c, table)) return full(c);
  c->tables[c->depth] = identity;
  int level = c->depth++;
  size_t count_at = c->buffer->length;
  uint32_t count = 0;
  if (!clua_put_count(c->buffer, 0)) return full(c);
  for (;; lua_pop(L, 1)) {  // the sequence
    c->path[level].key = 0;
    c->path[level].index = (lua_Integer)count + 1;
    if (lua_rawgeti(L, table, (lua_Integer)count + 1) == LUA_TNIL) break;
    if (!encode_value(c, lua_gettop(L))) return 0;
    count++;
  }
  memcpy(c->buffer->bytes + count_at, &count, sizeof count);
  count_at = c->buffer->length;
  uint32_t fields = 0;
  if (!clua_put_count(c->buffer, 0)) return full(c);
  // Stack: …, nil; lua_next starts from that nil.
  int key = lua_gettop(L);
  while (lua_next(L, table)) {
    int type = lua_type(L, key);
    if (type == LUA_TNUMBER && lua_isinteger(L, key) && lua_tointeger(L, key) >= 1 &&
        lua_tointeger(L, key) <= (lua_Integer)count) {
      lua_pop(L, 1);
      continue;
    }
    c->path[level].key = key;
    if (type != LUA_TSTRING && type != LUA_TNUMBER && type != LUA_TBOOLEAN) {
      c->depth = level;
      return unfit(c, type == LUA_TTABLE ? "a table as key" : "a key of this type", "");
    }
    if (!encode_value(c, key) || !encode_value(c, key + 1)) return 0;
    fields++;
    lua_pop(L, 1);
  }
  memcpy(c->buffer->bytes + count_at, &fields, sizeof fields);
  c->depth = level;
  lua_settop(L, top);
  return 1;
}

static int encode_value(encoder *c, int index) {
  lua_State *L = c->L;
  clua_buffer *b = c->buffer;
  int ok;
  // A byte of tape can be a value, which takes more than that on the other side.
  if (++c->values > c->max_bytes / BYTES_PER_VALUE) return full(c);
  switch (lua_type(L, index)) {
    case LUA_TNIL: ok = clua_put_nil(b); break;
    case LUA_TBOOLEAN: ok = put_tag(b, lua_toboolean(L, index) ? TAG_TRUE : TAG_FALSE); break;
    case LUA_TNUMBER:
      if (lua_isinteger(L, index)) {
        ok = clua_put_integer(b, lua_tointeger(L, index));
      } else {
        lua_Number number = lua_tonumber(L, index);
        ok = put_word(b, TAG_NUMBER, &number);
      }
      break;
    case LUA_TSTRING: {
      size_t length;
      const char *text = lua_tolstring(L, index, &length);
      if (b->length - c->start + length > c->max_bytes) return full(c);
      ok = clua_put_text(b, text, length);
      break;
    }
    case LUA_TTABLE: return encode_table(c, index);
    case LUA_TFUNCTION: return unfit(c, "a function", "");
    case LUA_TTHREAD: return unfit(c, "a coroutine", "");
    default: return unfit(c, "a userdata", "");
  }
  return ok && b->length - c->start <= c->max_bytes ? 1 : full(c);
}

int clua_encode(lua_State *L, int first, int last, clua_buffer *b, const char *function, char *problem, size_t size) {
  clua_engine *e = clua_engine_of(L);
  int top = lua_gettop(L), count = last >= first ? last - first + 1 : 0;
  if (!clua_put_count(b, (uint32_t)count)) {
    snprintf(problem, size, "not enough memory");
    return 0;
  }
  if (count == 0) return 1;
  encoder c;
  c.L = L, c.buffer = b, c.start = b->length, c.function = function, c.problem = problem, c.problem_size = size;
  c.max_bytes = (size_t)e->limits.value_bytes, c.values = 0;
  c.max_depth = e->limits.value_depth > MAX_DEPTH ? MAX_DEPTH : (int)e->limits.value_depth;
  for (int i = first; i <= last; i++) {
    c.depth = 0;
    c.position = i - first + 1;
    if (!encode_value(&c, i)) {
      lua_settop(L, top);
      return 0;
    }
  }
  return 1;
}

typedef struct decoder {
  const uint8_t *next, *end;
} decoder;

static void take(lua_State *L, decoder *d, void *to, size_t length) {
  if ((size_t)(d->end - d->next) < length) luaL_error(L, "damaged tape");
  memcpy(to, d->next, length);
  d->next += length;
}

static uint32_t take_count(lua_State *L, decoder *d) {
  uint32_t count;
  take(L, d, &count, sizeof count);
  return count;
}

static void take_string(lua_State *L, decoder *d) {
  uint32_t length = take_count(L, d);
  if ((size_t)(d->end - d->next) < length) luaL_error(L, "damaged tape");
  lua_pushlstring(L, (const char *)d->next, length);
  d->next += length;
}

// [-0, +1, m] The table of the names that are kept, made when it is first needed.
static void push_names(lua_State *L) {
  clua_engine *e = clua_engine_of(L);
  if (lua_rawgetp(L, LUA_REGISTRYINDEX, &clua_key_names) == LUA_TTABLE) return;
  lua_pop(L, 1);
  lua_createtable(L, KEPT_NAMES, 0);
  if (e->names == NULL) e->names = calloc(KEPT_NAMES, sizeof *e->names);
  if (e->names == NULL) luaL_error(L, "not enough memory");
  lua_pushvalue(L, -1);
  lua_rawsetp(L, LUA_REGISTRYINDEX, &clua_key_names);
}

// Pushes the name of a field. Records have the same names again and again: three bytes of a name say where it was kept
// the last time, and comparing it costs less than the hash that Lua makes of a string to find it. [-0, +1, m]
static void take_name(lua_State *L, decoder *d, int names) {
  uint32_t length = take_count(L, d);
  const uint8_t *text = d->next;
  if ((size_t)(d->end - text) < length) luaL_error(L, "damaged tape");
  d->next += length;
  if (length == 0) {
    lua_pushliteral(L, "");
    return;
  }
  uint32_t slot = (length + 3u * text[0] + 5u * text[length / 2] + 7u * text[length - 1]) % KEPT_NAMES;
  clua_kept_name *kept = &clua_engine_of(L)->names[slot];
  if (kept->length == length && memcmp(kept->text, text, length) == 0) {
    lua_rawgeti(L, names, (lua_Integer)slot + 1);
    return;
  }
  const char *own = lua_pushlstring(L, (const char *)text, length);
  if (length > MAX_KEPT_NAME) return;
  lua_pushvalue(L, -1);
  lua_rawseti(L, names, (lua_Integer)slot + 1);  // there is room for it
  *kept = (clua_kept_name){own, length};
}

static int decode_value(lua_State *L, decoder *d);

// Pushes the key of a field, and answers its tag.
static int decode_key(lua_State *L, decoder *d, int names) {
  if (d->next == d->end || *d->next != TAG_STRING) return decode_value(L, d);
  d->next++;
  take_name(L, d, names);
  return TAG_STRING;
}

// A class whose metatable has a table `__known` has one value for each `id`: the first that came takes the place of the
// later ones, so that they are the same key of a table. [-0, +?, m] The metatable is on top.
static void put_known(lua_State *L, int table) {
  lua_pushliteral(L, "__known");
  if (lua_rawget(L, -2) != LUA_TTABLE) return;
  int known = lua_gettop(L);
  lua_pushliteral(L, "id");
  if (lua_rawget(L, table) == LUA_TNIL) return;
  lua_pushvalue(L, -1);
  if (lua_rawget(L, known) == LUA_TNIL) {
    lua_pop(L, 1);
    lua_pushvalue(L, table);
    lua_rawset(L, known);
  } else {
    lua_replace(L, table);
  }
}

static void decode_table(lua_State *L, decoder *d, int has_class) {
  luaL_checkstack(L, 10, "values nested too deep");
  if (has_class) take_string(L, d);
  // Nearly every table is a list or a record, of which both sizes are known before it is made.
  uint32_t count = take_count(L, d), fields = count == 0 ? take_count(L, d) : 0;
  size_t left = (size_t)(d->end - d->next);
  if (count > left || fields > left / 2) luaL_error(L, "damaged tape");  // a value has a byte at least
  lua_createtable(L, count <= MAX_PRESIZED ? (int)count : 0, fields <= MAX_PRESIZED ? (int)fields : 0);
  int table = lua_gettop(L);
  for (uint32_t i = 1; i <= count; i++) {
    decode_value(L, d);
    lua_rawseti(L, table, i);
  }
  if (count > 0) fields = take_count(L, d);
  if (fields > 0) push_names(L);
  for (; fields > 0; fields--) {
    int key = decode_key(L, d, table + 1);
    decode_value(L, d);
    // Swift can build what Lua has no key for; such a field is dropped.
    if (key == TAG_NIL || (key == TAG_NUMBER && lua_tonumber(L, -2) != lua_tonumber(L, -2))) lua_pop(L, 2);
    else lua_rawset(L, table);
  }
  lua_settop(L, table);
  if (!has_class) return;
  lua_rawgetp(L, LUA_REGISTRYINDEX, &clua_key_classes);
  lua_pushvalue(L, table - 1);
  if (lua_rawget(L, -2) == LUA_TTABLE) {
    lua_pushvalue(L, -1);
    lua_setmetatable(L, table);
    put_known(L, table);
  }
  lua_settop(L, table);
  lua_remove(L, table - 1);
}

// There is room for one value. Answers its tag.
static int decode_value(lua_State *L, decoder *d) {
  uint8_t tag;
  take(L, d, &tag, 1);
  switch (tag) {
    case TAG_NIL: lua_pushnil(L); break;
    case TAG_FALSE: lua_pushboolean(L, 0); break;
    case TAG_TRUE: lua_pushboolean(L, 1); break;
    case TAG_INTEGER: {
      int64_t value;
      take(L, d, &value, sizeof value);
      lua_pushinteger(L, value);
      break;
    }
    case TAG_NUMBER: {
      double value;
      take(L, d, &value, sizeof value);
      lua_pushnumber(L, value);
      break;
    }
    case TAG_STRING: take_string(L, d); break;
    case TAG_TABLE: decode_table(L, d, 0); break;
    case TAG_CLASS_TABLE: decode_table(L, d, 1); break;
    default: luaL_error(L, "damaged tape");
  }
  return tag;
}

int clua_decode(lua_State *L, const uint8_t *tape, size_t length) {
  if (length == 0) return 0;
  decoder d = {tape, tape + length};
  uint32_t count = take_count(L, &d);
  for (uint32_t i = 0; i < count; i++) {
    luaL_checkstack(L, 1, "too many values");
    decode_value(L, &d);
  }
  return (int)count;
}
