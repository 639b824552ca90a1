// The process of an isolated run: one engine, one chunk, and a channel (descriptor 0) on which the host is asked.
// It trusts the sender, not the script; when the channel ends, so does the process.
#define _GNU_SOURCE
#include <errno.h>
#include <malloc.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "internal.h"

enum { STACK_BYTES = 128 * 1024 * 1024 };  // as the threads of engines have

typedef struct worker {
  clua_engine *engine;
  clua_buffer in, out;  // the frame that is read, the frame that is made
  size_t at;            // what of `in` has been taken
  uint8_t kind;
  int is_loaded, has_clock, is_answered, answer;
  double time;
  uint8_t *suspends;  // for each function, whether it suspends its caller
  uint32_t functions;
} worker;

static clua_signal *stop_signal;  // for the handler

static void on_terminate(int number) {
  (void)number;
  clua_signal_raise(stop_signal, CLUA_STOP_CANCELLED);
}

// Reading. A frame that ends early is no frame.

static void read_all(void *to, size_t length) {
  for (size_t done = 0; done < length;) {
    ssize_t count = read(0, (uint8_t *)to + done, length - done);
    if (count > 0) done += (size_t)count;
    else if (count == 0 || errno != EINTR) _exit(0);  // nobody is there
  }
}

static void read_frame(worker *w) {
  uint8_t header[CLUA_FRAME_HEADER];
  uint32_t length;
  read_all(header, sizeof header);
  memcpy(&length, header, sizeof length);
  w->kind = header[sizeof length];
  if (w->in.capacity < length) {
    clua_discard(&w->in);
    w->in.bytes = malloc(length);
    if (w->in.bytes == NULL) _exit(CLUA_WORKER_NO_MEMORY);
    w->in.capacity = length;
  }
  w->in.length = length;
  w->at = 0;
  read_all(w->in.bytes, length);
}

static const uint8_t *take(worker *w, size_t length) {
  if (w->in.length - w->at < length) _exit(CLUA_WORKER_CONFUSED);
  const uint8_t *start = w->in.bytes + w->at;
  w->at += length;
  return start;
}

static void take_word(worker *w, void *to, size_t length) { memcpy(to, take(w, length), length); }

static uint8_t take_u8(worker *w) { return *take(w, 1); }

static uint32_t take_u32(worker *w) {
  uint32_t value;
  take_word(w, &value, sizeof value);
  return value;
}

static int64_t take_i64(worker *w) {
  int64_t value;
  take_word(w, &value, sizeof value);
  return value;
}

static const char *take_text(worker *w, size_t *length) {
  *length = take_u32(w);
  return (const char *)take(w, *length);
}

// A copy that ends with a zero; the caller frees it.
static char *take_name(worker *w) {
  size_t length;
  const char *text = take_text(w, &length);
  char *name = strndup(text, length);
  if (name == NULL) _exit(CLUA_WORKER_NO_MEMORY);
  return name;
}

// Writing. The buffer starts with room for the header.

static void put(worker *w, const void *bytes, size_t length) {
  if (!clua_append(&w->out, bytes, length)) _exit(CLUA_WORKER_NO_MEMORY);
}

static void begin_frame(worker *w, uint8_t kind) {
  const uint8_t header[CLUA_FRAME_HEADER] = {0, 0, 0, 0, kind};
  w->out.length = 0;
  put(w, header, sizeof header);
}

static void put_u8(worker *w, uint8_t value) { put(w, &value, sizeof value); }
static void put_u32(worker *w, uint32_t value) { put(w, &value, sizeof value); }
static void put_u64(worker *w, uint64_t value) { put(w, &value, sizeof value); }
static void put_text(worker *w, const char *text) {
  put_u32(w, (uint32_t)strlen(text));
  put(w, text, strlen(text));
}

static void send_frame(worker *w) {
  uint32_t length = (uint32_t)(w->out.length - CLUA_FRAME_HEADER);
  memcpy(w->out.bytes, &length, sizeof length);
  for (size_t done = 0; done < w->out.length;) {
    ssize_t count = write(0, w->out.bytes + done, w->out.length - done);
    if (count >= 0) done += (size_t)count;
    else if (errno != EINTR) _exit(0);
  }
}

// The engine's callbacks.

// Handles one frame that came while the engine is in use.
static void receive(worker *w) {
  read_frame(w);
  switch (w->kind) {
    case CLUA_FRAME_ANSWER: {
      uint64_t operation = (uint64_t)take_i64(w);
      int answer = take_u8(w);
      size_t length = w->in.length - w->at;
      const uint8_t *tape = take(w, length);
      if (operation != 0) {
        clua_complete(w->engine, operation, answer, tape, length);
        return;
      }
      w->is_answered = 1;
      w->answer = answer;
      if (!clua_answer(w->engine, tape, length)) clua_signal_raise(stop_signal, CLUA_STOP_MEMORY);
      return;
    }
    case CLUA_FRAME_TIME:
      take_word(w, &w->time, sizeof w->time);
      w->is_answered = 1;
      return;
    case CLUA_FRAME_CANCEL: clua_signal_raise(stop_signal, CLUA_STOP_CANCELLED); return;
    default: _exit(CLUA_WORKER_CONFUSED);
  }
}

static void wait_for_answer(worker *w) {
  for (w->is_answered = 0; !w->is_answered;) receive(w);
}

static void send_released_errors(worker *w) {
  for (uint64_t number; (number = clua_released_error(w->engine)) != 0;) {
    begin_frame(w, CLUA_FRAME_RELEASED);
    put_u64(w, number);
    send_frame(w);
  }
}

static int call(void *context, uint32_t function, uint64_t operation, const uint8_t *tape, size_t length,
                const char *chunk, int line, const char *branch) {
  worker *w = context;
  // While modules load nothing can suspend: the host hears that it is waited for, and refuses.
  int waits = !(w->is_loaded && function < w->functions && w->suspends[function]);
  send_released_errors(w);
  begin_frame(w, CLUA_FRAME_CALL);
  put_u32(w, function);
  put_u64(w, operation);
  put_u8(w, (uint8_t)waits);
  put_u32(w, chunk ? (uint32_t)line : 0);
  put_text(w, chunk ? chunk : "");
  put_text(w, branch);
  put(w, tape, length);
  send_frame(w);
  if (!waits) return CLUA_ANSWER_PENDING;
  wait_for_answer(w);
  return w->answer;
}

static void wait_for_completion(void *context, uint64_t operation) {
  (void)operation;  // the shim waits again while it is not the one
  receive(context);
}

static void output(void *context, const char *bytes, size_t length) {
  worker *w = context;
  begin_frame(w, CLUA_FRAME_OUTPUT);
  put(w, bytes, length);
  send_frame(w);
}

static double seconds(void *context, int which, const char *branch) {
  worker *w = context;
  struct timespec t;
  clock_gettime(which == 1 ? CLOCK_PROCESS_CPUTIME_ID : CLOCK_REALTIME, &t);
  double shown = (double)t.tv_sec + (double)t.tv_nsec / 1e9;
  if (!w->has_clock) return shown;
  uint64_t bits;
  memcpy(&bits, &shown, sizeof bits);
  begin_frame(w, CLUA_FRAME_CLOCK);
  put_u8(w, (uint8_t)which);
  put_u64(w, bits);
  put_text(w, branch);
  send_frame(w);
  wait_for_answer(w);
  return w->time;
}

// The run.

_Noreturn static void finish(worker *w, uint32_t module, int status) {
  size_t length = 0;
  const uint8_t *result = w->engine ? clua_result(w->engine, &length) : NULL;
  begin_frame(w, CLUA_FRAME_END);
  put_u32(w, module);
  put_u32(w, (uint32_t)status);
  put_u32(w, (uint32_t)clua_signal_reason(stop_signal));
  put_u64(w, w->engine ? clua_memory_peak(w->engine) : 0);
  put_u64(w, w->engine ? (uint64_t)clua_instructions(w->engine) : 0);
  put(w, result, length);
  send_frame(w);
  _exit(0);  // the system frees everything faster than clua_free
}

_Noreturn static void finish_without_memory(worker *w) {
  clua_signal_raise(stop_signal, CLUA_STOP_MEMORY);
  finish(w, UINT32_MAX, CLUA_STOPPED);
}

// Takes the frame that was read away from the reader, which will read others meanwhile.
static clua_buffer keep_frame(worker *w) {
  clua_buffer frame = w->in;
  w->in = (clua_buffer){0};
  return frame;
}

static void use_frame(worker *w, clua_buffer frame) {
  clua_discard(&w->in);
  w->in = frame;
  w->at = 0;
}

static void set_up(worker *w) {
  clua_limits limits = {.fail_allocation = -1};
  clua_confinement confinement = {.growth = -1};
  read_frame(w);
  if (w->kind != CLUA_FRAME_SETUP || take_u32(w) != CLUA_WORKER_VERSION) _exit(CLUA_WORKER_CONFUSED);
  confinement.parent = (int32_t)take_u32(w);
  int64_t *const numbers[] = {&limits.memory,      &limits.instructions, &limits.nanoseconds, &limits.host_calls,
                              &limits.output,      &limits.value_depth,  &limits.value_bytes,
                              &confinement.growth, &confinement.processor_time};
  for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) *numbers[i] = take_i64(w);
  w->has_clock = take_u8(w);
  uint64_t seed = (uint64_t)take_i64(w);

  int confined = clua_confine(&confinement);
  if (confined < 0) _exit(CLUA_WORKER_UNCONFINED);
  begin_frame(w, CLUA_FRAME_HELLO);
  put_u32(w, CLUA_WORKER_VERSION);
  put_u32(w, (uint32_t)confined);
  send_frame(w);

  const clua_callbacks callbacks = {w, call, wait_for_completion, output, seconds};
  w->engine = clua_new(&limits, &callbacks, stop_signal, CLUA_LIBRARY_SANDBOX);
  if (w->engine == NULL) finish_without_memory(w);
  clua_seed(w->engine, seed);
}

static void add_module(worker *w, uint32_t index) {
  int is_global = take_u8(w), has_prelude = take_u8(w);
  char *name = take_name(w);
  size_t length;
  const char *prelude = take_text(w, &length);
  uint32_t first = take_u32(w), count = take_u32(w);
  char **names = calloc((size_t)count + 1, sizeof *names);
  uint8_t *suspends = realloc(w->suspends, (size_t)first + count + 1);
  if (names == NULL || suspends == NULL) _exit(CLUA_WORKER_NO_MEMORY);
  for (uint32_t i = 0; i < count; i++) {
    suspends[first + i] = take_u8(w);
    names[i] = take_name(w);
  }
  w->suspends = suspends;
  w->functions = first + count;
  clua_buffer frame = keep_frame(w);  // the prelude may ask the host
  int status = clua_add_module(w->engine, name, (const char *const *)names, first, count, has_prelude ? prelude : NULL,
                               length, is_global);
  if (status != CLUA_DONE) finish(w, index, status);
  for (uint32_t i = 0; i < count; i++) free(names[i]);
  free(names);
  free(name);
  clua_discard(&frame);
}

_Noreturn static void run(worker *w) {
  int only_compiles = take_u8(w);
  char *name = take_name(w);
  size_t length;
  const char *source = take_text(w, &length);
  size_t arguments_length = w->in.length - w->at;
  const uint8_t *arguments = take(w, arguments_length);
  keep_frame(w);
  w->is_loaded = 1;
  if (only_compiles) finish(w, UINT32_MAX, clua_check(w->engine, name, source, length));
  int status = clua_start(w->engine, name, source, length, arguments, arguments_length);
  while (status == CLUA_WAITING) {
    status = clua_step(w->engine);
    if (status == CLUA_WAITING) receive(w);
  }
  finish(w, UINT32_MAX, status);
}

// Reads all that prepares the run before any of it is used: from then on every frame answers something.
static void *serve(void *context) {
  worker *w = context;
  clua_buffer *modules = NULL;
  uint32_t count = 0;
  set_up(w);
  for (read_frame(w); w->kind != CLUA_FRAME_RUN; read_frame(w)) {
    if (w->kind != CLUA_FRAME_MODULE) _exit(CLUA_WORKER_CONFUSED);
    modules = realloc(modules, (count + 1) * sizeof *modules);
    if (modules == NULL) _exit(CLUA_WORKER_NO_MEMORY);
    modules[count++] = keep_frame(w);
  }
  clua_buffer chunk = keep_frame(w);
  for (uint32_t i = 0; i < count; i++) {
    use_frame(w, modules[i]);
    add_module(w, i);
  }
  free(modules);
  use_frame(w, chunk);
  run(w);
}

void clua_worker_serve(void) {
  static worker w;
  sigset_t none;
  pthread_attr_t attributes;
  pthread_t thread;
  // One arena: others reserve 64 MiB of address space each, which is limited here.
  mallopt(M_ARENA_MAX, 1);
  tzset();  // reads its file now; none can be opened later
  stop_signal = clua_signal_new();
  if (stop_signal == NULL) _exit(CLUA_WORKER_NO_MEMORY);
  // What the parent ignored or blocked would be ignored or blocked here.
  for (int number = 1; number < NSIG; number++) signal(number, SIG_DFL);
  signal(SIGPIPE, SIG_IGN);
  const struct sigaction action = {.sa_handler = on_terminate, .sa_flags = SA_RESTART};
  sigaction(SIGTERM, &action, NULL);
  sigemptyset(&none);
  pthread_sigmask(SIG_SETMASK, &none, NULL);
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, STACK_BYTES);
  if (pthread_create(&thread, &attributes, serve, &w) != 0) _exit(CLUA_WORKER_NO_MEMORY);
  pthread_join(thread, NULL);
  _exit(0);
}
