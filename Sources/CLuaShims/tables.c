// The table library: stock functions that refuse lengths no honest table has. (Charged versions come later.)
#include "internal.h"

// Upvalue 1: the stock function.
static int call_stock(lua_State *L) {
  lua_pushvalue(L, lua_upvalueindex(1));
  lua_insert(L, 1);
  lua_call(L, lua_gettop(L) - 1, LUA_MULTRET);
  clua_stop_if_asked(L);
  return lua_gettop(L);
}

static int with_length(lua_State *L) {
  luaL_checkany(L, 1);
  luaL_argcheck(L, luaL_len(L, 1) <= MAX_ITEMS, 1, "table too large");
  return call_stock(L);
}

static int with_range(lua_State *L, int from, int to) {
  lua_Integer first = luaL_optinteger(L, from, 1);
  lua_Integer last = lua_isnoneornil(L, to) ? luaL_len(L, 1) : luaL_checkinteger(L, to);
  luaL_argcheck(L, first > last || (lua_Unsigned)last - (lua_Unsigned)first < MAX_ITEMS, to, "range too large");
  return call_stock(L);
}

static int table_concat(lua_State *L) { return with_range(L, 3, 4); }
static int table_unpack(lua_State *L) { return with_range(L, 2, 3); }
static int table_move(lua_State *L) { return with_range(L, 2, 3); }

void clua_open_tables(lua_State *L) {
  const luaL_Reg capped[] = {{"insert", with_length}, {"remove", with_length}, {"sort", with_length},
                             {"concat", table_concat}, {"unpack", table_unpack}, {"move", table_move}, {NULL, NULL}};
  luaL_requiref(L, "table", luaopen_table, 0);
  for (const luaL_Reg *r = capped; r->name; r++) {
    lua_getfield(L, -1, r->name);
    lua_pushcclosure(L, r->func, 1);
    lua_setfield(L, -2, r->name);
  }
  lua_setfield(L, -2, "table");
}
