// pcall, xpcall and the metatable functions of the sandbox.
#include "internal.h"

// A stop passes as an error where yielding is impossible; protected calls must not swallow it.
static int finish_pcall(lua_State *L, int status, lua_KContext skip) {
  if (status == LUA_ERRMEM) clua_stop_reason(clua_engine_of(L), CLUA_STOP_MEMORY);
  clua_stop_if_asked(L);
  if (status != LUA_OK && status != LUA_YIELD) {
    lua_pushboolean(L, 0);
    lua_pushvalue(L, -2);
    return 2;
  }
  return lua_gettop(L) - (int)skip;
}

static int base_pcall(lua_State *L) {
  luaL_checkany(L, 1);
  clua_stop_if_asked(L);
  lua_pushboolean(L, 1);
  lua_insert(L, 1);
  int status = lua_pcallk(L, lua_gettop(L) - 2, LUA_MULTRET, 0, 0, finish_pcall);
  return finish_pcall(L, status, 0);
}

// The message handler around the script's: no script code after a stop.
static int handle_message(lua_State *L) {
  if (clua_is_stopped(clua_engine_of(L))) return 1;
  lua_settop(L, 1);
  lua_pushvalue(L, lua_upvalueindex(1));
  lua_insert(L, 1);
  lua_call(L, 1, 1);
  return 1;
}

static int base_xpcall(lua_State *L) {
  int count = lua_gettop(L);
  luaL_checktype(L, 2, LUA_TFUNCTION);
  clua_stop_if_asked(L);
  lua_pushvalue(L, 2);
  lua_pushcclosure(L, handle_message, 1);
  lua_replace(L, 2);
  lua_pushboolean(L, 1);
  lua_pushvalue(L, 1);
  lua_rotate(L, 3, 2);
  int status = lua_pcallk(L, count - 2, LUA_MULTRET, 2, 2, finish_pcall);
  return finish_pcall(L, status, 2);
}

static int base_setmetatable(lua_State *L) {
  int type = lua_type(L, 2);
  luaL_checktype(L, 1, LUA_TTABLE);
  luaL_argexpected(L, type == LUA_TNIL || type == LUA_TTABLE, 2, "nil or table");
  if (luaL_getmetafield(L, 1, "__metatable") != LUA_TNIL) return luaL_error(L, "cannot change a protected metatable");
  if (type == LUA_TTABLE) {
    // Finalizers run without hooks, and in lua_close after every limit. Adding the field later has no effect in 5.4.
    const char *const refused[] = {"__gc", "__mode"};
    for (int i = 0; i < 2; i++) {
      lua_pushstring(L, refused[i]);
      if (lua_rawget(L, 2) != LUA_TNIL) return luaL_error(L, "'%s' is not available in a metatable", refused[i]);
      lua_pop(L, 1);
    }
  }
  lua_settop(L, 2);
  lua_setmetatable(L, 1);
  return 1;
}

static int base_getmetatable(lua_State *L) {
  luaL_checkany(L, 1);
  if (lua_type(L, 1) == LUA_TSTRING || !lua_getmetatable(L, 1)) {
    lua_pushnil(L);
    return 1;
  }
  luaL_getmetafield(L, 1, "__metatable");  // pushes nothing when absent: then the metatable itself
  return 1;
}

static int base_collectgarbage(lua_State *L) {
  clua_engine *e = clua_engine_of(L);
  const char *what = luaL_optstring(L, 1, "collect");
  if (strcmp(what, "count") == 0) {
    lua_pushnumber(L, (lua_Number)e->used / 1024.0);
    return 1;
  }
  if (strcmp(what, "collect") != 0 && strcmp(what, "step") != 0)
    return luaL_error(L, "bad argument #1 to 'collectgarbage' (option '%s' is not available)", what);
  lua_gc(L, LUA_GCCOLLECT);
  clua_set_hook(e, L, 1);  // a collection is expensive: look at the clock soon
  lua_pushinteger(L, 0);
  return 1;
}

void clua_open_protected(lua_State *L) {
  const luaL_Reg functions[] = {{"pcall", base_pcall},           {"xpcall", base_xpcall},
                                {"setmetatable", base_setmetatable}, {"getmetatable", base_getmetatable},
                                {"collectgarbage", base_collectgarbage}, {NULL, NULL}};
  luaL_setfuncs(L, functions, 0);
}
