// Error objects of the host, and what is told about an error that ends a run.
#include <stdio.h>
#include <stdlib.h>

#include "internal.h"

static int release_mark(lua_State *L) {
  clua_error_mark **slot = lua_touserdata(L, 1);
  clua_error_mark *mark = slot ? *slot : NULL;
  if (mark == NULL) return 0;
  *slot = NULL;
  mark->next = mark->engine->released;
  mark->engine->released = mark;
  return 0;
}

uint64_t clua_released_error(clua_engine *e) {
  clua_error_mark *mark = e->released;
  if (mark == NULL) return 0;
  uint64_t number = mark->number;
  e->released = mark->next;
  free(mark);
  return number;
}

static void set_absent(lua_State *L, int table, const char *name) {  // pops the value
  lua_pushstring(L, name);
  if (lua_rawget(L, table) == LUA_TNIL) {
    lua_pop(L, 1);
    lua_pushstring(L, name);
    lua_insert(L, -2);
    lua_rawset(L, table);
  } else {
    lua_pop(L, 2);
  }
}

// Ties the table to the host's error; the tie ends when the table is collected.
static void tie(lua_State *L, int table, uint64_t number) {
  clua_engine *e = clua_engine_of(L);
  lua_rawgetp(L, LUA_REGISTRYINDEX, &clua_key_errors);
  lua_pushvalue(L, table);
  clua_error_mark **slot = lua_newuserdatauv(L, sizeof *slot, 0);
  *slot = NULL;
  luaL_setmetatable(L, "clua.error_mark");
  *slot = malloc(sizeof **slot);
  if (*slot == NULL) luaL_error(L, "not enough memory");
  **slot = (clua_error_mark){number, e, NULL};
  lua_rawset(L, -3);
  lua_pop(L, 1);
}

void clua_mark_error(lua_State *L, uint64_t number) {
  int table = lua_gettop(L);
  luaL_checkstack(L, 12, NULL);
  // What finalizers make while the state closes is not finalized itself: the mark would stay.
  if (number && !clua_engine_of(L)->is_closing) tie(L, table, number);
  if (!lua_getmetatable(L, table)) {
    lua_rawgetp(L, LUA_REGISTRYINDEX, &clua_key_classes);
    lua_getfield(L, -1, "error");
    lua_setmetatable(L, table);
  }
  lua_settop(L, table);
  clua_push_where(L, L);
  if (lua_isnil(L, -1)) lua_pop(L, 1);
  else set_absent(L, table, "where");
  clua_push_traceback(L, L);
  set_absent(L, table, "traceback");
}

static int error_text(lua_State *L) {
  if (lua_type(L, 1) != LUA_TTABLE) return luaL_error(L, "an error object was expected");
  lua_pushstring(L, "message");
  if (lua_rawget(L, 1) == LUA_TSTRING) return 1;
  lua_pushstring(L, "kind");
  if (lua_rawget(L, 1) == LUA_TSTRING) return 1;
  lua_pushliteral(L, "error");
  return 1;
}

static int text_in_coroutine(lua_State *L) {
  size_t length;
  const char *text = clua_text_of(L, 1, &length);
  if (length > 4096) lua_pushlstring(L, text, 4096);
  return 1;
}

// [-0, +1, m] the error's text; __tostring runs in a limited coroutine, for it may loop.
static void push_text(lua_State *L, int index) {
  int type = lua_type(L, index), results = 0;
  if (type == LUA_TSTRING || type == LUA_TNUMBER) {
    lua_pushvalue(L, index);
    lua_tostring(L, -1);
    return;
  }
  if (!luaL_getmetafield(L, index, "__tostring")) {
    if (type == LUA_TTABLE) {  // a script's own error object
      lua_pushliteral(L, "message");
      if (lua_rawget(L, index) == LUA_TSTRING) return;
      lua_pop(L, 1);
    }
    lua_pushfstring(L, "(error object is a %s value)", luaL_typename(L, index));
    return;
  }
  lua_pop(L, 1);
  lua_State *thread = lua_newthread(L);
  clua_set_hook(clua_engine_of(L), thread, HOOK_COUNT);
  lua_pushcfunction(thread, text_in_coroutine);
  lua_pushvalue(L, index);
  lua_xmove(L, thread, 1);
  clua_pin(L, thread, 1);
  if (clua_resume(L, thread, 1, &results) == LUA_OK && results >= 1 && lua_type(thread, -1) == LUA_TSTRING)
    lua_xmove(thread, L, 1);
  else
    lua_pushliteral(L, "(error object whose text failed)");
  lua_remove(L, -2);
}

static int put_top(lua_State *L, clua_buffer *b) {
  size_t length;
  const char *text = lua_tolstring(L, -1, &length);
  return text ? clua_put_text(b, text, length > 65536 ? 65536 : length) : clua_put_nil(b);
}

void clua_report_error(lua_State *L, lua_State *thread) {
  clua_engine *e = clua_engine_of(L);
  clua_buffer *b = &e->result;
  char problem[512];
  int top = lua_gettop(L);
  luaL_checkstack(L, 12, NULL);
  lua_xmove(thread, L, 1);
  int value = top + 1;
  lua_pushvalue(L, value);
  lua_xmove(L, thread, 1);  // the thread is closed with it
  push_text(L, value);
  int text = lua_gettop(L);
  b->length = 0;
  if (!clua_encode(L, value, value, b, NULL, problem, sizeof problem)) {
    b->length = 0;
    if (!clua_encode(L, text, text, b, NULL, problem, sizeof problem)) luaL_error(L, "not enough memory");
  }
  uint32_t count = 5;
  memcpy(b->bytes, &count, sizeof count);
  int ok = put_top(L, b);
  clua_push_where(L, thread);
  ok = ok && put_top(L, b);
  if (clua_is_noted(L, value)) lua_rawgetp(L, LUA_REGISTRYINDEX, &clua_key_noted_traceback);
  else clua_push_traceback(L, thread);
  ok = ok && put_top(L, b);
  lua_rawgetp(L, LUA_REGISTRYINDEX, &clua_key_errors);
  lua_pushvalue(L, value);
  clua_error_mark **slot = NULL;
  if (!lua_isnil(L, -1) && lua_rawget(L, -2) == LUA_TUSERDATA) slot = lua_touserdata(L, -1);
  ok = ok && (slot && *slot ? clua_put_integer(b, (int64_t)(*slot)->number) : clua_put_nil(b));
  if (!ok) luaL_error(L, "not enough memory");
  lua_settop(L, top);
}

void clua_open_errors(lua_State *L) {
  luaL_newmetatable(L, "clua.error_mark");
  lua_pushcfunction(L, release_mark);
  lua_setfield(L, -2, "__gc");
  lua_pop(L, 1);
  lua_newtable(L);  // errors: table → mark, weak keys
  lua_newtable(L);
  lua_pushliteral(L, "k");
  lua_setfield(L, -2, "__mode");
  lua_setmetatable(L, -2);
  lua_rawsetp(L, LUA_REGISTRYINDEX, &clua_key_errors);
  lua_newtable(L);  // classes
  lua_newtable(L);
  lua_pushcfunction(L, error_text);
  lua_setfield(L, -2, "__tostring");
  lua_pushliteral(L, "error");
  lua_setfield(L, -2, "__name");
  lua_pushboolean(L, 0);
  lua_setfield(L, -2, "__metatable");
  lua_pushliteral(L, "error");
  lua_rawsetp(L, -2, &clua_key_class_name);
  lua_setfield(L, -2, "error");
  lua_rawsetp(L, LUA_REGISTRYINDEX, &clua_key_classes);
}
