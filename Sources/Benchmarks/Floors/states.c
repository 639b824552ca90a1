#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>
#include <malloc.h>

#include "CBenchmarkFloors.h"

size_t floor_heap_bytes(void) {
  struct mallinfo2 info = mallinfo2();
  return info.uordblks + info.hblkhd;
}

static lua_State *new_state(void) {
  static const luaL_Reg libraries[] = {{LUA_GNAME, luaopen_base},        {LUA_TABLIBNAME, luaopen_table},
                                       {LUA_STRLIBNAME, luaopen_string}, {LUA_MATHLIBNAME, luaopen_math},
                                       {LUA_UTF8LIBNAME, luaopen_utf8},  {LUA_COLIBNAME, luaopen_coroutine}};
  lua_State *L = luaL_newstate();
  if (L == NULL) return NULL;
  for (size_t i = 0; i < sizeof libraries / sizeof *libraries; i++) {
    luaL_requiref(L, libraries[i].name, libraries[i].func, 1);
    lua_pop(L, 1);
  }
  return L;
}

// One after the other, as the engine's are made; the bytes are those of one that stays.
bool floor_states(int64_t count, size_t *bytes) {
  size_t before = floor_heap_bytes();
  lua_State *kept = new_state();
  if (kept == NULL) return false;
  *bytes = floor_heap_bytes() - before;
  lua_close(kept);
  for (int64_t i = 0; i < count; i++) {
    lua_State *L = new_state();
    if (L == NULL) return false;
    lua_close(L);
  }
  return true;
}

static int resumed(lua_State *L, int status, lua_KContext context) {
  (void)L, (void)status, (void)context;
  return 0;
}

static int wait_for_host(lua_State *L) { return lua_yieldk(L, 0, 0, resumed); }

bool floor_waiting(int64_t count, size_t *bytes) {
  lua_State *L = new_state();
  if (L == NULL || luaL_loadstring(L, "local wait = ... wait()") != LUA_OK) return false;
  lua_createtable(L, (int)count, 0);
  size_t before = floor_heap_bytes();
  for (int64_t i = 1; i <= count; i++) {
    lua_State *thread = lua_newthread(L);
    lua_rawseti(L, 2, i);
    lua_pushvalue(L, 1);
    lua_xmove(L, thread, 1);
    lua_pushcfunction(thread, wait_for_host);
    int results;
    if (lua_resume(thread, L, 1, &results) != LUA_YIELD) return false;
  }
  *bytes = (floor_heap_bytes() - before) / (size_t)(count > 0 ? count : 1);
  lua_close(L);
  return true;
}
