// Read-only tables: an empty table in front of the real one, which its metatable knows and no function hands out. The
// raw functions of the base library see through it, so that it looks like any other table.
#include "internal.h"

int clua_behind_frozen(lua_State *L, int index) {
  if (lua_getmetatable(L, index)) {
    if (lua_rawgetp(L, -1, &clua_key_frozen) == LUA_TTABLE) {
      lua_remove(L, -2);
      return 1;
    }
    lua_pop(L, 2);
  }
  return 0;
}

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

// Puts the real table in the place of argument 1; answers whether there is one.
static int see_through(lua_State *L) {
  if (!clua_behind_frozen(L, 1)) return 0;
  lua_replace(L, 1);
  return 1;
}

// Argument 1, when it is a host's table that is not all there yet, is filled by its class before a traversal begins.
static void fill(lua_State *L) {
  if (!lua_getmetatable(L, 1)) return;
  if (lua_rawgetp(L, -1, &clua_key_class_name) == LUA_TSTRING && lua_getfield(L, -2, "__unread") == LUA_TFUNCTION) {
    lua_pushvalue(L, 1);
    lua_call(L, 1, 0);
  }
}

static int base_next(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  lua_settop(L, 2);
  if (lua_isnil(L, 2)) fill(L);
  see_through(L);
  lua_settop(L, 2);
  if (lua_next(L, 1)) return 2;
  lua_pushnil(L);
  return 1;
}

static int finish_pairs(lua_State *L, int status, lua_KContext context) {
  (void)L, (void)status, (void)context;
  return 3;
}

// Upvalue 1: next.
static int base_pairs(lua_State *L) {
  luaL_checkany(L, 1);
  if (luaL_getmetafield(L, 1, "__pairs") == LUA_TNIL) {
    lua_pushvalue(L, lua_upvalueindex(1));
    lua_pushvalue(L, 1);
    lua_pushnil(L);
  } else {
    lua_pushvalue(L, 1);
    lua_callk(L, 1, 3, 0, finish_pairs);
  }
  return 3;
}

static int base_rawget(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  luaL_checkany(L, 2);
  lua_settop(L, 2);
  see_through(L);
  lua_rawget(L, 1);
  return 1;
}

static int base_rawlen(lua_State *L) {
  int type = lua_type(L, 1);
  luaL_argexpected(L, type == LUA_TTABLE || type == LUA_TSTRING, 1, "table or string");
  if (type == LUA_TTABLE) see_through(L);
  lua_pushinteger(L, (lua_Integer)lua_rawlen(L, 1));
  return 1;
}

static int base_rawset(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  luaL_checkany(L, 2);
  luaL_checkany(L, 3);
  lua_settop(L, 3);
  if (clua_behind_frozen(L, 1)) return luaL_error(L, "the table is read-only");
  lua_rawset(L, 1);
  return 1;
}

void clua_open_raw(lua_State *L) {
  const luaL_Reg functions[] = {{"next", base_next},     {"rawget", base_rawget}, {"rawlen", base_rawlen},
                                {"rawset", base_rawset}, {NULL, NULL}};
  luaL_setfuncs(L, functions, 0);
  lua_getfield(L, -1, "next");
  lua_pushcclosure(L, base_pairs, 1);
  lua_setfield(L, -2, "pairs");
}
