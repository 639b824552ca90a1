// Fuzzes script text: the input is a script, run in the sandbox with small limits. The host answers at once, later or
// with an error; later answers come in an order taken from the input's bytes.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "CLuaShims.h"

enum { MAX_PENDING = 64, FUNCTIONS = 6 };

static const char *const names[FUNCTIONS] = {"now", "later", "fail", "fail_later", "stop", "stop_later"};

// Tapes of the host (tape.c): no value, and an error table with its number.
static const uint8_t nothing[] = {0, 0, 0, 0};
static const uint8_t failure[] = {2, 0, 0, 0, 6, 0, 0, 0, 0, 1, 0, 0, 0, 5, 4, 0, 0, 0, 'k', 'i', 'n', 'd',
                                  5, 1, 0, 0, 0, 'x', 3, 1, 0, 0, 0, 0, 0, 0, 0};

typedef struct pending {
  uint64_t operation;
  uint32_t function;
  uint8_t *tape;
  size_t length;
} pending;

typedef struct host {
  clua_engine *engine;
  const uint8_t *choices;  // the input again
  size_t choice_count, choice;
  pending waiting[MAX_PENDING];
  size_t count;
} host;

static size_t choose(host *h, size_t below) {
  return h->choice_count ? h->choices[h->choice++ % h->choice_count] % below : 0;
}

static int call(void *context, uint32_t function, uint64_t operation, const uint8_t *tape, size_t length,
                const char *chunk, int line, const char *branch) {
  host *h = context;
  (void)chunk, (void)line, (void)branch;
  if (function == CLUA_MODULE_SOURCE) return CLUA_ANSWER_VALUES;
  const char *name = names[function];
  if (strcmp(name, "stop") == 0) return CLUA_ANSWER_STOP;
  if (strcmp(name, "now") == 0) return clua_answer(h->engine, tape, length) ? CLUA_ANSWER_VALUES : CLUA_ANSWER_STOP;
  if (strcmp(name, "fail") == 0 || h->count == MAX_PENDING)
    return clua_answer(h->engine, failure, sizeof failure) ? CLUA_ANSWER_FAILED : CLUA_ANSWER_STOP;
  pending p = {operation, function, malloc(length + 1), length};
  if (p.tape == NULL) return CLUA_ANSWER_STOP;
  memcpy(p.tape, tape, length);
  h->waiting[h->count++] = p;
  return CLUA_ANSWER_PENDING;
}

static void complete_one(host *h) {
  size_t index = choose(h, h->count);
  pending p = h->waiting[index];
  h->waiting[index] = h->waiting[--h->count];
  switch (names[p.function][0]) {
    case 'l': clua_complete(h->engine, p.operation, CLUA_ANSWER_VALUES, p.tape, p.length); break;
    case 'f': clua_complete(h->engine, p.operation, CLUA_ANSWER_FAILED, failure, sizeof failure); break;
    default: clua_complete(h->engine, p.operation, CLUA_ANSWER_STOP, NULL, 0);
  }
  // Late and doubled completions must find nothing.
  clua_complete(h->engine, p.operation, CLUA_ANSWER_VALUES, nothing, sizeof nothing);
  free(p.tape);
}

static void wait_for(void *context, uint64_t operation) {
  host *h = context;
  (void)operation;
  if (h->count == 0) abort();  // the shim waits for what nobody was asked
  complete_one(h);
}

static void output(void *context, const char *bytes, size_t length) { (void)context, (void)bytes, (void)length; }
static double seconds(void *context, int which, const char *branch) {
  (void)context, (void)branch;
  return which;
}

static const char prelude[] =
    "local host = ... "
    "return { each = host.each, freeze = host.freeze, error = host.error, where = host.where, now = host.now, "
    "later = host.later, fail = host.fail, fail_later = host.fail_later, stop = host.stop, "
    "stop_later = host.stop_later, class = host.class_name, type = host.raw_type, list = host.freeze({ 1, 2 }) }";

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  host h = {.choices = data, .choice_count = size};
  clua_limits limits = {.memory = 8 << 20, .instructions = 1000000, .nanoseconds = 100000000, .host_calls = 10000,
                        .output = 1 << 20, .value_depth = 32, .value_bytes = 1 << 20, .fail_allocation = -1};
  clua_callbacks callbacks = {&h, call, wait_for, output, seconds};
  clua_signal *signal = clua_signal_new();
  h.engine = signal ? clua_new(&limits, &callbacks, signal, CLUA_LIBRARY_SANDBOX) : NULL;
  if (h.engine == NULL) abort();
  if (clua_add_module(h.engine, "h", names, 0, FUNCTIONS, prelude, sizeof prelude - 1, 1) != CLUA_DONE) abort();
  for (int run = 0; run < 2; run++) {  // globals stay for the second run
    clua_signal_clear(signal);
    int status = clua_start(h.engine, "input", (const char *)data, size, NULL, 0);
    while (status == CLUA_WAITING) {
      status = clua_step(h.engine);
      if (status != CLUA_WAITING) break;
      if (h.count == 0) abort();  // waits for nobody
      complete_one(&h);
    }
    clua_end(h.engine);
    while (h.count) complete_one(&h);  // after the end
  }
  clua_signal_clear(signal);
  int status = clua_start(h.engine, "after", "return 1", 8, NULL, 0);
  if (status == CLUA_WAITING) status = clua_step(h.engine);
  // What a script left in its globals may fill the memory; nothing else may keep the next from running.
  if (status != CLUA_DONE && clua_signal_reason(signal) != CLUA_STOP_MEMORY) abort();
  clua_end(h.engine);
  clua_free(h.engine);
  clua_signal_free(signal);
  return 0;
}
