// What the files of the shim share. Indicators [-o, +p, x] as in the Lua manual; "stop" = may end the run.
#pragma once
#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>
#include <stdatomic.h>
#include <string.h>
#include <time.h>

#include "CLuaShims.h"

enum {
  HOOK_COUNT = 250,
  MAX_DEPTH = 200,
  MAX_CLOSES = 40,
  MAX_LOAD = 256 * 1024,
  MAX_CHUNK = 1024 * 1024,    // the stack of LuaThread is made for it
  CHECK_WORK = 2048,          // units of work between two looks at the limits
  CHECK_BYTES = 1024 * 1024,  // bytes allocated between two looks at the limits
  CLUA_BYTES_PER_WORK = 64,   // bytes that are copied or searched at the price of an instruction
  KEPT_NAMES = 64,            // names of fields that are at hand, see tape.c
};

struct clua_signal {
  _Atomic int reason;
  _Atomic int64_t in_lua_since;  // 0 outside Lua
};

typedef struct clua_buffer {
  uint8_t *bytes;
  size_t length, capacity;
} clua_buffer;

// A string of the table clua_key_names, which keeps it.
typedef struct clua_kept_name {
  const char *text;
  uint32_t length;
} clua_kept_name;

// A generator of random numbers, as stock Lua has one.
typedef struct clua_random {
  uint64_t state[4];
} clua_random;

typedef struct clua_group clua_group;
typedef struct clua_task clua_task;

// The coroutines that are being resumed, innermost first; on the C stack of whoever resumes.
typedef struct clua_resume_link {
  lua_State *thread;
  struct clua_resume_link *outer;
} clua_resume_link;

// Something a task waits for: an answer of the host, or (group) its own subtasks.
typedef struct clua_operation {
  uint64_t id;  // 0 while unused; slot in the low half, generation in the high one
  int answer;   // CLUA_ANSWER_PENDING until complete
  clua_buffer result;
  clua_task *task;
  clua_group *group;
  struct clua_operation *next_free;
} clua_operation;

// A base coroutine.
struct clua_task {
  lua_State *thread;
  int arguments;
  clua_group *group;  // NULL: the script itself, or a task that host.spawn started
  lua_Integer index;
  char *branch;  // which it is among all tasks, the same in every run: "/1.3" is the third of the script's first each
  uint32_t parts;      // calls of host.each and host.part so far
  int is_detached;     // started by host.spawn: nobody waits for it
  clua_random random;  // what a subtask draws; the script itself draws from the engine's
  clua_task *next_runnable, *previous, *next;
};

// One call of host.each.
struct clua_group {
  lua_Integer count, started, active, concurrency;
  int raises, failed;
  char *branch;  // of its tasks, without their index
  uint64_t seed;  // of its tasks, without their index
  lua_Integer failures;
  clua_operation *operation;
  clua_group *next;
};

// An error of the host whose Lua table still lives.
typedef struct clua_error_mark {
  uint64_t number;
  clua_engine *engine;
  struct clua_error_mark *next;
} clua_error_mark;

struct clua_engine {
  lua_State *L;
  clua_callbacks callbacks;
  clua_limits limits;
  clua_signal *signal;
  lua_State *running;  // the coroutine that runs now; NULL outside a run
  clua_resume_link *resumes;
  int is_unrestricted, is_closing;

  size_t used, peak, soft, hard, max_string, since_check, work;
  size_t held;  // bytes of answers that no task has taken yet
  int64_t allocations;

  // Time in Lua is measured on the wall, which is cheap; only past `time_check` is the processor time asked for.
  int64_t instructions, time_used, slice_start, host_time, left_at, time_check, processor_start, time_elsewhere;
  int64_t calls, output;
  int closes;  // nested lua_resetthread
  uint64_t identities;
  uint64_t seed;
  clua_random random;  // of the script; lasts from run to run
  int patterns;  // compiled and kept
  int counts_lines;
  clua_counted *counted;

  clua_buffer arguments, answer, result;
  clua_kept_name *names;  // NULL before the first record
  clua_operation **operations;
  uint32_t operation_count;
  clua_operation *free_operations;
  clua_operation *host_yield;  // set while a host call travels up through the coroutines
  clua_task *tasks, *runnable, *last_runnable;
  clua_task *current;  // NULL outside a task
  clua_group *groups;
  int outcome, finished;
  clua_error_mark *released;
  char stop_where[LUA_IDSIZE + 16];

  timer_t timer;
  int has_timer;
};

static inline clua_engine *clua_engine_of(lua_State *L) { return *(clua_engine **)lua_getextraspace(L); }
static inline int clua_is_stopped(const clua_engine *e) {
  return atomic_load_explicit(&e->signal->reason, memory_order_relaxed) != CLUA_STOP_NONE;
}

// Registry tables, created with the state; clua_key_run anchors what a run needs and is made with each run.
extern const char clua_key_classes, clua_key_errors, clua_key_loaded, clua_key_run, clua_key_pinned,
    clua_key_identities, clua_key_library, clua_key_class_name, clua_key_frozen, clua_key_patterns, clua_key_noted_error,
    clua_key_noted_traceback, clua_key_finder, clua_key_names;

// buffer and tape
int clua_append(clua_buffer *b, const void *bytes, size_t length);
void clua_discard(clua_buffer *b);
// [-0, +0, -] values first..last of L to b; 0 and a message in `problem` when one can't cross.
int clua_encode(lua_State *L, int first, int last, clua_buffer *b, const char *function, char *problem, size_t size);
// [-0, +n, m] pushes a tape's values, returns n.
int clua_decode(lua_State *L, const uint8_t *tape, size_t length);
int clua_put_text(clua_buffer *b, const char *text, size_t length);
int clua_put_nil(clua_buffer *b);
int clua_put_integer(clua_buffer *b, int64_t value);
int clua_put_count(clua_buffer *b, uint32_t count);

// interrupt.c
void clua_set_hook(clua_engine *e, lua_State *L, int count);  // HOOK_COUNT: as usual; 1: at the next instruction
void clua_stop_reason(clua_engine *e, int reason);  // sets the reason, no jump
_Noreturn int clua_stop(lua_State *L);              // [-, -, stop] leaves the running coroutine for good
void clua_stop_if_asked(lua_State *L);
void clua_check_limits(lua_State *L);  // [-0, +0, stop]
// [-0, +0, stop] Counts work of a library function that does not return to the VM, in units of an instruction.
static inline void clua_charge(lua_State *L, size_t work) {
  clua_engine *e = clua_engine_of(L);
  e->work += work;
  if (e->work >= CHECK_WORK || e->since_check > CHECK_BYTES) clua_check_limits(L);
}
void clua_time_begin(clua_engine *e);
void clua_time_end(clua_engine *e);
void clua_time_reset(clua_engine *e);
void clua_leave(clua_engine *e);    // before a callback of the host
void clua_reenter(clua_engine *e);  // and after it

// ticks.c
void clua_ticks_prepare(clua_engine *e);  // before the first coroutine of a run, on the engine's thread
void clua_ticks_begin(clua_engine *e);
void clua_ticks_end(clua_engine *e);
void clua_ticks_free(clua_engine *e);

// coverage.c
int clua_count_lines_of(clua_engine *e, const char *name, const char *source, size_t length);  // 0: no memory
void clua_note_line(lua_State *L, lua_Debug *ar);  // [-0, +0, -] of the line hook; allocates nothing
void clua_free_counts(clua_engine *e);

// allocator.c
void *clua_allocate(void *context, void *block, size_t old_size, size_t new_size);

// traceback.c
int clua_script_frame(lua_State *L, int level, lua_Debug *ar);  // [-0, +0, -] innermost of the script from level on
void clua_push_where(lua_State *L, lua_State *from);      // [-0, +1, m] "file:line" or nil
void clua_push_traceback(lua_State *L, lua_State *from);  // [-0, +1, m] with those who resume it
void clua_note_error(lua_State *L, lua_State *thread);    // [-0, +0, m] the error on top of L has left the thread
void clua_rename_noted(lua_State *L, int value);          // [-0, +0, m] the noted error goes on as this value
int clua_is_noted(lua_State *L, int value);               // [-0, +0, -] its traceback is clua_key_noted_traceback

// errors.c
void clua_mark_error(lua_State *L, uint64_t number);      // [-0, +0, m] error table on top: class, where, traceback
void clua_report_error(lua_State *L, lua_State *thread);  // [-0, +0, m] error on top of thread → e->result
void clua_open_errors(lua_State *L);

// hostcall.c
int clua_host_call(lua_State *L);
int clua_ask_host(lua_State *L, uint32_t function, const char *name, int first);  // at-once answers only
int clua_finish_operation(lua_State *L, clua_operation *op);
clua_operation *clua_new_operation(clua_engine *e);
void clua_free_operation(clua_engine *e, clua_operation *op);

// scheduler.c
int clua_resume(lua_State *from, lua_State *thread, int arguments, int *results);
void clua_make_runnable(clua_engine *e, clua_task *task);
// [-0, +1, m] and its thread; `branch` NULL: the one that the group gives, or the script's
clua_task *clua_new_task(lua_State *L, clua_group *group, lua_Integer index, const char *branch);
void clua_run_task(lua_State *L, clua_task *task);
const char *clua_branch(const clua_engine *e);  // of the task that runs; "" outside
void clua_wait_in_place(lua_State *L, clua_operation *op);
// each.c
int clua_each(lua_State *L);
void clua_free_group(clua_group *group);
void clua_group_task_done(lua_State *L, clua_task *task, int status, int results);

// spawn.c
int clua_spawn(lua_State *L);
int clua_part(lua_State *L);
int clua_can_suspend(lua_State *L);

// coroutines.c
void clua_open_coroutines(lua_State *L);
int clua_is_pinned(lua_State *L, lua_State *thread);
void clua_close_failed(lua_State *L, lua_State *thread);  // [-0, +0, -] runs the __close of a failed task
void clua_pin(lua_State *L, lua_State *thread, int pinned);

// random.c
void clua_random_seed(clua_random *random, uint64_t first, uint64_t second);
uint64_t clua_random_next(clua_random *random);
// What the task that runs draws from.
static inline clua_random *clua_random_of(clua_engine *e) {
  clua_task *task = e->current;
  return task && (task->group || task->is_detached) ? &task->random : &e->random;
}
void clua_open_random(lua_State *L);  // [-0, +0, m] into the table on top

// the library
void clua_open_library(lua_State *L);
void clua_open_unrestricted(lua_State *L, int library);  // [-0, +0, m]
void clua_open_protected(lua_State *L);
void clua_open_text(lua_State *L);
void clua_open_strings(lua_State *L);
void clua_open_matching(lua_State *L);  // [-0, +0, m] into the table on top
void clua_open_tables(lua_State *L);
int clua_table_sort(lua_State *L);
void clua_open_loader(lua_State *L);
void clua_open_clock(lua_State *L);
const char *clua_text_of(lua_State *L, int index, size_t *length);  // [-0, +1, e] tostring without addresses
void clua_open_raw(lua_State *L);
int clua_freeze(lua_State *L);
int clua_behind_frozen(lua_State *L, int index);  // [-0, +(0|1), -] the table behind a read-only one; whether it is
void clua_push_host_table(lua_State *L, const char *const *names, uint32_t first, uint32_t count);
int clua_load_text(lua_State *L, const char *source, size_t length, const char *chunk);
