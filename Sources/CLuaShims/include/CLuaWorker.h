// The process of an isolated run: how it gives up its rights, and how it talks with the process that started it.
// The worker is C from its first byte to its last: no Swift runs between the channel and the interpreter.
#pragma once
#include <stddef.h>
#include <stdint.h>

// Both sides must be of one build; the greeting tells.
#define CLUA_WORKER_VERSION 3

// A frame: the length of its payload (u32), its kind (u8), the payload. Numbers are in the machine's byte order, a
// text is its length (u32) and its bytes.
enum { CLUA_FRAME_HEADER = 5 };

// Frames to the worker.
enum {
  // u32 version, i32 process of the sender, i64 × 7: clua_limits from memory to value_bytes, i64 × 2: clua_confinement's
  // growth and processor_time, u8 the sender has a clock, u64 seed. First, once.
  CLUA_FRAME_SETUP = 1,
  // u8 is global, u8 has a prelude, text name, text prelude, u32 number of the first function, u32 count, then for
  // each: u8 suspends its caller, text name.
  CLUA_FRAME_MODULE,
  // u8 compile only, text name, text source, tape of arguments. Last of those that prepare the run.
  CLUA_FRAME_RUN,
  // u64 operation (0: the call that is waited for), u8 CLUA_ANSWER_VALUES or CLUA_ANSWER_FAILED, tape.
  CLUA_FRAME_ANSWER,
  // f64 seconds: answers CLUA_FRAME_CLOCK.
  CLUA_FRAME_TIME,
  // The run is to end. SIGTERM goes with it, for a worker that computes.
  CLUA_FRAME_CANCEL,
};

// Frames from the worker.
enum {
  // u32 version, u32 CLUA_CONFINED_…: nothing of the script has been read yet.
  CLUA_FRAME_HELLO = 65,
  // u32 function, u64 operation, u8 waits in place, u32 line or 0, text chunk, text branch, tape of arguments.
  CLUA_FRAME_CALL,
  // bytes printed.
  CLUA_FRAME_OUTPUT,
  // u8 which: 0 since 1970, 1 processor time; f64 seconds that the worker's own shows; text branch.
  CLUA_FRAME_CLOCK,
  // u64 number of an error whose Lua table is gone.
  CLUA_FRAME_RELEASED,
  // u32 module that failed or UINT32_MAX, i32 CLUA_DONE or another, i32 reason of the stop, i64 bytes held at most,
  // i64 instructions, clua_result. Last.
  CLUA_FRAME_END,
};

// How the worker ends without CLUA_FRAME_END.
enum {
  CLUA_WORKER_UNCONFINED = 71,  // a step of clua_confine failed
  CLUA_WORKER_CONFUSED = 72,    // a frame that is none
  CLUA_WORKER_NO_MEMORY = 73,
};

// What confines the process. Where the last is missing, the others still hold.
enum {
  CLUA_CONFINED_BY_LIMITS = 1,
  CLUA_CONFINED_BY_SYSTEM_CALL_FILTER = 2,
};

typedef struct clua_confinement {
  int32_t parent;          // the process that must still be ours, or the worker ends
  int64_t growth;          // bytes of memory beyond what the process has now; negative: any
  int64_t processor_time;  // seconds; negative: any
} clua_confinement;

// Gives up, for every thread of the process and for good, all but memory and descriptor 0. Returns CLUA_CONFINED_…,
// or -1 with errno set when a step failed that must not.
int clua_confine(const clua_confinement *confinement);

// Serves one run on descriptor 0 and ends the process.
_Noreturn void clua_worker_serve(void);
