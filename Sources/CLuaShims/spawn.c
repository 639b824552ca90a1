// Tasks that a prelude starts by itself, for calls that come from outside.
#include "internal.h"

enum { MAX_BRANCH = 8192 };

// FNV-1a: the same for a branch in every run.
static uint64_t digest(const char *text) {
  uint64_t digest = 14695981039346656037u;
  for (; *text; text++) digest = (digest ^ (uint8_t)*text) * 1099511628211u;
  return digest;
}

// spawn(branch, f, ...): f(...) as a task of its own, which nobody waits for; an error of it ends the run.
int clua_spawn(lua_State *L) {
  clua_engine *e = clua_engine_of(L);
  size_t length;
  const char *branch = luaL_checklstring(L, 1, &length);
  luaL_argcheck(L, length <= MAX_BRANCH && strlen(branch) == length, 1, "not a branch");
  luaL_checktype(L, 2, LUA_TFUNCTION);
  clua_stop_if_asked(L);
  if (lua_rawgetp(L, LUA_REGISTRYINDEX, &clua_key_run) != LUA_TTABLE)
    return luaL_error(L, "spawn is not available while modules are loaded");
  lua_pop(L, 1);
  int count = lua_gettop(L) - 1;  // the function and its arguments
  clua_task *task = clua_new_task(L, NULL, 0, branch);
  task->is_detached = 1;
  clua_random_seed(&task->random, e->seed, digest(branch));
  lua_insert(L, 2);
  if (!lua_checkstack(task->thread, count)) return luaL_error(L, "too many arguments");
  lua_xmove(L, task->thread, count);
  task->arguments = count - 1;
  clua_make_runnable(e, task);
  return 0;
}

// part(): the branch of the next part of the running task, as host.each gives one to a list of one item.
int clua_part(lua_State *L) {
  clua_engine *e = clua_engine_of(L);
  lua_Integer part = e->current ? (lua_Integer)++e->current->parts : 0;
  lua_pushfstring(L, "%s/%I.1", clua_branch(e), (LUAI_UACINT)part);
  return 1;
}

// can_suspend(): whether a call of the host made here lets other tasks go on meanwhile.
int clua_can_suspend(lua_State *L) {
  clua_engine *e = clua_engine_of(L);
  int can = e->current != NULL && lua_isyieldable(L);
  for (clua_resume_link *link = e->resumes; can && link; link = link->outer) {
    can = lua_isyieldable(link->thread);
    if (link->thread == e->current->thread) break;
  }
  lua_pushboolean(L, can);
  return 1;
}
