// The sandbox's library is private to preludes, so that a script can't replace what they use; a script has read-only
// views of it in globals of its own.
#include "internal.h"

const char clua_key_classes, clua_key_errors, clua_key_loaded, clua_key_run, clua_key_pinned, clua_key_identities,
    clua_key_library, clua_key_class_name, clua_key_frozen, clua_key_patterns, clua_key_noted_error,
    clua_key_noted_traceback, clua_key_finder, clua_key_names;

static void open_base(lua_State *L, int library) {
  const char *const stock[] = {"assert", "error", "select", "type", "tonumber", "ipairs", "rawequal", "_VERSION"};
  lua_pushcfunction(L, luaopen_base);
  lua_call(L, 0, 1);  // fills the globals table
  for (size_t i = 0; i < sizeof stock / sizeof *stock; i++) {
    lua_getfield(L, -1, stock[i]);
    lua_setfield(L, library, stock[i]);
  }
  lua_pushnil(L);  // and out with the rest
  while (lua_next(L, -2)) {
    lua_pop(L, 1);
    lua_pushvalue(L, -1);
    lua_pushnil(L);
    lua_rawset(L, -4);
  }
  lua_pop(L, 1);
}

static void open_stock(lua_State *L, const char *name, lua_CFunction open) {
  luaL_requiref(L, name, open, 0);
  lua_setfield(L, -2, name);
}

// [-0, +0, m]
static void show_library(lua_State *L, int library) {
  lua_pushglobaltable(L);
  int globals = lua_gettop(L);
  lua_pushnil(L);
  while (lua_next(L, library)) {
    lua_pushvalue(L, -2);
    if (lua_istable(L, -2)) {
      lua_pushcfunction(L, clua_freeze);
      lua_pushvalue(L, -3);
      lua_pushvalue(L, -3);
      lua_call(L, 2, 1);
    } else {
      lua_pushvalue(L, -2);
    }
    lua_rawset(L, globals);
    lua_pop(L, 1);
  }
  lua_pushvalue(L, globals);
  lua_setfield(L, globals, "_G");
  lua_pop(L, 1);
}

static void new_weak(lua_State *L, const void *key) {
  lua_newtable(L);
  lua_newtable(L);
  lua_pushliteral(L, "k");
  lua_setfield(L, -2, "__mode");
  lua_setmetatable(L, -2);
  lua_rawsetp(L, LUA_REGISTRYINDEX, key);
}

void clua_open_library(lua_State *L) {
  luaL_checkstack(L, 40, NULL);
  lua_newtable(L);
  lua_rawsetp(L, LUA_REGISTRYINDEX, &clua_key_loaded);
  new_weak(L, &clua_key_pinned);
  new_weak(L, &clua_key_identities);
  clua_open_errors(L);
  lua_newtable(L);
  int library = lua_gettop(L);
  open_base(L, library);
  clua_open_protected(L);
  clua_open_raw(L);
  clua_open_text(L);
  clua_open_loader(L);
  clua_open_coroutines(L);
  clua_open_strings(L);
  clua_open_tables(L);
  clua_open_clock(L);
  open_stock(L, "math", luaopen_math);
  // Debian's build keeps functions of Lua 5.2; without them every build offers the same.
  const char *const old[] = {"cosh", "sinh", "tanh", "pow", "frexp", "ldexp", "log10", "atan2"};
  lua_getfield(L, library, "math");
  for (int i = 0; i < 8; i++) {
    lua_pushnil(L);
    lua_setfield(L, -2, old[i]);
  }
  clua_open_random(L);
  lua_pop(L, 1);
  open_stock(L, "utf8", luaopen_utf8);
  int is_unrestricted = clua_engine_of(L)->is_unrestricted;
  if (is_unrestricted) clua_open_unrestricted(L, library);
  else show_library(L, library);
  lua_pushvalue(L, library);
  lua_setfield(L, library, "_G");
  lua_pushvalue(L, library);
  lua_rawsetp(L, LUA_REGISTRYINDEX, &clua_key_library);
  if (!is_unrestricted) {
    lua_pushnil(L);  // what luaL_requiref registered
    lua_setfield(L, LUA_REGISTRYINDEX, LUA_LOADED_TABLE);
  }
  lua_settop(L, library - 1);
}
