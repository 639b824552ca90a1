// Base coroutines ("tasks"): the script itself and what host.each and host.spawn start. Each waits for one operation at
// a time.
#include <stdio.h>
#include <stdlib.h>

#include "internal.h"

int clua_resume(lua_State *from, lua_State *thread, int arguments, int *results) {
  clua_engine *e = clua_engine_of(from);
  lua_State *outer = e->running;
  clua_resume_link link = {thread, e->resumes};
  e->running = thread;
  e->resumes = &link;
  int status = lua_resume(thread, from, arguments, results);
  e->running = outer;
  e->resumes = link.outer;
  if (status == LUA_ERRMEM) clua_stop_reason(e, CLUA_STOP_MEMORY);
  return status;
}

void clua_make_runnable(clua_engine *e, clua_task *task) {
  task->next_runnable = NULL;
  if (e->last_runnable) e->last_runnable->next_runnable = task;
  else e->runnable = task;
  e->last_runnable = task;
}

clua_task *clua_new_task(lua_State *L, clua_group *group, lua_Integer index, const char *name) {
  clua_engine *e = clua_engine_of(L);
  luaL_checkstack(L, 8, NULL);
  lua_State *thread = lua_newthread(L);
  clua_set_hook(e, thread, HOOK_COUNT);
  clua_pin(L, thread, 1);
  clua_task *task = calloc(1, sizeof *task);
  size_t size = group ? strlen(group->branch) + 24 : name ? strlen(name) + 1 : 1;
  char *branch = malloc(size);
  if (task == NULL || branch == NULL) {
    free(task);
    free(branch);
    luaL_error(L, "not enough memory");
  }
  if (group) snprintf(branch, size, "%s.%lld", group->branch, (long long)index);
  else memcpy(branch, name ? name : "", size);
  *task = (clua_task){.thread = thread, .group = group, .index = index, .branch = branch, .next = e->tasks};
  if (group) clua_random_seed(&task->random, group->seed, (uint64_t)index);
  if (e->tasks) e->tasks->previous = task;
  e->tasks = task;
  lua_rawgetp(L, LUA_REGISTRYINDEX, &clua_key_run);
  lua_pushvalue(L, -2);
  lua_rawsetp(L, -2, task);
  lua_pop(L, 1);
  return task;
}

static void free_task(clua_task *task) {
  free(task->branch);
  free(task);
}

const char *clua_branch(const clua_engine *e) { return e->current ? e->current->branch : ""; }

static void forget_task(lua_State *L, clua_task *task) {
  clua_engine *e = clua_engine_of(L);
  if (task->previous) task->previous->next = task->next;
  else e->tasks = task->next;
  if (task->next) task->next->previous = task->previous;
  clua_pin(L, task->thread, 0);
  lua_rawgetp(L, LUA_REGISTRYINDEX, &clua_key_run);
  lua_pushnil(L);
  lua_rawsetp(L, -2, task);
  lua_pop(L, 1);
  free_task(task);
}

static void finish_script(lua_State *L, lua_State *thread, int status, int results) {
  clua_engine *e = clua_engine_of(L);
  char problem[512];
  if (e->finished) return;  // the first end is the run's
  e->finished = 1;
  e->result.length = 0;
  e->outcome = CLUA_DONE;
  if (status != LUA_OK) {
    clua_report_error(L, thread);
    clua_close_failed(L, thread);
    e->outcome = CLUA_ERROR;
    return;
  }
  int top = lua_gettop(thread);
  if (clua_encode(thread, top - results + 1, top, &e->result, NULL, problem, sizeof problem)) return;
  e->result.length = 0;
  e->outcome = CLUA_INVALID;
  if (!clua_put_count(&e->result, 1) || !clua_put_text(&e->result, problem, strlen(problem)))
    luaL_error(L, "not enough memory");
}

void clua_run_task(lua_State *L, clua_task *task) {
  clua_engine *e = clua_engine_of(L);
  int results = 0, arguments = task->arguments;
  task->arguments = 0;
  e->host_yield = NULL;
  clua_task *outer = e->current;
  e->current = task;
  int status = clua_resume(L, task->thread, arguments, &results);
  e->current = outer;
  if (clua_is_stopped(e)) return;
  if (status == LUA_YIELD) {
    clua_operation *op = e->host_yield;
    e->host_yield = NULL;
    if (op == NULL) luaL_error(L, "a task yielded without a host call");
    op->task = task;
    if (op->answer != CLUA_ANSWER_PENDING) clua_make_runnable(e, task);
    return;
  }
  if (task->group) clua_group_task_done(L, task, status, results);
  else if (!task->is_detached || status != LUA_OK) finish_script(L, task->thread, status, results);
  forget_task(L, task);
}

static clua_task *next_runnable(clua_engine *e) {
  clua_task *task = e->runnable;
  if (task == NULL) return NULL;
  e->runnable = task->next_runnable;
  if (e->runnable == NULL) e->last_runnable = NULL;
  return task;
}

// Where a yield is impossible the wait happens here, on the engine's own thread; other tasks go on meanwhile only
// if `op` depends on them.
void clua_wait_in_place(lua_State *L, clua_operation *op) {
  clua_engine *e = clua_engine_of(L);
  while (op->answer == CLUA_ANSWER_PENDING) {
    clua_stop_if_asked(L);
    // What is closed because of the end may still wait.
    if (e->finished && e->closes == 0) luaL_error(L, "the run has ended in another of its tasks");
    clua_task *task = op->group ? next_runnable(e) : NULL;
    if (task) {
      clua_run_task(L, task);
      continue;
    }
    clua_leave(e);
    e->callbacks.wait(e->callbacks.context, op->group ? 0 : op->id);
    clua_reenter(e);
  }
  clua_stop_if_asked(L);
}

static int step(lua_State *L) {
  clua_engine *e = clua_engine_of(L);
  while (!e->finished && !clua_is_stopped(e)) {
    clua_task *task = next_runnable(e);
    if (task == NULL) break;
    clua_run_task(L, task);
  }
  return 0;
}

// [-0, +0, -]
static int put_stop(clua_engine *e) {
  e->result.length = 0;
  if (clua_put_count(&e->result, 1)) {
    if (e->stop_where[0]) clua_put_text(&e->result, e->stop_where, strlen(e->stop_where));
    else clua_put_nil(&e->result);
  }
  return CLUA_STOPPED;
}

int clua_step(clua_engine *e) {
  clua_time_begin(e);
  lua_pushcfunction(e->L, step);
  int status = lua_pcall(e->L, 0, 0, 0);
  clua_time_end(e);
  lua_settop(e->L, 0);
  e->running = NULL;
  e->resumes = NULL;
  if (status != LUA_OK) clua_stop_reason(e, CLUA_STOP_MEMORY);  // only memory errors come here
  if (clua_is_stopped(e)) return put_stop(e);
  return e->finished ? e->outcome : CLUA_WAITING;
}

typedef struct start_request {
  const char *name, *source;
  size_t length;
  const uint8_t *arguments;
  size_t arguments_length;
  const char *module, *function;  // what gets the chunk; NULL: it is called itself
  int only_check, status;
} start_request;

static int start(lua_State *L) {
  start_request *request = lua_touserdata(L, 1);
  clua_engine *e = clua_engine_of(L);
  lua_pushfstring(L, "=%s", request->name);
  request->status = clua_load_text(L, request->source, request->length, lua_tostring(L, -1));
  if (request->status != LUA_OK) {
    size_t length;
    const char *text = luaL_tolstring(L, -1, &length);
    if (!clua_put_count(&e->result, 1) || !clua_put_text(&e->result, text, length)) luaL_error(L, "not enough memory");
    return 0;
  }
  if (request->only_check) return 0;
  if (!clua_count_lines_of(e, request->name, request->source, request->length)) luaL_error(L, "not enough memory");
  int function = lua_gettop(L);
  lua_newtable(L);
  lua_rawsetp(L, LUA_REGISTRYINDEX, &clua_key_run);
  clua_task *task = clua_new_task(L, NULL, 0, NULL);
  int through = request->module != NULL;
  if (through) {
    lua_rawgetp(L, LUA_REGISTRYINDEX, &clua_key_loaded);
    lua_getfield(L, -1, request->module);
    lua_getfield(L, -1, request->function);
    lua_xmove(L, task->thread, 1);
  }
  lua_pushvalue(L, function);
  lua_xmove(L, task->thread, 1);
  task->arguments = through + clua_decode(task->thread, request->arguments, request->arguments_length);
  clua_make_runnable(e, task);
  return 0;
}

static int run_start(clua_engine *e, start_request *request) {
  e->result.length = 0;
  e->stop_where[0] = 0;
  e->instructions = e->calls = e->output = 0;
  clua_time_reset(e);
  clua_ticks_prepare(e);
  e->closes = e->finished = 0;
  lua_pushcfunction(e->L, start);
  lua_pushlightuserdata(e->L, request);
  clua_time_begin(e);  // compiling may take long, too
  int status = lua_pcall(e->L, 1, 0, 0);
  clua_time_end(e);
  lua_settop(e->L, 0);
  if (status != LUA_OK || request->status == LUA_ERRMEM) clua_stop_reason(e, CLUA_STOP_MEMORY);
  if (clua_is_stopped(e)) return put_stop(e);
  if (request->status != LUA_OK) return CLUA_SYNTAX;
  return request->only_check ? CLUA_DONE : CLUA_WAITING;
}

int clua_start(clua_engine *e, const char *name, const char *source, size_t length, const uint8_t *arguments,
               size_t arguments_length) {
  start_request request = {name, source, length, arguments, arguments_length, NULL, NULL, 0, LUA_OK};
  return run_start(e, &request);
}

int clua_start_through(clua_engine *e, const char *module, const char *function, const char *name, const char *source,
                       size_t length, const uint8_t *arguments, size_t arguments_length) {
  start_request request = {name, source, length, arguments, arguments_length, module, function, 0, LUA_OK};
  return run_start(e, &request);
}

int clua_check(clua_engine *e, const char *name, const char *source, size_t length) {
  start_request request = {name, source, length, NULL, 0, NULL, NULL, 1, LUA_OK};
  return run_start(e, &request);
}

static int collect(lua_State *L) {
  lua_gc(L, LUA_GCCOLLECT);
  return 0;
}

void clua_end(clua_engine *e) {
  for (clua_task *task = e->tasks, *next; task; task = next) {
    next = task->next;
    free_task(task);
  }
  for (clua_group *group = e->groups, *next; group; group = next) {
    next = group->next;
    clua_free_group(group);
  }
  e->tasks = e->runnable = e->last_runnable = e->current = NULL;
  e->groups = NULL;
  e->host_yield = NULL;
  e->running = NULL;
  e->resumes = NULL;
  e->free_operations = NULL;
  for (uint32_t i = 0; i < e->operation_count; i++) clua_free_operation(e, e->operations[i]);
  // Setting existing keys to nil allocates nothing.
  lua_pushnil(e->L);
  lua_rawsetp(e->L, LUA_REGISTRYINDEX, &clua_key_run);
  lua_pushnil(e->L);
  lua_rawsetp(e->L, LUA_REGISTRYINDEX, &clua_key_noted_error);
  if (e->used > e->soft / 2) {
    lua_pushcfunction(e->L, collect);
    lua_pcall(e->L, 0, 0, 0);
  }
  lua_settop(e->L, 0);
}
