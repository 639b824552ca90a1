// Compiles patterns. What is wrong with one is told here, before anything is matched.
#include "pattern.h"

#include <ctype.h>

enum { MAX_PATTERN = 20000, MAX_CACHED_LENGTH = 256, MAX_CACHED = 64 };

typedef struct compiler {
  lua_State *L;
  const char *at, *end;
  clua_pattern *pattern;
  uint32_t items, sets, choices;
  int open[MAX_CAPTURES], depth;
  uint32_t closed;  // bit per capture
} compiler;

static int is_in_class(int letter, int c) {
  int is_in;
  switch (tolower(letter)) {
    case 'a': is_in = isalpha(c); break;
    case 'c': is_in = iscntrl(c); break;
    case 'd': is_in = isdigit(c); break;
    case 'g': is_in = isgraph(c); break;
    case 'l': is_in = islower(c); break;
    case 'p': is_in = ispunct(c); break;
    case 's': is_in = isspace(c); break;
    case 'u': is_in = isupper(c); break;
    case 'w': is_in = isalnum(c); break;
    case 'x': is_in = isxdigit(c); break;
    case 'z': is_in = c == 0; break;  // deprecated, and still there
    default: return -1;  // no class
  }
  return isupper(letter) ? !is_in : is_in != 0;
}

static void add(clua_set *set, int c) { set->bits[c >> 3] |= (uint8_t)(1 << (c & 7)); }

// Adds what "%letter" stands for.
static void add_escaped(clua_set *set, uint8_t letter) {
  if (is_in_class(letter, 0) < 0) {
    add(set, letter);
    return;
  }
  for (int c = 0; c < 256; c++)
    if (is_in_class(letter, c)) add(set, c);
}

static clua_set *new_set(compiler *c, clua_item *item) {
  item->set = c->sets;
  return &c->pattern->sets[c->sets++];
}

// c->at is after the "[".
static void compile_set(compiler *c, clua_set *set) {
  int is_complement = c->at < c->end && *c->at == '^';
  if (is_complement) c->at++;
  for (int is_first = 1;; is_first = 0) {
    if (c->at >= c->end) luaL_error(c->L, "malformed pattern (missing ']')");
    uint8_t character = (uint8_t)*c->at++;
    if (character == ']' && !is_first) break;
    if (character == '%') {
      if (c->at >= c->end) luaL_error(c->L, "malformed pattern (missing ']')");
      add_escaped(set, (uint8_t)*c->at++);
    } else if (c->end - c->at >= 2 && c->at[0] == '-' && c->at[1] != ']') {
      for (int i = character; i <= (uint8_t)c->at[1]; i++) add(set, i);
      c->at += 2;
    } else {
      add(set, character);
    }
  }
  if (is_complement)
    for (int i = 0; i < 32; i++) set->bits[i] = (uint8_t)~set->bits[i];
}

static clua_item *new_item(compiler *c, clua_item_kind kind) {
  clua_item *item = &c->pattern->items[c->items++];
  *item = (clua_item){.kind = (uint8_t)kind};
  return item;
}

static void compile_single(compiler *c) {
  uint8_t character = (uint8_t)*c->at++;
  clua_item *item = new_item(c, ITEM_CHARACTER);
  item->a = character;
  if (character == '.') {
    item->kind = ITEM_ANY;
  } else if (character == '[') {
    item->kind = ITEM_SET;
    compile_set(c, new_set(c, item));
  } else if (character == '%') {
    item->a = (uint8_t)*c->at++;
    if (is_in_class(item->a, 0) >= 0) {
      item->kind = ITEM_SET;
      add_escaped(new_set(c, item), item->a);
    }
  }
  if (c->at >= c->end) return;
  switch (*c->at) {
    case '*': item->repeat = REPEAT_STAR; break;
    case '+': item->repeat = REPEAT_PLUS; break;
    case '-': item->repeat = REPEAT_LAZY; break;
    case '?': item->repeat = REPEAT_OPTIONAL; break;
    default: return;
  }
  c->at++;
  c->choices++;
}

static void compile_open(compiler *c) {
  c->at++;
  if (c->pattern->captures >= MAX_CAPTURES) luaL_error(c->L, "too many captures");
  int capture = c->pattern->captures++;
  int is_position = c->at < c->end && *c->at == ')';
  new_item(c, is_position ? ITEM_POSITION : ITEM_OPEN)->a = (uint8_t)capture;
  if (is_position) {
    c->at++;
    c->closed |= 1u << capture;
  } else {
    c->open[c->depth++] = capture;
  }
}

static void compile_close(compiler *c) {
  c->at++;
  if (c->depth == 0) luaL_error(c->L, "invalid pattern capture");
  int capture = c->open[--c->depth];
  c->closed |= 1u << capture;
  new_item(c, ITEM_CLOSE)->a = (uint8_t)capture;
}

static void compile_back_reference(compiler *c, int digit) {
  c->at += 2;
  int capture = digit - '1';
  if (capture < 0 || !(c->closed >> capture & 1)) luaL_error(c->L, "invalid capture index %%%d", capture + 1);
  new_item(c, ITEM_BACK_REFERENCE)->a = (uint8_t)capture;
}

static void compile_escape(compiler *c) {
  if (c->end - c->at < 2) luaL_error(c->L, "malformed pattern (ends with '%%')");
  uint8_t letter = (uint8_t)c->at[1];
  if (letter == 'b') {
    if (c->end - c->at < 4) luaL_error(c->L, "malformed pattern (missing arguments to '%%b')");
    clua_item *item = new_item(c, ITEM_BALANCE);
    item->a = (uint8_t)c->at[2];
    item->b = (uint8_t)c->at[3];
    c->at += 4;
  } else if (letter == 'f') {
    c->at += 2;
    if (c->at >= c->end || *c->at != '[') luaL_error(c->L, "missing '[' after '%%f' in pattern");
    c->at++;
    clua_item *item = new_item(c, ITEM_FRONTIER);
    compile_set(c, new_set(c, item));
  } else if (isdigit(letter)) {
    compile_back_reference(c, letter);
  } else {
    compile_single(c);
  }
}

static void compile(compiler *c) {
  if (c->pattern->is_anchored) c->at++;
  while (c->at < c->end) {
    if (*c->at == '(') compile_open(c);
    else if (*c->at == ')') compile_close(c);
    else if (*c->at == '%') compile_escape(c);
    else if (*c->at == '$' && c->at + 1 == c->end) c->at++, new_item(c, ITEM_END);
    else compile_single(c);
  }
  if (c->depth > 0) luaL_error(c->L, "unfinished capture");
  new_item(c, ITEM_MATCH);
}

// [-0, +1, e]
static clua_pattern *new_pattern(lua_State *L, const char *text, size_t length, int anchors) {
  if (length > MAX_PATTERN) luaL_error(L, "pattern too complex (at most %d bytes)", MAX_PATTERN);
  size_t sets = 0, choices = 0;
  for (size_t i = 0; i < length; i++) {
    sets += text[i] == '[' || text[i] == '%';
    choices += text[i] == '*' || text[i] == '+' || text[i] == '-' || text[i] == '?';
  }
  size_t choice_bytes = choices * sizeof(clua_choice), item_bytes = (length + 1) * sizeof(clua_item);
  size_t set_bytes = sets * sizeof(clua_set);
  clua_pattern *pattern = lua_newuserdatauv(L, sizeof *pattern + choice_bytes + item_bytes + set_bytes, 0);
  char *bytes = (char *)(pattern + 1);
  *pattern = (clua_pattern){0};
  pattern->choices = (clua_choice *)bytes;
  pattern->items = (clua_item *)(bytes + choice_bytes);
  pattern->sets = (clua_set *)(bytes + choice_bytes + item_bytes);
  memset(pattern->sets, 0, set_bytes);
  pattern->is_anchored = anchors && length > 0 && text[0] == '^';
  compiler c = {.L = L, .at = text, .end = text + length, .pattern = pattern};
  compile(&c);
  return pattern;
}

const clua_pattern *clua_compile_pattern(lua_State *L, int index, int anchors) {
  clua_engine *e = clua_engine_of(L);
  size_t length;
  const char *text = lua_tolstring(L, index, &length);
  int is_cached = length <= MAX_CACHED_LENGTH && (anchors || length == 0 || text[0] != '^');
  if (!is_cached) return new_pattern(L, text, length, anchors);
  if (lua_rawgetp(L, LUA_REGISTRYINDEX, &clua_key_patterns) != LUA_TTABLE || e->patterns >= MAX_CACHED) {
    lua_pop(L, 1);
    lua_createtable(L, 0, MAX_CACHED);
    lua_pushvalue(L, -1);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &clua_key_patterns);
    e->patterns = 0;
  }
  lua_pushvalue(L, index);
  if (lua_rawget(L, -2) == LUA_TUSERDATA) {
    lua_remove(L, -2);
    return lua_touserdata(L, -1);
  }
  lua_pop(L, 1);
  clua_pattern *pattern = new_pattern(L, text, length, anchors);
  lua_pushvalue(L, index);
  lua_pushvalue(L, -2);
  lua_rawset(L, -4);
  e->patterns++;
  lua_remove(L, -2);
  return pattern;
}
