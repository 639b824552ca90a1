// The `host` table of preludes.
#include "internal.h"

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

// is_own(f): whether a function is C, or a prelude's, and not the script's.
static int host_is_own(lua_State *L) {
  lua_Debug ar;
  luaL_checktype(L, 1, LUA_TFUNCTION);
  lua_settop(L, 1);
  int is_own = lua_getinfo(L, ">S", &ar) && (ar.what[0] == 'C' || strncmp(ar.source, "=[", 2) == 0);
  lua_pushboolean(L, is_own);
  return 1;
}

// weak(mode): a table that holds keys ("k") or values ("v") only as long as something else does.
static int host_weak(lua_State *L) {
  const char *const modes[] = {"k", "v", NULL};
  const char *mode = modes[luaL_checkoption(L, 1, NULL, modes)];
  lua_newtable(L);
  lua_createtable(L, 0, 2);
  lua_pushstring(L, mode);
  lua_setfield(L, -2, "__mode");
  lua_pushboolean(L, 0);
  lua_setfield(L, -2, "__metatable");
  lua_setmetatable(L, -2);
  return 1;
}

// finder(f): f(name) tells whether there is a module that `require` finds nowhere else, and what it is.
static int host_finder(lua_State *L) {
  luaL_checktype(L, 1, LUA_TFUNCTION);
  lua_settop(L, 1);
  lua_rawsetp(L, LUA_REGISTRYINDEX, &clua_key_finder);
  return 0;
}

static int host_class_name(lua_State *L) {
  if (lua_type(L, 1) != LUA_TTABLE || !lua_getmetatable(L, 1)) lua_pushnil(L);
  else lua_rawgetp(L, -1, &clua_key_class_name);
  return 1;
}

void clua_push_host_table(lua_State *L, const char *const *names, uint32_t first, uint32_t count) {
  const luaL_Reg functions[] = {{"class", host_class}, {"freeze", clua_freeze},     {"each", clua_each},
                                {"where", host_where}, {"error", host_error},       {"raw_type", host_raw_type},
                                {"class_name", host_class_name}, {"is_own", host_is_own}, {"spawn", clua_spawn},
                                {"part", clua_part}, {"can_suspend", clua_can_suspend},
                                {"weak", host_weak}, {"finder", host_finder}, {NULL, NULL}};
  lua_createtable(L, 0, (int)count + 14);
  luaL_setfuncs(L, functions, 0);
  for (uint32_t i = 0; i < count; i++) {
    lua_pushinteger(L, (lua_Integer)first + i);
    lua_pushstring(L, names[i]);
    lua_pushcclosure(L, clua_host_call, 2);
    lua_setfield(L, -2, names[i]);
  }
}
