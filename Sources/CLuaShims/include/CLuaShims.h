// The only header Swift sees of Lua. No lua_State crosses it: values travel as bytes (a "tape", see tape.c),
// everything that can raise runs inside one lua_pcall of the shim, and no function here ever jumps over its caller.
//
// Indicators as in the Lua manual: every function of this header is [-0, +0, -]: it leaves the Lua stack as it was
// and never raises. Unless it says otherwise, a function must be called on the thread that owns the engine.
#pragma once
#include <stddef.h>
#include <stdint.h>

#include "CLuaWorker.h"

typedef struct clua_engine clua_engine;
typedef struct clua_signal clua_signal;
typedef struct clua_counted clua_counted;

// Why a run was stopped. A stop is not a Lua error: the script can't catch it and none of its code runs afterwards.
enum {
  CLUA_STOP_NONE = 0,
  CLUA_STOP_TIME,
  CLUA_STOP_DEADLINE,
  CLUA_STOP_MEMORY,
  CLUA_STOP_INSTRUCTIONS,
  CLUA_STOP_CALLS,
  CLUA_STOP_OUTPUT,
  CLUA_STOP_CANCELLED,
  CLUA_STOP_HOST,  // a host function ended the run
};

// What an entry point answers.
enum {
  CLUA_DONE = 0,   // clua_result: the values
  CLUA_WAITING,    // every task waits for clua_complete
  CLUA_ERROR,      // clua_result: value, text, where or nil, traceback or nil, error number or nil
  CLUA_SYNTAX,     // clua_result: text
  CLUA_INVALID,    // clua_result: text; a result can't cross
  CLUA_STOPPED,    // the signal's reason; clua_result: where or nil
};

// What the host answers to a call, at once or through clua_complete.
enum {
  CLUA_ANSWER_VALUES = 0,  // tape: the results
  CLUA_ANSWER_FAILED,      // tape: the error table, the error number
  CLUA_ANSWER_PENDING,     // the answer comes through clua_complete
  CLUA_ANSWER_STOP,        // end the run, reason CLUA_STOP_HOST
};

// Function number of the module loader; arguments: the name; answer: chunk name and source, or nothing.
#define CLUA_MODULE_SOURCE UINT32_MAX

// Called on the engine's thread with Lua frames below; they must return, and must not call back into the engine
// except for clua_answer, clua_complete and clua_released_error.
typedef struct clua_callbacks {
  void *context;
  // `chunk` and `line` are the innermost script frame; `chunk` is NULL when there is none. `branch` is the task that
  // calls: "" is the script, "/1.3" what its first host.each started for the third item, "/1.3/2.1" below that.
  int (*call)(void *context, uint32_t function, uint64_t operation, const uint8_t *tape, size_t length,
              const char *chunk, int line, const char *branch);
  // Blocks until `operation` is complete, something is complete (operation 0), or the signal is raised.
  void (*wait)(void *context, uint64_t operation);
  void (*output)(void *context, const char *bytes, size_t length);
  // Seconds; which = 0: since 1970, 1: of processor time.
  double (*clock)(void *context, int which, const char *branch);
} clua_callbacks;

// Limits; a negative number means "no limit".
typedef struct clua_limits {
  int64_t memory;        // bytes of Lua
  int64_t instructions;  // VM instructions, counted in steps of 250, and work of library functions
  int64_t nanoseconds;   // of processor time in Lua
  int64_t host_calls;
  int64_t output;        // bytes
  int is_signalled;      // look at the limits when a timer says so, instead of every 250 instructions
  int64_t value_depth;   // nesting of tables that cross
  int64_t value_bytes;   // bytes of one tape
  int64_t fail_allocation;  // test switch: the n-th growing allocation fails (from 0)
  int fail_from_there_on;   // test switch: and all that follow
} clua_limits;

// A stop request, shared with other threads; outlives the engine. NULL when memory runs out.
clua_signal *clua_signal_new(void);
void clua_signal_free(clua_signal *signal);
// Any thread. The first reason wins.
void clua_signal_raise(clua_signal *signal, int reason);
int clua_signal_reason(const clua_signal *signal);
void clua_signal_clear(clua_signal *signal);
// Since when, in nanoseconds of CLOCK_MONOTONIC, the engine has been in Lua without a break; 0: it is not.
int64_t clua_signal_in_lua_since(const clua_signal *signal);

// What scripts find. The unrestricted library is stock Lua: no protection at all.
enum { CLUA_LIBRARY_SANDBOX = 0, CLUA_LIBRARY_UNRESTRICTED };

// A state with that library. NULL when memory runs out.
clua_engine *clua_new(const clua_limits *limits, const clua_callbacks *callbacks, clua_signal *signal, int library);
// Frees everything; runs no script code, except __gc with the unrestricted library.
void clua_free(clua_engine *engine);
// Seeds math.random, which draws the same in every engine that is not seeded.
void clua_seed(clua_engine *engine, uint64_t seed);

// Makes a module of host functions `names`, numbered from `first`; `prelude` (Lua source) may be NULL.
// Answers CLUA_DONE, CLUA_ERROR, CLUA_SYNTAX or CLUA_STOPPED.
int clua_add_module(clua_engine *engine, const char *name, const char *const *names, uint32_t first, uint32_t count,
                    const char *prelude, size_t length, int is_global);

// Compiles only: CLUA_DONE, CLUA_SYNTAX or CLUA_STOPPED.
int clua_check(clua_engine *engine, const char *name, const char *source, size_t length);
// Begins a run of a chunk; clua_step does the work. CLUA_WAITING, CLUA_SYNTAX or CLUA_STOPPED.
int clua_start(clua_engine *engine, const char *name, const char *source, size_t length, const uint8_t *arguments,
               size_t arguments_length);
// The same, but what is called is a function of a module that was added, with the chunk before the arguments.
int clua_start_through(clua_engine *engine, const char *module, const char *function, const char *name,
                       const char *source, size_t length, const uint8_t *arguments, size_t arguments_length);
// How long the thread has been busy so far with what is neither Lua nor a callback, in nanoseconds: before a start, a
// step, and the end of the callback `wait`.
void clua_tell_time_elsewhere(clua_engine *engine, int64_t nanoseconds);
// Resumes what can go on, until the script ends or every task waits.
int clua_step(clua_engine *engine);
// Forgets the run and its coroutines; none of them runs again.
void clua_end(clua_engine *engine);
// Tape of the last entry point's answer; valid until the next one.
const uint8_t *clua_result(const clua_engine *engine, size_t *length);

// Sets the tape of an answer that is given at once. Returns 0 when memory runs out.
int clua_answer(clua_engine *engine, const uint8_t *tape, size_t length);
// Completes a pending operation (unknown ones are ignored). Copies the tape, touches no Lua.
void clua_complete(clua_engine *engine, uint64_t operation, int answer, const uint8_t *tape, size_t length);
int clua_is_complete(const clua_engine *engine, uint64_t operation);
// The number of an error whose Lua table is gone, or 0.
uint64_t clua_released_error(clua_engine *engine);

// From here on, the lines of the script and its modules are counted as they run; of a sandbox, before its first run.
void clua_count_lines(clua_engine *engine);
// The chunks that have counters, one after the other; `last` NULL: the first. NULL: there is none left.
const clua_counted *clua_next_counted(const clua_engine *engine, const clua_counted *last);
const char *clua_counted_name(const clua_counted *chunk);
// How often each line ran; the first number is of no line.
const uint64_t *clua_counted_lines(const clua_counted *chunk, size_t *count);
// Counts from zero again.
void clua_forget_counts(clua_engine *engine);

size_t clua_memory_used(const clua_engine *engine);
size_t clua_memory_peak(const clua_engine *engine);
// VM instructions of this run, in steps of 250, and work of library functions.
int64_t clua_instructions(const clua_engine *engine);
// Growing allocations so far (for the allocation failure tests).
int64_t clua_allocations(const clua_engine *engine);
