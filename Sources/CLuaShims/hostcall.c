// A call of a host function: arguments to the tape, Swift answers with a code and has returned before anything here
// yields or raises.
#include "internal.h"

static int decode_answer(lua_State *L) {
  clua_engine *e = clua_engine_of(L);
  return clua_decode(L, e->answer.bytes, e->answer.length);
}

// [-0, +n, e] A finalizer of a trusted script may call the host too, and would overwrite the answer that is being
// read; so none runs meanwhile. (Inside a finalizer the collector answers -1: it is off already.)
static int decode_undisturbed(lua_State *L) {
  if (!clua_engine_of(L)->is_unrestricted || lua_gc(L, LUA_GCISRUNNING) != 1) return decode_answer(L);
  int base = lua_gettop(L);
  lua_gc(L, LUA_GCSTOP);
  lua_pushcfunction(L, decode_answer);
  int status = lua_pcall(L, 0, LUA_MULTRET, 0);
  lua_gc(L, LUA_GCRESTART);
  if (status != LUA_OK) lua_error(L);
  return lua_gettop(L) - base;
}

// Decodes e->answer: pushes the results, or raises the host's error.
static int accept(lua_State *L, int answer) {
  if (answer == CLUA_ANSWER_VALUES && clua_engine_of(L)->answer.length == 0) return 0;
  int base = lua_gettop(L);
  luaL_checkstack(L, 12, NULL);
  int count = decode_undisturbed(L);
  if (answer == CLUA_ANSWER_VALUES) return count;
  uint64_t number = (uint64_t)lua_tointeger(L, base + 2);
  lua_settop(L, base + 1);
  if (lua_type(L, -1) == LUA_TTABLE) clua_mark_error(L, number);
  return lua_error(L);
}

int clua_finish_operation(lua_State *L, clua_operation *op) {
  clua_engine *e = clua_engine_of(L);
  clua_stop_if_asked(L);
  if (op->answer == CLUA_ANSWER_PENDING) return luaL_error(L, "resumed before the host answered");
  // The slot is free before decoding starts, because decoding may raise.
  int answer = op->answer;
  clua_buffer tape = op->result;
  e->held -= tape.length;
  op->result = e->answer;
  op->result.length = 0;
  e->answer = tape;
  clua_free_operation(e, op);
  return accept(L, answer);
}

static int continue_call(lua_State *L, int status, lua_KContext context) {
  (void)status;
  return clua_finish_operation(L, (clua_operation *)context);
}

// [-0, +0, e] arguments from `first` on to e->arguments
static void encode_arguments(lua_State *L, const char *name, int first) {
  clua_engine *e = clua_engine_of(L);
  char problem[512];
  e->arguments.length = 0;
  if (!clua_encode(L, first, lua_gettop(L), &e->arguments, name, problem, sizeof problem))
    luaL_error(L, "%s", problem);
}

static int ask(lua_State *L, uint32_t function, uint64_t operation) {
  clua_engine *e = clua_engine_of(L);
  lua_Debug ar;
  int has_place = clua_script_frame(L, 1, &ar);  // the caller of this C function
  e->answer.length = 0;
  clua_leave(e);
  int answer = e->callbacks.call(e->callbacks.context, function, operation, e->arguments.bytes, e->arguments.length,
                                 has_place ? ar.short_src : NULL, has_place ? ar.currentline : 0, clua_branch(e));
  clua_reenter(e);
  if (answer == CLUA_ANSWER_STOP) clua_stop_reason(e, CLUA_STOP_HOST);
  return answer;
}

// Upvalues: number, name.
int clua_host_call(lua_State *L) {
  clua_engine *e = clua_engine_of(L);
  e->calls++;
  if (e->limits.host_calls >= 0 && e->calls > e->limits.host_calls) clua_stop_reason(e, CLUA_STOP_CALLS);
  clua_stop_if_asked(L);
  e->arguments.length = 0;  // no tape is no arguments
  if (lua_gettop(L) > 0) encode_arguments(L, lua_tostring(L, lua_upvalueindex(2)), 1);
  clua_operation *op = clua_new_operation(e);
  if (op == NULL) clua_stop(L);
  int answer = ask(L, (uint32_t)lua_tointeger(L, lua_upvalueindex(1)), op->id);
  if (answer != CLUA_ANSWER_PENDING) clua_free_operation(e, op);
  clua_stop_if_asked(L);
  if (answer != CLUA_ANSWER_PENDING) return accept(L, answer);
  if (!lua_isyieldable(L)) {
    clua_wait_in_place(L, op);
    return clua_finish_operation(L, op);
  }
  e->host_yield = op;
  return lua_yieldk(L, 0, (lua_KContext)op, continue_call);
}

int clua_ask_host(lua_State *L, uint32_t function, const char *name, int first) {
  encode_arguments(L, name, first);
  int answer = ask(L, function, 0);
  clua_stop_if_asked(L);
  return accept(L, answer);
}
