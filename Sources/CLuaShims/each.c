// host.each(list, concurrency, on_failure, f): f(item, index) as tasks of their own.
#include <stdio.h>
#include <stdlib.h>

#include "internal.h"

enum { ANCHOR_LIST = 1, ANCHOR_FUNCTION, ANCHOR_RESULTS, ANCHOR_FAILURES, ANCHOR_ERROR };

// The Lua values of a group live in a table of the run, KEY_RUN[group]. [-0, +1, -]
static void push_anchor(lua_State *L, clua_group *group) {
  lua_rawgetp(L, LUA_REGISTRYINDEX, &clua_key_run);
  lua_rawgetp(L, -1, group);
  lua_remove(L, -2);
}

static int may_start(const clua_group *group) {
  return group->active < group->concurrency && group->started < group->count && !(group->failed && group->raises);
}

void clua_free_group(clua_group *group) {
  if (group) free(group->branch);
  free(group);
}

// The branch of a group that the running task starts; NULL when memory runs out.
static char *next_branch(clua_engine *e) {
  const char *outer = clua_branch(e);
  size_t size = strlen(outer) + 16;
  char *branch = malloc(size);
  if (branch) snprintf(branch, size, "%s/%u", outer, e->current ? ++e->current->parts : 0);
  return branch;
}

// [-0, +0, m]
static void start_more(lua_State *L, clua_group *group) {
  clua_engine *e = clua_engine_of(L);
  luaL_checkstack(L, 12, NULL);
  push_anchor(L, group);
  int anchor = lua_gettop(L);
  while (may_start(group)) {
    lua_Integer index = group->started + 1;
    clua_task *task = clua_new_task(L, group, index, NULL);
    lua_rawgeti(L, anchor, ANCHOR_FUNCTION);
    lua_rawgeti(L, anchor, ANCHOR_LIST);
    lua_rawgeti(L, -1, index);
    lua_remove(L, -2);
    lua_pushinteger(L, index);
    lua_xmove(L, task->thread, 3);
    task->arguments = 2;
    lua_settop(L, anchor);
    group->started = index;
    group->active++;
    clua_make_runnable(e, task);
  }
  lua_settop(L, anchor - 1);
  if (group->active > 0 || group->operation->answer != CLUA_ANSWER_PENDING) return;
  group->operation->answer = CLUA_ANSWER_VALUES;
  if (group->operation->task) clua_make_runnable(e, group->operation->task);
}

void clua_group_task_done(lua_State *L, clua_task *task, int status, int results) {
  clua_group *group = task->group;
  int top = lua_gettop(L);
  luaL_checkstack(L, 12, NULL);
  push_anchor(L, group);
  int anchor = lua_gettop(L), error = anchor + 1;
  if (status != LUA_OK) {
    lua_xmove(task->thread, L, 1);
    lua_pushvalue(L, error);
    lua_xmove(L, task->thread, 1);
    clua_close_failed(L, task->thread);
  }
  if (status == LUA_OK) {
    lua_rawgeti(L, anchor, ANCHOR_RESULTS);
    lua_settop(task->thread, lua_gettop(task->thread) - results + (results ? 1 : 0));
    if (results) lua_xmove(task->thread, L, 1);
    else lua_pushnil(L);
    lua_rawseti(L, -2, task->index);
  } else if (group->raises) {
    if (!group->failed) lua_rawseti(L, anchor, ANCHOR_ERROR);
  } else {
    lua_rawgeti(L, anchor, ANCHOR_FAILURES);
    lua_createtable(L, 0, 2);
    lua_pushinteger(L, task->index);
    lua_setfield(L, -2, "index");
    lua_pushvalue(L, error);
    lua_setfield(L, -2, "error");
    lua_rawseti(L, -2, ++group->failures);
  }
  group->failed |= status != LUA_OK;
  group->active--;
  lua_settop(L, top);
  start_more(L, group);
}

static int finish(lua_State *L, clua_group *group) {
  clua_engine *e = clua_engine_of(L);
  clua_stop_if_asked(L);
  luaL_checkstack(L, 12, NULL);
  push_anchor(L, group);
  int anchor = lua_gettop(L), raises = group->raises && group->failed, both = !group->raises;
  lua_rawgetp(L, LUA_REGISTRYINDEX, &clua_key_run);
  lua_pushnil(L);
  lua_rawsetp(L, -2, group);
  for (clua_group **g = &e->groups; *g; g = &(*g)->next)
    if (*g == group) {
      *g = group->next;
      break;
    }
  clua_free_operation(e, group->operation);
  clua_free_group(group);
  if (raises) {
    lua_rawgeti(L, anchor, ANCHOR_ERROR);
    return lua_error(L);
  }
  lua_rawgeti(L, anchor, ANCHOR_RESULTS);
  if (both) lua_rawgeti(L, anchor, ANCHOR_FAILURES);
  return both ? 2 : 1;
}

static int continue_each(lua_State *L, int status, lua_KContext context) {
  (void)status;
  return finish(L, (clua_group *)context);
}

int clua_each(lua_State *L) {
  clua_engine *e = clua_engine_of(L);
  luaL_checktype(L, 1, LUA_TTABLE);
  lua_Integer concurrency = luaL_checkinteger(L, 2);
  const char *const choices[] = {"return", "raise", NULL};
  int raises = luaL_checkoption(L, 3, "raise", choices);
  luaL_argcheck(L, concurrency >= 1, 2, "at least 1 was expected");
  luaL_argexpected(L, lua_type(L, 4) == LUA_TFUNCTION || luaL_getmetafield(L, 4, "__call"), 4, "function");
  lua_settop(L, 4);
  lua_Integer count = luaL_len(L, 1);
  luaL_argcheck(L, count <= 1000 * 1000, 1, "too many items (at most 1000000)");
  clua_stop_if_asked(L);
  if (lua_rawgetp(L, LUA_REGISTRYINDEX, &clua_key_run) != LUA_TTABLE)
    return luaL_error(L, "each is not available while modules are loaded");
  int run = lua_gettop(L);
  lua_createtable(L, 5, 0);
  int anchor = lua_gettop(L);
  lua_createtable(L, (int)count, 0);  // a copy, so that the tasks can't change the list
  for (lua_Integer i = 1; i <= count; i++) {
    lua_geti(L, 1, i);
    lua_rawseti(L, -2, i);
  }
  lua_rawseti(L, anchor, ANCHOR_LIST);
  lua_pushvalue(L, 4);
  lua_rawseti(L, anchor, ANCHOR_FUNCTION);
  lua_createtable(L, (int)count, 0);
  lua_rawseti(L, anchor, ANCHOR_RESULTS);
  lua_newtable(L);
  lua_rawseti(L, anchor, ANCHOR_FAILURES);
  clua_operation *op = clua_new_operation(e);
  clua_group *group = op ? calloc(1, sizeof *group) : NULL;
  char *branch = group ? next_branch(e) : NULL;
  if (branch == NULL) {
    free(group);
    return luaL_error(L, "not enough memory");
  }
  *group = (clua_group){
      .count = count, .concurrency = concurrency, .raises = raises, .branch = branch, .operation = op,
      .seed = clua_random_next(clua_random_of(e))};
  group->next = e->groups;
  e->groups = group;
  op->group = group;
  lua_pushvalue(L, anchor);
  lua_rawsetp(L, run, group);
  lua_settop(L, 0);
  start_more(L, group);
  if (op->answer != CLUA_ANSWER_PENDING) return finish(L, group);
  if (!lua_isyieldable(L)) {
    clua_wait_in_place(L, op);
    return finish(L, group);
  }
  e->host_yield = op;
  return lua_yieldk(L, 0, (lua_KContext)group, continue_each);
}
