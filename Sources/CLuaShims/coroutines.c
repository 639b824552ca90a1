// The script's coroutine library. A host call inside a coroutine travels up through its resumers to the task, and
// the answer travels down again; meanwhile the coroutines it passed are pinned: the script can't resume or close
// them.
#include "internal.h"

// Pinned: task threads, and coroutines that wait for the host. KEY_PINNED[thread] = true. [-0, +0, m]
void clua_pin(lua_State *L, lua_State *thread, int pinned) {
  luaL_checkstack(L, 6, NULL);
  if (!lua_checkstack(thread, 1)) luaL_error(L, "stack overflow");
  lua_rawgetp(L, LUA_REGISTRYINDEX, &clua_key_pinned);
  lua_pushthread(thread);
  if (thread != L) lua_xmove(thread, L, 1);
  if (pinned) lua_pushboolean(L, 1);
  else lua_pushnil(L);
  lua_rawset(L, -3);
  lua_pop(L, 1);
}

int clua_is_pinned(lua_State *L, lua_State *thread) {
  luaL_checkstack(L, 6, NULL);
  lua_rawgetp(L, LUA_REGISTRYINDEX, &clua_key_pinned);
  if (!lua_checkstack(thread, 1)) luaL_error(L, "stack overflow");
  lua_pushthread(thread);
  if (thread != L) lua_xmove(thread, L, 1);
  int pinned = lua_rawget(L, -2) == LUA_TBOOLEAN;
  lua_pop(L, 2);
  return pinned;
}

static lua_State *check_coroutine(lua_State *L) {
  lua_State *co = lua_tothread(L, 1);
  luaL_argexpected(L, co, 1, "coroutine");
  return co;
}

static const char *status_of(lua_State *L, lua_State *co) {
  lua_Debug ar;
  if (L == co) return "running";
  if (clua_is_pinned(L, co)) return "normal";
  switch (lua_status(co)) {
    case LUA_YIELD: return "suspended";
    case LUA_OK:
      if (lua_getstack(co, 0, &ar)) return "normal";
      return lua_gettop(co) == 0 ? "dead" : "suspended";
    default: return "dead";
  }
}

// Resumes co until it yields to the script, returns or fails. The results, or the error object (-1), are on L.
static int drive(lua_State *L, lua_State *co, int arguments, lua_KFunction continuation) {
  clua_engine *e = clua_engine_of(L);
  for (;;) {
    int results = 0;
    int status = clua_resume(L, co, arguments, &results);
    clua_stop_if_asked(L);
    if (status == LUA_YIELD && e->host_yield) {
      clua_operation *op = e->host_yield;
      clua_pin(L, co, 1);
      if (lua_isyieldable(L)) lua_yieldk(L, 0, 0, continuation);
      e->host_yield = NULL;
      clua_wait_in_place(L, op);
      clua_pin(L, co, 0);
      arguments = 0;
      continue;
    }
    if (status == LUA_OK || status == LUA_YIELD) {
      if (!lua_checkstack(L, results + 1)) {
        lua_pop(co, results);
        lua_pushliteral(L, "too many results to resume");
        return -1;
      }
      lua_xmove(co, L, results);
      return results;
    }
    lua_xmove(co, L, 1);
    clua_note_error(L, co);
    return -1;
  }
}

// [-arguments, +results, e]
static int first_drive(lua_State *L, lua_State *co, int arguments, lua_KFunction continuation) {
  clua_stop_if_asked(L);
  const char *refused = NULL;
  if (co != L && clua_is_pinned(L, co)) refused = "cannot resume non-suspended coroutine";
  else if (!lua_checkstack(co, arguments)) refused = "too many arguments to resume";
  if (refused) {
    lua_pushstring(L, refused);
    return -1;
  }
  lua_xmove(L, co, arguments);
  return drive(L, co, arguments, continuation);
}

static int resume_results(lua_State *L, int results) {
  lua_pushboolean(L, results >= 0);
  int count = results >= 0 ? results : 1;
  lua_insert(L, -count - 1);
  return count + 1;
}

static int resume_again(lua_State *L, int status, lua_KContext context) {
  (void)status, (void)context;
  lua_State *co = lua_tothread(L, 1);
  clua_stop_if_asked(L);
  clua_pin(L, co, 0);
  return resume_results(L, drive(L, co, 0, resume_again));
}

static int co_resume(lua_State *L) {
  lua_State *co = check_coroutine(L);
  // co stays at 1 for the continuation.
  return resume_results(L, first_drive(L, co, lua_gettop(L) - 1, resume_again));
}

// lua_resetthread runs __close handlers and does not count C levels in 5.4.4; we do. [-0, +0, e]
static int reset(lua_State *L, lua_State *co) {
  clua_engine *e = clua_engine_of(L);
  if (e->closes >= MAX_CLOSES) luaL_error(L, "too many nested coroutines to close");
  lua_State *outer = e->running;
  e->closes++;
  e->running = co;
  int status = lua_resetthread(co);
  e->running = outer;
  e->closes--;
  if (status == LUA_ERRMEM) clua_stop_reason(e, CLUA_STOP_MEMORY);
  clua_stop_if_asked(L);
  return status;
}

void clua_close_failed(lua_State *L, lua_State *thread) {
  clua_engine *e = clua_engine_of(L);
  if (e->closes >= MAX_CLOSES || clua_is_stopped(e)) return;
  lua_State *outer = e->running;
  e->closes++;
  e->running = thread;
  if (lua_resetthread(thread) == LUA_ERRMEM) clua_stop_reason(e, CLUA_STOP_MEMORY);
  e->running = outer;
  e->closes--;
}

static int wrap_results(lua_State *L, lua_State *co, int results) {
  if (results >= 0) return results;
  int status = lua_status(co);
  if (co != L && status != LUA_OK && status != LUA_YIELD) {
    lua_xmove(L, co, 1);  // __close handlers may replace the error
    reset(L, co);
    lua_xmove(co, L, 1);
  }
  if (lua_type(L, -1) == LUA_TSTRING) {
    int is_noted = clua_is_noted(L, -1);
    luaL_where(L, 1);
    lua_insert(L, -2);
    lua_concat(L, 2);
    if (is_noted) clua_rename_noted(L, -1);
  }
  return lua_error(L);
}

static int wrap_again(lua_State *L, int status, lua_KContext context) {
  (void)status, (void)context;
  lua_State *co = lua_tothread(L, lua_upvalueindex(1));
  clua_stop_if_asked(L);
  clua_pin(L, co, 0);
  return wrap_results(L, co, drive(L, co, 0, wrap_again));
}

static int call_wrapped(lua_State *L) {
  lua_State *co = lua_tothread(L, lua_upvalueindex(1));
  return wrap_results(L, co, first_drive(L, co, lua_gettop(L), wrap_again));
}

static int co_create(lua_State *L) {
  luaL_checktype(L, 1, LUA_TFUNCTION);
  lua_State *co = lua_newthread(L);
  // A trusted script may have replaced the hook; then the coroutine inherits that.
  if (!clua_engine_of(L)->is_unrestricted) clua_set_hook(clua_engine_of(L), co, HOOK_COUNT);
  lua_pushvalue(L, 1);
  lua_xmove(L, co, 1);
  return 1;
}

static int co_wrap(lua_State *L) {
  co_create(L);
  lua_pushcclosure(L, call_wrapped, 1);
  return 1;
}

static int co_yield(lua_State *L) {
  // A task's yield would be taken for a host call.
  if (clua_is_pinned(L, L)) return luaL_error(L, "attempt to yield from outside a coroutine");
  return lua_yield(L, lua_gettop(L));
}

static int co_status(lua_State *L) {
  lua_pushstring(L, status_of(L, check_coroutine(L)));
  return 1;
}

static int co_isyieldable(lua_State *L) {
  lua_State *co = lua_isthread(L, 1) ? lua_tothread(L, 1) : L;
  lua_pushboolean(L, !clua_is_pinned(L, co) && lua_isyieldable(co));
  return 1;
}

static int co_running(lua_State *L) {
  lua_pushthread(L);
  lua_pushboolean(L, clua_is_pinned(L, L));
  return 2;
}

static int co_close(lua_State *L) {
  lua_State *co = check_coroutine(L);
  const char *status = status_of(L, co);
  if (strcmp(status, "dead") != 0 && strcmp(status, "suspended") != 0)
    return luaL_error(L, "cannot close a %s coroutine", status);
  if (reset(L, co) == LUA_OK) {
    lua_pushboolean(L, 1);
    return 1;
  }
  lua_pushboolean(L, 0);
  lua_xmove(co, L, 1);
  return 2;
}

void clua_open_coroutines(lua_State *L) {
  const luaL_Reg functions[] = {{"create", co_create}, {"resume", co_resume}, {"wrap", co_wrap},
                                {"yield", co_yield},   {"status", co_status}, {"isyieldable", co_isyieldable},
                                {"running", co_running}, {"close", co_close}, {NULL, NULL}};
  luaL_newlib(L, functions);
  lua_setfield(L, -2, "coroutine");
}
