// os: what the host's clock says.
#include "internal.h"

static double host_clock(lua_State *L, int which) {
  clua_engine *e = clua_engine_of(L);
  return e->callbacks.clock(e->callbacks.context, which, clua_branch(e));
}

static int os_clock(lua_State *L) {
  lua_pushnumber(L, host_clock(L, 1));
  return 1;
}

static int call_stock(lua_State *L) {
  lua_pushvalue(L, lua_upvalueindex(1));
  lua_insert(L, 1);
  lua_call(L, lua_gettop(L) - 1, LUA_MULTRET);
  return lua_gettop(L);
}

static int os_time(lua_State *L) {
  if (!lua_isnoneornil(L, 1)) return call_stock(L);
  lua_pushinteger(L, (lua_Integer)host_clock(L, 0));
  return 1;
}

static int os_date(lua_State *L) {
  size_t length;
  luaL_optlstring(L, 1, "%c", &length);
  luaL_argcheck(L, length <= 100, 1, "format too long (at most 100 bytes)");
  if (lua_isnoneornil(L, 2)) {
    if (lua_gettop(L) == 0) lua_pushliteral(L, "%c");
    lua_settop(L, 1);
    lua_pushinteger(L, (lua_Integer)host_clock(L, 0));
  }
  return call_stock(L);
}

void clua_open_clock(lua_State *L) {
  luaL_requiref(L, "os", luaopen_os, 0);
  lua_createtable(L, 0, 4);
  lua_getfield(L, -2, "difftime");
  lua_setfield(L, -2, "difftime");
  lua_getfield(L, -2, "time");
  lua_pushcclosure(L, os_time, 1);
  lua_setfield(L, -2, "time");
  lua_getfield(L, -2, "date");
  lua_pushcclosure(L, os_date, 1);
  lua_setfield(L, -2, "date");
  lua_pushcfunction(L, os_clock);
  lua_setfield(L, -2, "clock");
  lua_remove(L, -2);
  lua_setfield(L, -2, "os");
}
