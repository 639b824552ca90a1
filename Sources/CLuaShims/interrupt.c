// The hook and how a run is stopped. A stop yields and is never resumed, so that no pcall, message handler or
// __close of the script sees it; where a yield is impossible a sentinel is raised, which our own pcall, resume and
// close turn into a stop again.
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "internal.h"

clua_signal *clua_signal_new(void) { return calloc(1, sizeof(clua_signal)); }
void clua_signal_free(clua_signal *signal) { free(signal); }

void clua_signal_raise(clua_signal *signal, int reason) {
  int none = CLUA_STOP_NONE;
  atomic_compare_exchange_strong(&signal->reason, &none, reason);
}

int clua_signal_reason(const clua_signal *signal) { return atomic_load(&signal->reason); }
void clua_signal_clear(clua_signal *signal) { atomic_store(&signal->reason, CLUA_STOP_NONE); }
void clua_stop_reason(clua_engine *e, int reason) { clua_signal_raise(e->signal, reason); }

static int64_t now(clockid_t clock) {
  struct timespec t;
  clock_gettime(clock, &t);
  return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

int64_t clua_signal_in_lua_since(const clua_signal *signal) { return atomic_load(&signal->in_lua_since); }

// Of the thread, without what it did outside of the engine. That is measured on the wall: never too little.
static int64_t processor_time(const clua_engine *e) { return now(CLOCK_THREAD_CPUTIME_ID) - e->time_elsewhere; }

void clua_time_reset(clua_engine *e) {
  e->time_used = 0;
  e->time_check = e->limits.nanoseconds;
  e->processor_start = processor_time(e);
}

void clua_tell_time_elsewhere(clua_engine *e, int64_t nanoseconds) { e->time_elsewhere = nanoseconds; }

void clua_time_begin(clua_engine *e) {
  e->slice_start = now(CLOCK_MONOTONIC);
  e->host_time = 0;
  atomic_store(&e->signal->in_lua_since, e->slice_start);
  clua_ticks_begin(e);
}

// Host calls are timed with the coarse clock: a twentieth of the price, and right on average.
void clua_leave(clua_engine *e) {
  e->left_at = now(CLOCK_MONOTONIC_COARSE);
  atomic_store_explicit(&e->signal->in_lua_since, 0, memory_order_relaxed);
}

void clua_reenter(clua_engine *e) {
  int64_t time = now(CLOCK_MONOTONIC_COARSE);
  e->host_time += time - e->left_at;
  atomic_store_explicit(&e->signal->in_lua_since, time, memory_order_relaxed);
}

static int64_t time_used(clua_engine *e) {
  int64_t slice = now(CLOCK_MONOTONIC) - e->slice_start - e->host_time;
  return e->time_used + (slice > 0 ? slice : 0);
}

void clua_time_end(clua_engine *e) {
  clua_ticks_end(e);
  e->time_used = time_used(e);
  atomic_store(&e->signal->in_lua_since, 0);
}

// A thread that has to share its processor has used less than the wall says.
static int is_out_of_time(clua_engine *e) {
  if (e->limits.nanoseconds < 0) return 0;
  int64_t used = time_used(e);
  if (used <= e->time_check) return 0;
  int64_t left = e->limits.nanoseconds - (processor_time(e) - e->processor_start);
  if (left <= 0) return 1;
  e->time_check = used + left;  // it can't run out earlier
  return 0;
}

static void remember_where(lua_State *L) {
  clua_engine *e = clua_engine_of(L);
  lua_Debug ar;
  if (e->stop_where[0] == 0 && clua_script_frame(L, 0, &ar))
    snprintf(e->stop_where, sizeof e->stop_where, "%s:%d", ar.short_src, ar.currentline);
}

_Noreturn static void raise_sentinel(lua_State *L) {
  clua_set_hook(clua_engine_of(L), L, 1);
  lua_pushlightuserdata(L, (void *)&clua_key_run);  // no allocation
  lua_error(L);
  abort();
}

int clua_stop(lua_State *L) {
  remember_where(L);
  if (lua_isyieldable(L)) lua_yield(L, 0);
  raise_sentinel(L);
}

void clua_stop_if_asked(lua_State *L) {
  if (clua_is_stopped(clua_engine_of(L))) clua_stop(L);
}

static void check_memory(lua_State *L, clua_engine *e) {
  e->since_check = 0;
  if (e->used + e->held <= e->soft) return;
  lua_gc(L, LUA_GCCOLLECT);
  // A sixteenth of slack, or a script at the brim would collect at every instruction.
  if (e->used + e->held > e->soft - e->soft / 16) clua_stop_reason(e, CLUA_STOP_MEMORY);
}

// [-0, +0, -] Notes the limit that is reached, if one is.
static void check(lua_State *L, clua_engine *e) {
  e->instructions += (int64_t)e->work;
  e->work = 0;
  if (e->limits.instructions >= 0 && e->instructions > e->limits.instructions)
    clua_stop_reason(e, CLUA_STOP_INSTRUCTIONS);
  if (is_out_of_time(e)) clua_stop_reason(e, CLUA_STOP_TIME);
  check_memory(L, e);
}

void clua_check_limits(lua_State *L) {
  check(L, clua_engine_of(L));
  clua_stop_if_asked(L);
}

static void on_event(lua_State *L, lua_Debug *ar) {
  clua_engine *e = clua_engine_of(L);
  if (ar->event == LUA_HOOKLINE) {
    clua_note_line(L, ar);
    return;
  }
  int count = lua_gethookcount(L);
  e->instructions += count;
  check(L, e);
  if (!clua_is_stopped(e)) {
    if (count != HOOK_COUNT || e->limits.is_signalled) clua_set_hook(e, L, HOOK_COUNT);
    return;
  }
  remember_where(L);
  if (lua_isyieldable(L)) {
    lua_yield(L, 0);  // in a hook this returns; the VM yields afterwards
    return;
  }
  raise_sentinel(L);
}

void clua_set_hook(clua_engine *e, lua_State *L, int count) {
  lua_Hook hook = lua_gethook(L);
  int lines = e->counts_lines ? LUA_MASKLINE : 0;
  if (hook && hook != on_event) return;  // a trusted script's own
  if (!hook && e->is_unrestricted && !e->limits.is_signalled && count == 1) return;  // it wants none
  if (count == HOOK_COUNT && e->limits.is_signalled) lua_sethook(L, lines ? on_event : NULL, lines, 0);
  else lua_sethook(L, on_event, LUA_MASKCOUNT | lines, count);
}
