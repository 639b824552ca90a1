// string.find, match, gmatch and gsub (manual 6.4).
#define _GNU_SOURCE  // memmem
#include "pattern.h"

static void begin(clua_matcher *m, lua_State *L, const clua_pattern *pattern, const char *subject, size_t length) {
  m->L = L;
  m->pattern = pattern;
  m->subject = subject;
  m->end = subject + length;
  m->work = 0;
}

static void push_bytes(clua_matcher *m, const char *bytes, size_t length) {
  clua_charge(m->L, length / CLUA_BYTES_PER_WORK);
  lua_pushlstring(m->L, bytes, length);
}

// [-0, +1, e] capture `index`, from 0; without captures the first one is the whole match.
static void push_capture(clua_matcher *m, int index, const char *start, const char *end, const char *where) {
  if (index >= m->pattern->captures) {
    if (index != 0) luaL_error(m->L, "invalid capture index %%%d%s", index + 1, where);
    push_bytes(m, start, (size_t)(end - start));
    return;
  }
  const clua_capture *capture = &m->captures[index];
  if (capture->length == CAPTURE_POSITION) lua_pushinteger(m->L, capture->start - m->subject + 1);
  else push_bytes(m, capture->start, (size_t)capture->length);
}

static int push_captures(clua_matcher *m, const char *start, const char *end) {
  int count = m->pattern->captures;
  if (count == 0 && start) count = 1;
  luaL_checkstack(m->L, count, "too many captures");
  for (int i = 0; i < count; i++) push_capture(m, i, start, end, "");
  return count;
}

// An `init` argument as an offset; past the end: length + 1.
static size_t start_offset(lua_State *L, int index, size_t length) {
  lua_Integer init = luaL_optinteger(L, index, 1);
  if (init > 0) return (lua_Unsigned)init - 1 > length ? length + 1 : (size_t)init - 1;
  if (init == 0 || init < -(lua_Integer)length) return 0;
  return length - (size_t)(-init);
}

static int is_plain(const char *pattern, size_t length) {
  for (size_t i = 0; i < length; i++)
    if (memchr("^$*+?.([%-", pattern[i], 10)) return 0;
  return 1;
}

static int find_plain(lua_State *L, const char *subject, size_t length, const char *text, size_t text_length,
                      size_t offset) {
  clua_charge(L, (length - offset + text_length) / CLUA_BYTES_PER_WORK);
  const char *found = text_length ? memmem(subject + offset, length - offset, text, text_length) : subject + offset;
  if (found == NULL) {
    luaL_pushfail(L);
    return 1;
  }
  lua_pushinteger(L, found - subject + 1);
  lua_pushinteger(L, found - subject + (lua_Integer)text_length);
  return 2;
}

static int find(lua_State *L, int is_find) {
  size_t length, pattern_length;
  const char *subject = luaL_checklstring(L, 1, &length), *text = luaL_checklstring(L, 2, &pattern_length);
  size_t offset = start_offset(L, 3, length);
  if (offset > length) {
    luaL_pushfail(L);
    return 1;
  }
  if (is_find && (lua_toboolean(L, 4) || is_plain(text, pattern_length)))
    return find_plain(L, subject, length, text, pattern_length, offset);
  clua_matcher m;
  begin(&m, L, clua_compile_pattern(L, 2, 1), subject, length);
  const char *at = subject + offset, *end = clua_match_from(&m, &at);
  clua_charge(L, m.work);
  if (end == NULL) {
    luaL_pushfail(L);
    return 1;
  }
  if (!is_find) return push_captures(&m, at, end);
  lua_pushinteger(L, at - subject + 1);
  lua_pushinteger(L, end - subject);
  return push_captures(&m, NULL, NULL) + 2;
}

static int string_find(lua_State *L) { return find(L, 1); }
static int string_match(lua_State *L) { return find(L, 0); }

// Upvalues: subject, pattern, where to go on, end of the last match (-1: none).
static int next_match(lua_State *L) {
  size_t length;
  const char *subject = lua_tolstring(L, lua_upvalueindex(1), &length);
  clua_matcher m;
  begin(&m, L, lua_touserdata(L, lua_upvalueindex(2)), subject, length);
  lua_Integer offset = lua_tointeger(L, lua_upvalueindex(3)), last = lua_tointeger(L, lua_upvalueindex(4));
  for (; offset <= (lua_Integer)length; offset++) {
    const char *at = subject + offset, *end = clua_match_from(&m, &at);
    if (end == NULL) break;
    offset = at - subject;
    if (end - subject == last) continue;  // an empty match where the last one ended
    lua_pushinteger(L, end - subject);
    lua_copy(L, -1, lua_upvalueindex(3));
    lua_replace(L, lua_upvalueindex(4));
    clua_charge(L, m.work);
    return push_captures(&m, at, end);
  }
  clua_charge(L, m.work);
  lua_pushinteger(L, (lua_Integer)length + 1);
  lua_replace(L, lua_upvalueindex(3));
  return 0;
}

static int string_gmatch(lua_State *L) {
  size_t length;
  luaL_checklstring(L, 1, &length);
  luaL_checkstring(L, 2);
  size_t offset = start_offset(L, 3, length);
  lua_settop(L, 2);
  clua_compile_pattern(L, 2, 0);
  lua_replace(L, 2);
  lua_pushinteger(L, (lua_Integer)offset);
  lua_pushinteger(L, -1);
  lua_pushcclosure(L, next_match, 4);
  return 1;
}

static void add_bytes(clua_matcher *m, luaL_Buffer *b, const char *bytes, size_t length) {
  clua_charge(m->L, length / CLUA_BYTES_PER_WORK);
  luaL_addlstring(b, bytes, length);
}

// Adds the replacement string (argument 3), its %0 to %9 filled in.
static void add_template(clua_matcher *m, luaL_Buffer *b, const char *start, const char *end) {
  lua_State *L = m->L;
  size_t length;
  const char *text = lua_tolstring(L, 3, &length), *limit = text + length, *percent;
  while ((percent = memchr(text, '%', (size_t)(limit - text)))) {
    add_bytes(m, b, text, (size_t)(percent - text));
    char what = percent + 1 < limit ? percent[1] : 0;
    if (what == '%') luaL_addchar(b, '%');
    else if (what == '0') add_bytes(m, b, start, (size_t)(end - start));
    else if (what >= '1' && what <= '9') {
      push_capture(m, what - '1', start, end, " in replacement string");
      luaL_tolstring(L, -1, NULL);  // a position becomes text
      lua_remove(L, -2);
      luaL_addvalue(b);
    } else {
      luaL_error(L, "invalid use of '%%' in replacement string");
    }
    text = percent + 2;
  }
  add_bytes(m, b, text, (size_t)(limit - text));
}

// Adds what stands for one match; 0 when that is the match itself.
static int add_replacement(clua_matcher *m, luaL_Buffer *b, const char *start, const char *end, int type) {
  lua_State *L = m->L;
  if (type == LUA_TFUNCTION) {
    lua_pushvalue(L, 3);
    lua_call(L, push_captures(m, start, end), 1);
  } else if (type == LUA_TTABLE) {
    push_capture(m, 0, start, end, "");
    lua_gettable(L, 3);
  } else {
    add_template(m, b, start, end);
    return 1;
  }
  if (!lua_toboolean(L, -1)) {
    lua_pop(L, 1);
    add_bytes(m, b, start, (size_t)(end - start));
    return 0;
  }
  if (!lua_isstring(L, -1)) luaL_error(L, "invalid replacement value (a %s)", luaL_typename(L, -1));
  clua_charge(L, lua_rawlen(L, -1) / CLUA_BYTES_PER_WORK);
  luaL_addvalue(b);
  return 1;
}

static int string_gsub(lua_State *L) {
  size_t length;
  const char *subject = luaL_checklstring(L, 1, &length), *at = subject, *last = NULL;
  luaL_checkstring(L, 2);
  int type = lua_type(L, 3), is_changed = 0;
  luaL_argexpected(L, type == LUA_TNUMBER || type == LUA_TSTRING || type == LUA_TFUNCTION || type == LUA_TTABLE, 3,
                   "string/function/table");
  lua_Integer most = luaL_optinteger(L, 4, (lua_Integer)length + 1), count = 0;
  clua_matcher m;
  luaL_Buffer b;
  lua_settop(L, 3);
  begin(&m, L, clua_compile_pattern(L, 2, 1), subject, length);
  luaL_buffinit(L, &b);
  while (count < most) {
    const char *from = at, *end = clua_match_from(&m, &at);
    if (end == NULL) break;
    add_bytes(&m, &b, from, (size_t)(at - from));
    if (end != last) {
      count++;
      is_changed |= add_replacement(&m, &b, at, end, type);
      at = last = end;
    } else if (at < m.end) {  // an empty match where the last one ended
      luaL_addchar(&b, *at++);
    } else {
      break;
    }
    if (m.pattern->is_anchored) break;
  }
  clua_charge(L, m.work);
  if (is_changed) {
    add_bytes(&m, &b, at, (size_t)(m.end - at));
    luaL_pushresult(&b);
  } else {
    lua_pushvalue(L, 1);
  }
  lua_pushinteger(L, count);
  return 2;
}

void clua_open_matching(lua_State *L) {
  const luaL_Reg functions[] = {
      {"find", string_find}, {"match", string_match}, {"gmatch", string_gmatch}, {"gsub", string_gsub}, {NULL, NULL}};
  luaL_setfuncs(L, functions, 0);
}
