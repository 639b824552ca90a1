// The hook that a signal arms: a script runs without any until a timer of its thread says that it is time to look at
// the limits. lua_sethook is made to be called from a signal handler of the thread that runs the state.
#define _GNU_SOURCE  // gettid, SIGEV_THREAD_ID
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

#include "internal.h"

#ifndef sigev_notify_thread_id
#define sigev_notify_thread_id _sigev_un._tid
#endif

// Long enough that ticks cost nothing, where a virtual machine takes 200 µs for each; short for who stops a script.
enum { TICK_NANOSECONDS = 10 * 1000 * 1000 };

// Ignored by default, so that a late tick harms nobody.
static const int tick_signal = SIGURG;
// Whose timer is set, and who is in Lua; of this thread, changed by it and its signal handler only.
static _Thread_local clua_engine *volatile armed, *volatile ticking;
static pthread_once_t handler_once = PTHREAD_ONCE_INIT;

static void set_timer(clua_engine *e, long nanoseconds) {
  struct itimerspec spec = {.it_interval.tv_nsec = nanoseconds, .it_value.tv_nsec = nanoseconds};
  timer_settime(e->timer, 0, &spec, NULL);
}

// A timer that ticks for nobody is stopped here: to set it for each of many short stretches in Lua, and to stop it after
// each, would cost more than they do.
static void on_tick(int number) {
  int error = errno;
  clua_engine *e = ticking;
  (void)number;
  if (e && e->running) {
    clua_set_hook(e, e->running, 1);
  } else if (!e && armed) {
    set_timer(armed, 0);
    armed = NULL;
  }
  errno = error;
}

static void install_handler(void) {
  struct sigaction action = {.sa_handler = on_tick, .sa_flags = SA_RESTART};
  sigemptyset(&action.sa_mask);
  sigaction(tick_signal, &action, NULL);
}

// ThreadSanitizer holds signals back until the thread calls into libc, which a loop in Lua never does.
#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define HOLDS_SIGNALS_BACK 1
#endif
#endif

static int make_timer(clua_engine *e) {
#ifdef HOLDS_SIGNALS_BACK
  (void)e, (void)install_handler, (void)handler_once;
  return 0;
#else
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, tick_signal);
  struct sigevent event = {.sigev_notify = SIGEV_THREAD_ID, .sigev_signo = tick_signal};
  event.sigev_notify_thread_id = gettid();
  return pthread_once(&handler_once, install_handler) == 0 && pthread_sigmask(SIG_UNBLOCK, &set, NULL) == 0 &&
         timer_create(CLOCK_MONOTONIC, &event, &e->timer) == 0;
#endif
}

void clua_ticks_prepare(clua_engine *e) {
  if (!e->limits.is_signalled || e->has_timer) return;
  e->has_timer = make_timer(e);
  if (!e->has_timer) e->limits.is_signalled = 0;  // the system has no timer left: count instead
}

void clua_ticks_begin(clua_engine *e) {
  if (!e->limits.is_signalled || !e->has_timer) return;
  ticking = e;  // from here on the handler leaves the timer alone
  if (armed == e) return;
  if (armed) set_timer(armed, 0);
  armed = e;
  set_timer(e, TICK_NANOSECONDS);
}

void clua_ticks_end(clua_engine *e) {
  if (ticking == e) ticking = NULL;
}

void clua_ticks_free(clua_engine *e) {
  if (armed == e) armed = NULL;
  if (e->has_timer) timer_delete(e->timer);
}
