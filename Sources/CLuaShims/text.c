// tostring and print: no addresses, output counted.
#include <stdio.h>

#include "internal.h"

// [-0, +0, m] a number of the object, the same as long as it lives
static uint64_t identity(lua_State *L, int index) {
  clua_engine *e = clua_engine_of(L);
  lua_rawgetp(L, LUA_REGISTRYINDEX, &clua_key_identities);
  lua_pushvalue(L, index);
  if (lua_rawget(L, -2) != LUA_TNUMBER) {
    lua_pop(L, 1);
    lua_pushvalue(L, index);
    lua_pushinteger(L, (lua_Integer)++e->identities);
    lua_rawset(L, -3);
    lua_pop(L, 1);
    return e->identities;
  }
  uint64_t number = (uint64_t)lua_tointeger(L, -1);
  lua_pop(L, 2);
  return number;
}

const char *clua_text_of(lua_State *L, int index, size_t *length) {
  index = lua_absindex(L, index);
  luaL_checkstack(L, 8, NULL);
  if (clua_engine_of(L)->is_unrestricted) return luaL_tolstring(L, index, length);
  if (luaL_getmetafield(L, index, "__tostring") != LUA_TNIL) {
    lua_pushvalue(L, index);
    lua_call(L, 1, 1);
    if (!lua_isstring(L, -1)) luaL_error(L, "'__tostring' must return a string");
    return lua_tolstring(L, -1, length);
  }
  int type = lua_type(L, index);
  if (type == LUA_TNIL || type == LUA_TBOOLEAN || type == LUA_TNUMBER || type == LUA_TSTRING)
    return luaL_tolstring(L, index, length);
  const char *kind = lua_typename(L, type);
  if (type == LUA_TLIGHTUSERDATA) {
    lua_pushstring(L, kind);
    return lua_tolstring(L, -1, length);
  }
  int name_type = luaL_getmetafield(L, index, "__name");
  const char *name = name_type == LUA_TSTRING ? lua_tostring(L, -1) : kind;
  char number[24];
  snprintf(number, sizeof number, "0x%08llx", (unsigned long long)identity(L, index));
  lua_pushfstring(L, "%s: %s", name, number);
  if (name_type != LUA_TNIL) lua_remove(L, -2);
  return lua_tolstring(L, -1, length);
}

static int base_tostring(lua_State *L) {
  luaL_checkany(L, 1);
  clua_text_of(L, 1, NULL);
  return 1;
}

static int base_print(lua_State *L) {
  clua_engine *e = clua_engine_of(L);
  int count = lua_gettop(L);
  luaL_Buffer b;
  luaL_checkstack(L, 10, NULL);
  luaL_buffinit(L, &b);
  for (int i = 1; i <= count; i++) {
    if (i > 1) luaL_addchar(&b, '\t');
    clua_text_of(L, i, NULL);
    luaL_addvalue(&b);
  }
  luaL_addchar(&b, '\n');
  luaL_pushresult(&b);
  size_t length;
  const char *line = lua_tolstring(L, -1, &length);
  e->output += (int64_t)length;
  if (e->limits.output >= 0 && e->output > e->limits.output) clua_stop_reason(e, CLUA_STOP_OUTPUT);
  clua_stop_if_asked(L);
  clua_leave(e);
  e->callbacks.output(e->callbacks.context, line, length);
  clua_reenter(e);
  return 0;
}

void clua_open_text(lua_State *L) {
  const luaL_Reg functions[] = {{"tostring", base_tostring}, {"print", base_print}, {NULL, NULL}};
  luaL_setfuncs(L, functions, 0);
}
