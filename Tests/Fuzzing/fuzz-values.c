// Fuzzes what crosses the shim. The first byte says how the rest becomes a tape: raw, or as choices of a generator of
// well-formed ones. The tape is a script's argument, a host call's answer, and what comes back must be well-formed and
// come back the same once more.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "CLuaShims.h"

typedef struct bytes {
  uint8_t *start;
  size_t length, capacity;
} bytes;

static void put(bytes *b, const void *from, size_t length) {
  if (length == 0) return;
  if (b->length + length > b->capacity) {
    b->capacity = 2 * (b->length + length);
    b->start = realloc(b->start, b->capacity);
    if (b->start == NULL) abort();
  }
  memcpy(b->start + b->length, from, length);
  b->length += length;
}

static void put_byte(bytes *b, uint8_t byte) { put(b, &byte, 1); }
static void put_count(bytes *b, uint32_t count) { put(b, &count, sizeof count); }

typedef struct input {
  const uint8_t *next, *end;
} input;

static uint8_t take(input *in) { return in->next < in->end ? *in->next++ : 0; }

static void put_string(bytes *b, input *in) {
  uint32_t length = take(in) % 24;
  if ((size_t)(in->end - in->next) < length) length = (uint32_t)(in->end - in->next);
  put_count(b, length);
  put(b, in->next, length);
  in->next += length;
}

static void generate(bytes *b, input *in, int depth) {
  uint8_t tag = take(in) % (depth < 40 ? 8 : 6);
  put_byte(b, tag);
  uint8_t word[8];
  switch (tag) {
    case 3:
    case 4:
      for (int i = 0; i < 8; i++) word[i] = take(in);
      put(b, word, sizeof word);
      break;
    case 5: put_string(b, in); break;
    case 7: put_string(b, in);  // falls through: a class, then the table
    case 6: {
      uint32_t count = take(in) % 6;
      put_count(b, count);
      for (uint32_t i = 0; i < count; i++) generate(b, in, depth + 1);
      count = take(in) % 6;
      put_count(b, count);
      for (uint32_t i = 0; i < 2 * count; i++) generate(b, in, depth + 1);
      break;
    }
    default: break;
  }
}

// Reads a value of a tape that the shim wrote; a malformed one ends the process.
static void check(input *in) {
  uint8_t tag = take(in);
  uint32_t counts[2];
  size_t left = (size_t)(in->end - in->next);
  switch (tag) {
    case 0:
    case 1:
    case 2: return;
    case 3:
    case 4:
      if (left < 8) abort();
      in->next += 8;
      return;
    case 5:
    case 7:
      if (left < 4) abort();
      memcpy(counts, in->next, 4);
      if (left - 4 < counts[0]) abort();
      in->next += 4 + (size_t)counts[0];
      if (tag == 5) return;
      break;
    case 6: break;
    default: abort();
  }
  for (int part = 0; part < 2; part++) {
    if (in->end - in->next < 4) abort();
    memcpy(counts + part, in->next, 4);
    in->next += 4;
    for (uint32_t i = 0; i < counts[part] * (part + 1); i++) check(in);
  }
}

static void check_tape(const uint8_t *tape, size_t length) {
  if (length == 0) return;
  uint32_t count;
  if (length < sizeof count) abort();
  memcpy(&count, tape, sizeof count);
  input in = {tape + sizeof count, tape + length};
  while (count-- > 0) check(&in);
  if (in.next != in.end) abort();
}

typedef struct host {
  clua_engine *engine;
  const bytes *tape;
  uint64_t operation;
  bytes seen;  // what `echo` got last
} host;

enum { ANSWER, ANSWER_LATER, FAIL, ECHO };

static int call(void *context, uint32_t function, uint64_t operation, const uint8_t *tape, size_t length,
                const char *chunk, int line, const char *branch) {
  host *h = context;
  (void)chunk, (void)line, (void)branch;
  check_tape(tape, length);
  if (function == ANSWER_LATER) {
    h->operation = operation;
    return CLUA_ANSWER_PENDING;
  }
  if (function == ECHO) {
    h->seen.length = 0;
    put(&h->seen, tape, length);
    return clua_answer(h->engine, tape, length) ? CLUA_ANSWER_VALUES : CLUA_ANSWER_STOP;
  }
  if (!clua_answer(h->engine, h->tape->start, h->tape->length)) return CLUA_ANSWER_STOP;
  return function == FAIL ? CLUA_ANSWER_FAILED : CLUA_ANSWER_VALUES;
}

static void wait_for(void *context, uint64_t operation) {
  host *h = context;
  clua_complete(h->engine, operation, CLUA_ANSWER_VALUES, h->tape->start, h->tape->length);
}

static void output(void *context, const char *text, size_t length) { (void)context, (void)text, (void)length; }
static double seconds(void *context, int which, const char *branch) {
  (void)context, (void)branch;
  return which;
}

static const char *const names[] = {"answer", "answer_later", "fail", "echo"};
static const char prelude[] =
    "local host = ... host.class('c', { __index = function() return 1 end }) "
    "return { answer = host.answer, answer_later = host.answer_later, fail = host.fail, echo = host.echo, "
    "freeze = host.freeze }";

// Every source of values, changed and sent back. What has crossed once crosses again unchanged in text.
static const char script[] =
    "local function walk(v, n) "
    "  if type(v) ~= 'table' or n > 60 then return tostring(v) end "
    "  local s = {} "
    "  for k, w in next, v do s[#s + 1] = tostring(k) .. '=' .. walk(w, n + 1) end "
    "  table.sort(s) return '{' .. table.concat(s, ',') .. '}' "
    "end "
    "local function same(v) "
    "  local ok, w = pcall(h.echo, v) "
    "  if not ok then return end "
    "  if type(v) ~= 'table' then assert(v == w or v ~= v, 'changed') return end "
    "  local a, b = walk(v, 0), walk(w, 0) "
    "  assert(a == b or a:find('0x', 1, true), a .. ' became ' .. b) "
    "end "
    "local all = { pcall(function(...) return ... end, ...) } "
    "for _, f in ipairs { h.answer, h.answer_later, h.fail } do "
    "  local r = { pcall(f) } "
    "  for i = 2, #r do all[#all + 1] = r[i] end "
    "end "
    "for i = 2, #all do "
    "  local v = all[i] "
    "  same(v) "
    "  if type(v) == 'table' then "
    "    pcall(function() v[#v + 1] = 'more' v.x = { v[1] } end) same(v) "
    "    pcall(function() same(h.freeze(v)) end) "
    "    pcall(table.sort, v, function(a, b) return tostring(a) < tostring(b) end) same(v) "
    "  end "
    "end "
    "pcall(h.echo, all) "
    "return ...";

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  if (size == 0) return 0;
  bytes tape = {0};
  input in = {data + 1, data + size};
  if (data[0] % 2) {
    put(&tape, in.next, size - 1);
  } else {
    uint32_t count = 1 + data[0] / 2 % 3;
    put_count(&tape, count);
    for (uint32_t i = 0; i < count; i++) generate(&tape, &in, 0);
  }
  host h = {.tape = &tape};
  clua_limits limits = {.memory = 8 << 20, .instructions = 1000000, .nanoseconds = 1000000000, .host_calls = -1,
                        .output = -1, .value_depth = 32, .value_bytes = 1 << 20, .fail_allocation = -1};
  clua_callbacks callbacks = {&h, call, wait_for, output, seconds};
  clua_signal *signal = clua_signal_new();
  h.engine = signal ? clua_new(&limits, &callbacks, signal, CLUA_LIBRARY_SANDBOX) : NULL;
  if (h.engine == NULL) abort();
  if (clua_add_module(h.engine, "h", names, 0, 4, prelude, sizeof prelude - 1, 1) != CLUA_DONE) abort();
  int status = clua_start(h.engine, "values", script, sizeof script - 1, tape.start, tape.length);
  while (status == CLUA_WAITING) {
    status = clua_step(h.engine);
    if (status == CLUA_WAITING)
      clua_complete(h.engine, h.operation, CLUA_ANSWER_VALUES, tape.start, tape.length);
  }
  size_t length;
  const uint8_t *result = clua_result(h.engine, &length);
  check_tape(result, length);
  if (status == CLUA_ERROR) {
    fwrite(result, 1, length, stderr);
    abort();  // the script's own assertions
  }
  clua_end(h.engine);
  clua_free(h.engine);
  clua_signal_free(signal);
  free(tape.start);
  free(h.seen.start);
  return 0;
}
