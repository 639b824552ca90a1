// What the engine's work costs in a plain C embedding of the same Lua: no sandbox, no limits, no copy of values.
// Every function repeats its work `count` times, and answers whether Lua had no error.
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// A coroutine that yields and is resumed: what a host call costs at least that may suspend.
bool floor_round_trip(int64_t count);
// A call of a C function without arguments: what a host call costs at least that may not.
bool floor_c_call(int64_t count);
// A C function that reads a string and a table of three fields, and returns a table of seven strings.
bool floor_record(int64_t count);

// States with the six libraries that the sandbox has parts of. `bytes` gets what one holds of the heap.
bool floor_states(int64_t count, size_t *bytes);
// Coroutines of one state, each resumed once and waiting. `bytes` gets what one holds of the heap.
bool floor_waiting(int64_t count, size_t *bytes);

// Another thread asked and awaited, by two semaphores: what a call costs at least that is answered elsewhere.
bool floor_thread_round_trip(int64_t count);

// What is allocated in this process.
size_t floor_heap_bytes(void);
