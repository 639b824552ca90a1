// Making and freeing a state, and modules. Every entry is one lua_pcall on the main thread, whose stack is empty
// between entries; what is pushed before it allocates nothing.
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "internal.h"

static int on_panic(lua_State *L) {
  static const char text[] = "lua-runtime: an error outside of every protected call (a defect of the shim)\n";
  (void)L;
  ssize_t ignored = write(2, text, sizeof text - 1);
  (void)ignored;
  abort();
}

static int open_state(lua_State *L) {
  clua_open_library(L);
  lua_gc(L, LUA_GCINC, 150, 0, 0);
  return 0;
}

clua_engine *clua_new(const clua_limits *limits, const clua_callbacks *callbacks, clua_signal *signal, int library) {
  clua_engine *e = calloc(1, sizeof *e);
  if (e == NULL) return NULL;
  e->limits = *limits;
  e->callbacks = *callbacks;
  e->signal = signal;
  e->is_unrestricted = library == CLUA_LIBRARY_UNRESTRICTED;
  clua_seed(e, 0);
  e->soft = limits->memory >= 0 && limits->memory < INT64_MAX / 8 ? (size_t)limits->memory : (size_t)INT64_MAX / 8;
  e->hard = 4 * e->soft + (size_t)64 * 1024 * 1024;
  e->max_string = e->soft / 2 < INT_MAX ? e->soft / 2 : INT_MAX;
  e->L = lua_newstate(clua_allocate, e);
  if (e->L == NULL) {
    free(e);
    return NULL;
  }
  *(clua_engine **)lua_getextraspace(e->L) = e;
  lua_atpanic(e->L, on_panic);
  lua_pushcfunction(e->L, open_state);
  int status = lua_pcall(e->L, 0, 0, 0);
  lua_settop(e->L, 0);
  if (status == LUA_OK) return e;
  clua_free(e);
  return NULL;
}

void clua_free(clua_engine *e) {
  if (e == NULL) return;
  clua_end(e);
  clua_ticks_free(e);
  e->is_closing = 1;
  lua_close(e->L);
  while (clua_released_error(e)) continue;
  for (uint32_t i = 0; i < e->operation_count; i++) {
    clua_discard(&e->operations[i]->result);
    free(e->operations[i]);
  }
  free(e->operations);
  clua_free_counts(e);
  clua_discard(&e->arguments);
  clua_discard(&e->answer);
  clua_discard(&e->result);
  free(e->names);
  free(e);
}

typedef struct module_request {
  const char *name;
  const char *const *names;
  uint32_t first, count;
  const char *prelude;
  size_t length;
  int is_global, status;
} module_request;

static int add_module(lua_State *L) {
  module_request *request = lua_touserdata(L, 1);
  clua_engine *e = clua_engine_of(L);
  clua_push_host_table(L, request->names, request->first, request->count);
  int module = lua_gettop(L);
  if (request->prelude) {
    lua_pushfstring(L, "=[%s]", request->name);
    request->status = clua_load_text(L, request->prelude, request->length, lua_tostring(L, -1));
    if (request->status == LUA_OK) {
      lua_rawgetp(L, LUA_REGISTRYINDEX, &clua_key_library);
      if (!lua_setupvalue(L, -2, 1)) lua_pop(L, 1);
      lua_pushvalue(L, module);
      request->status = lua_pcall(L, 1, 1, 0);
      if (request->status == LUA_OK && !lua_istable(L, -1)) {
        lua_pushfstring(L, "the prelude of '%s' must return a table", request->name);
        request->status = LUA_ERRRUN;
      }
    }
    if (request->status != LUA_OK) {
      size_t length;
      const char *text = clua_text_of(L, -1, &length);
      e->result.length = 0;
      if (!clua_put_count(&e->result, 1) || !clua_put_text(&e->result, text, length))
        luaL_error(L, "not enough memory");
      return 0;
    }
    module = lua_gettop(L);
  } else {  // only the host functions, not the helpers
    lua_createtable(L, 0, (int)request->count);
    for (uint32_t i = 0; i < request->count; i++) {
      lua_getfield(L, module, request->names[i]);
      lua_setfield(L, -2, request->names[i]);
    }
    module = lua_gettop(L);
  }
  lua_pushcfunction(L, clua_freeze);
  lua_pushvalue(L, module);
  lua_pushstring(L, request->name);
  lua_call(L, 2, 1);
  lua_rawgetp(L, LUA_REGISTRYINDEX, &clua_key_loaded);
  lua_pushvalue(L, -2);
  lua_setfield(L, -2, request->name);
  lua_pop(L, 1);
  if (request->is_global) {
    lua_pushglobaltable(L);
    lua_pushvalue(L, -2);
    lua_setfield(L, -2, request->name);
  }
  return 0;
}

int clua_add_module(clua_engine *e, const char *name, const char *const *names, uint32_t first, uint32_t count,
                    const char *prelude, size_t length, int is_global) {
  module_request request = {name, names, first, count, prelude, length, is_global, LUA_OK};
  e->result.length = 0;
  // Nearly all that a prelude makes stays: a collection meanwhile finds next to nothing.
  lua_gc(e->L, LUA_GCSTOP);
  lua_pushcfunction(e->L, add_module);
  lua_pushlightuserdata(e->L, &request);
  int status = lua_pcall(e->L, 1, 0, 0);
  lua_gc(e->L, LUA_GCRESTART);
  lua_settop(e->L, 0);
  if (status != LUA_OK || request.status == LUA_ERRMEM) clua_stop_reason(e, CLUA_STOP_MEMORY);
  if (clua_is_stopped(e)) return CLUA_STOPPED;
  return request.status == LUA_OK ? CLUA_DONE : request.status == LUA_ERRSYNTAX ? CLUA_SYNTAX : CLUA_ERROR;
}

void clua_seed(clua_engine *e, uint64_t seed) {
  e->seed = seed;
  clua_random_seed(&e->random, seed, 0);
}

const uint8_t *clua_result(const clua_engine *e, size_t *length) {
  *length = e->result.length;
  return e->result.bytes;
}

size_t clua_memory_used(const clua_engine *e) { return e->used; }
size_t clua_memory_peak(const clua_engine *e) { return e->peak; }
int64_t clua_instructions(const clua_engine *e) { return e->instructions; }
int64_t clua_allocations(const clua_engine *e) { return e->allocations; }
