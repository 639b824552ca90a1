#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>

#include "CBenchmarkFloors.h"

static int resumed(lua_State *L, int status, lua_KContext context) {
  (void)L, (void)status, (void)context;
  return 0;
}

static int wait_for_host(lua_State *L) { return lua_yieldk(L, 0, 0, resumed); }
static int answer_nothing(lua_State *L) { return (void)L, 0; }

// The same record as the benchmark of the engine returns: an API's publication.
static int answer_record(lua_State *L) {
  static const char *const fields[][2] = {
      {"api_id", "0f83d8c6ef2c4d41a6b3d2a1c90f0001"},     {"api_name", "pay-create"},
      {"env_id", "DEFAULT_ENVIRONMENT_RELEASE_ID"},       {"publish_id", "40e7162dc6b94bbbbb1a60d2a24b1b0c"},
      {"publish_time", "2026-11-20T10:15:02.265228Z"},    {"version_id", "ee1a5a38d3d3493abf1dc4ed6cacfa0b"},
      {"remark", "weekly release"}};
  luaL_checkstring(L, 1);
  luaL_checktype(L, 2, LUA_TTABLE);
  lua_getfield(L, 2, "env");
  luaL_checkstring(L, -1);
  lua_getfield(L, 2, "remark");
  luaL_checkstring(L, -1);
  lua_getfield(L, 2, "limit");
  luaL_checkinteger(L, -1);
  lua_createtable(L, 0, 7);
  for (int i = 0; i < 7; i++) {
    lua_pushstring(L, fields[i][1]);
    lua_setfield(L, -2, fields[i][0]);
  }
  return 1;
}

// Runs `source`, with `function` as its first argument and the count as its second, as a coroutine.
static bool run(const char *source, lua_CFunction function, int64_t count) {
  lua_State *L = luaL_newstate();
  if (L == NULL) return false;
  luaL_openlibs(L);
  lua_State *thread = lua_newthread(L);
  bool done = false;
  if (luaL_loadstring(thread, source) == LUA_OK) {
    lua_pushcfunction(thread, function);
    lua_pushinteger(thread, count);
    int results = 0, arguments = 2, status;
    while ((status = lua_resume(thread, L, arguments, &results)) == LUA_YIELD) {
      lua_pop(thread, results);
      arguments = 0;
    }
    done = status == LUA_OK;
  }
  lua_close(L);
  return done;
}

static const char plain_loop[] = "local call, count = ... for i = 1, count do call() end";
static const char record_loop[] =
    "local call, count = ...\n"
    "local options = { env = 'RELEASE', remark = 'weekly release', limit = 20 }\n"
    "for i = 1, count do local record = call('pay-create', options) end";

bool floor_round_trip(int64_t count) { return run(plain_loop, wait_for_host, count); }
bool floor_c_call(int64_t count) { return run(plain_loop, answer_nothing, count); }
bool floor_record(int64_t count) { return run(record_loop, answer_record, count); }
