// The `host` table of preludes.
#include <stdio.h>

#include "internal.h"

static int frozen_newindex(lua_State *L) {
  const char *name = lua_tostring(L, lua_upvalueindex(1));
  if (lua_type(L, 2) == LUA_TSTRING)
    return luaL_error(L, "%s is read-only (field '%s')", name, lua_tostring(L, 2));
  return luaL_error(L, "%s is read-only", name);
}

static int frozen_len(lua_State *L) {
  lua_pushinteger(L, luaL_len(L, lua_upvalueindex(1)));
  return 1;
}

// Upvalue 1: the table, which `pairs` must not hand out.
static int frozen_next(lua_State *L) {
  lua_settop(L, 2);
  return lua_next(L, lua_upvalueindex(1)) ? 2 : 0;
}

static int frozen_pairs(lua_State *L) {
  lua_settop(L, 1);
  lua_pushvalue(L, lua_upvalueindex(1));
  lua_pushcclosure(L, frozen_next, 1);
  lua_insert(L, 1);
  lua_pushnil(L);
  return 3;
}

// [-0, +0, m] stack: 1 the table, -1 the metatable
static void set_with_table(lua_State *L, const char *name, lua_CFunction function) {
  lua_pushvalue(L, 1);
  lua_pushcclosure(L, function, 1);
  lua_setfield(L, -2, name);
}

// freeze(t [, name]) → a view that can't be assigned to.
int clua_freeze(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  luaL_optstring(L, 2, "the table");
  lua_settop(L, 2);
  lua_newtable(L);
  lua_createtable(L, 0, 8);
  lua_pushvalue(L, 1);
  lua_setfield(L, -2, "__index");
  if (lua_isnil(L, 2)) lua_pushliteral(L, "the table");
  else lua_pushvalue(L, 2);
  lua_pushcclosure(L, frozen_newindex, 1);
  lua_setfield(L, -2, "__newindex");
  set_with_table(L, "__len", frozen_len);
  set_with_table(L, "__pairs", frozen_pairs);
  lua_pushboolean(L, 0);
  lua_setfield(L, -2, "__metatable");
  lua_pushvalue(L, 1);
  lua_rawsetp(L, -2, &clua_key_frozen);
  if (lua_getmetatable(L, 1)) {  // calling and showing it work as before
    const char *const kept[] = {"__call", "__tostring", "__name", "__eq"};
    for (int i = 0; i < 4; i++) {
      lua_pushstring(L, kept[i]);
      lua_rawget(L, -2);
      lua_setfield(L, -3, kept[i]);
    }
    lua_pop(L, 1);
  }
  lua_setmetatable(L, -2);
  return 1;
}

// class(name, metatable)
static int host_class(lua_State *L) {
  luaL_checkstring(L, 1);
  luaL_checktype(L, 2, LUA_TTABLE);
  lua_settop(L, 2);
  lua_rawgetp(L, LUA_REGISTRYINDEX, &clua_key_classes);
  if (strcmp(lua_tostring(L, 1), "error") == 0) {  // keeps its text function
    lua_getfield(L, 3, "error");
    lua_getfield(L, 4, "__tostring");
    lua_setfield(L, 2, "__tostring");
  }
  lua_settop(L, 3);
  lua_pushboolean(L, 0);
  lua_setfield(L, 2, "__metatable");
  lua_pushvalue(L, 1);
  lua_setfield(L, 2, "__name");
  lua_pushnil(L);
  lua_setfield(L, 2, "__gc");
  lua_pushvalue(L, 1);
  lua_rawsetp(L, 2, &clua_key_class_name);
  lua_pushvalue(L, 1);
  lua_pushvalue(L, 2);
  lua_rawset(L, 3);
  lua_pushvalue(L, 2);
  return 1;
}

static int host_where(lua_State *L) {
  lua_Integer skip = luaL_optinteger(L, 1, 1) - 1;
  lua_Debug ar;
  for (int level = 0; lua_getstack(L, level, &ar); level++) {
    if (!lua_getinfo(L, "Sl", &ar) || ar.what[0] == 'C' || strncmp(ar.source, "=[", 2) == 0) continue;
    if (skip-- > 0) continue;
    lua_pushfstring(L, "%s:%d", ar.short_src, ar.currentline);
    return 1;
  }
  lua_pushnil(L);
  return 1;
}

static int host_error(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  lua_settop(L, 1);
  clua_mark_error(L, 0);
  return lua_error(L);
}

static int host_raw_type(lua_State *L) {
  luaL_checkany(L, 1);
  lua_pushstring(L, luaL_typename(L, 1));
  return 1;
}

static int host_class_name(lua_State *L) {
  if (lua_type(L, 1) != LUA_TTABLE || !lua_getmetatable(L, 1)) lua_pushnil(L);
  else lua_rawgetp(L, -1, &clua_key_class_name);
  return 1;
}

void clua_push_host_table(lua_State *L, const char *const *names, uint32_t first, uint32_t count) {
  const luaL_Reg functions[] = {{"class", host_class}, {"freeze", clua_freeze},     {"each", clua_each},
                                {"where", host_where}, {"error", host_error},       {"raw_type", host_raw_type},
                                {"class_name", host_class_name}, {NULL, NULL}};
  lua_createtable(L, 0, (int)count + 8);
  luaL_setfuncs(L, functions, 0);
  for (uint32_t i = 0; i < count; i++) {
    lua_pushinteger(L, (lua_Integer)first + i);
    lua_pushstring(L, names[i]);
    lua_pushcclosure(L, clua_host_call, 2);
    lua_setfield(L, -2, names[i]);
  }
}
