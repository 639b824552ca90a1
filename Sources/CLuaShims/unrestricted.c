// The library for trusted scripts: stock Lua, with nothing held back. Three things stay ours: the coroutine functions,
// because host calls travel through them; print, which goes to the host; and math's, which the engine seeds.
#include "internal.h"

// A searcher of `require`, so that the host's modules are found too. Stack: 1 the name.
static int search_host(lua_State *L) {
  size_t length;
  luaL_checkstring(L, 1);
  lua_settop(L, 1);
  if (clua_ask_host(L, CLUA_MODULE_SOURCE, "require", 1) < 2) return 0;
  // Stack: name, chunk name, source.
  const char *chunk = luaL_checkstring(L, 2), *source = luaL_checklstring(L, 3, &length);
  lua_pushfstring(L, "=%s", chunk[0] == '[' ? "(module)" : chunk);
  if (clua_load_text(L, source, length, lua_tostring(L, -1)) != LUA_OK) return lua_error(L);
  lua_pushvalue(L, 2);
  return 2;
}

// [-0, +0, m] after package.preload, before the files. Stack: -1 the globals.
static void add_searcher(lua_State *L) {
  lua_getfield(L, -1, LUA_LOADLIBNAME);
  lua_getfield(L, -1, "searchers");
  for (lua_Integer i = (lua_Integer)lua_rawlen(L, -1); i >= 2; i--) {
    lua_rawgeti(L, -1, i);
    lua_rawseti(L, -2, i + 1);
  }
  lua_pushcfunction(L, search_host);
  lua_rawseti(L, -2, 2);
  lua_pop(L, 2);
}

// [-0, +0, m] the functions of library.name replace those of the stock table. Stack: -1 the globals.
static void keep_ours(lua_State *L, int library, const char *name) {
  lua_getfield(L, -1, name);
  lua_getfield(L, library, name);
  lua_pushnil(L);
  while (lua_next(L, -2)) {
    lua_pushvalue(L, -2);
    lua_insert(L, -2);
    lua_rawset(L, -5);
  }
  lua_pop(L, 2);
}

void clua_open_unrestricted(lua_State *L, int library) {
  lua_pushnil(L);  // the sandbox's tables are not to be found again
  lua_setfield(L, LUA_REGISTRYINDEX, LUA_LOADED_TABLE);
  luaL_openlibs(L);
  lua_getfield(L, LUA_REGISTRYINDEX, LUA_LOADED_TABLE);
  lua_rawsetp(L, LUA_REGISTRYINDEX, &clua_key_loaded);
  lua_pushglobaltable(L);
  keep_ours(L, library, LUA_COLIBNAME);
  keep_ours(L, library, LUA_MATHLIBNAME);
  lua_getfield(L, library, "print");
  lua_setfield(L, -2, "print");
  add_searcher(L);
  lua_pop(L, 1);
}
