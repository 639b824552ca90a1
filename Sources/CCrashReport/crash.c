#define _GNU_SOURCE  // gettid
#include "CCrashReport.h"

#include <errno.h>
#include <execinfo.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

enum {
  EXIT_BUG = 70,
  STACK_BYTES = 256 * 1024,
  MOST_FRAMES = 128,
  SECONDS_TO_TELL = 5,  // a process whose memory is broken may hang in the unwinder
};

static const struct {
  int number;
  const char *name;
} signals[] = {{SIGSEGV, "SIGSEGV"}, {SIGBUS, "SIGBUS"}, {SIGILL, "SIGILL"},
               {SIGTRAP, "SIGTRAP"}, {SIGFPE, "SIGFPE"}, {SIGABRT, "SIGABRT"}};
enum { SIGNAL_COUNT = sizeof signals / sizeof *signals };

typedef struct run_note {
  char *run, *next;
} run_note;

static char *file_path, *folder_path;  // the latter is cut and mended by the handler
static char *facts_text;
// Replaced as a whole and never freed: the handler may be reading the one before. A process has few.
static _Atomic(const run_note *) current_run;
static _Atomic pid_t teller;

static void put(int file, const char *text) {
  size_t left = strlen(text);
  while (left > 0) {
    ssize_t written = write(file, text, left);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return;
    text += written;
    left -= (size_t)written;
  }
}

static void put_number(int file, uint64_t number, unsigned base) {
  char digits[24], *start = digits + sizeof digits - 1;
  *start = 0;
  do *--start = "0123456789abcdef"[number % base];
  while (number /= base);
  put(file, start);
}

static void make_folders(void) {
  for (char *end = folder_path + 1; *end; end++) {
    if (*end != '/') continue;
    *end = 0;
    mkdir(folder_path, 0700);
    *end = '/';
  }
}

static int make_file(void) {
  if (file_path == NULL) return -1;
  make_folders();
  return open(file_path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
}

static void put_facts(int file) {
  struct timespec time;
  const run_note *note = atomic_load(&current_run);
  put(file, facts_text);
  if (note) {
    put(file, "run: ");
    put(file, note->run);
    put(file, "\n");
  }
  clock_gettime(CLOCK_REALTIME, &time);
  put(file, "seconds since 1970: ");
  put_number(file, (uint64_t)time.tv_sec, 10);
  put(file, "\nreason: ");
}

static void put_reason(int file, int number, const siginfo_t *info) {
  const char *name = "signal";
  for (int i = 0; i < SIGNAL_COUNT; i++)
    if (signals[i].number == number) name = signals[i].name;
  put(file, name);
  if (info->si_code <= 0) {
    put(file, ", sent by process ");
    put_number(file, (uint64_t)info->si_pid, 10);
  } else if (number == SIGSEGV || number == SIGBUS) {
    put(file, " at address 0x");
    put_number(file, (uint64_t)(uintptr_t)info->si_addr, 16);
  }
}

static void tell(int file, int number, const siginfo_t *info) {
  const run_note *note = atomic_load(&current_run);
  struct termios terminal;
  if (tcgetattr(STDERR_FILENO, &terminal) == 0) put(STDERR_FILENO, "\r\033[K");  // what progress left of its line
  put(STDERR_FILENO, "apig-lua: ended by a bug of ours: ");
  put_reason(STDERR_FILENO, number, info);
  if (file >= 0) {
    put(STDERR_FILENO, "\n  please report it, with ");
    put(STDERR_FILENO, file_path);
  }
  if (note) {
    put(STDERR_FILENO, "\n  the run can go on: ");
    put(STDERR_FILENO, note->next);
  }
  put(STDERR_FILENO, "\n");
}

static void leave(int number) {
  (void)number;
  _exit(EXIT_BUG);
}

static void on_fatal(int number, siginfo_t *info, void *context) {
  pid_t nobody = 0, self = gettid();
  (void)context;
  if (!atomic_compare_exchange_strong(&teller, &nobody, self)) {
    if (nobody == self) _exit(EXIT_BUG);  // the handler itself
    for (;;) pause();                     // another thread is telling already
  }
  signal(SIGALRM, leave);
  alarm(SECONDS_TO_TELL);
  int file = make_file();
  if (file >= 0) {
    put_facts(file);
    put_reason(file, number, info);
    put(file, "\n");
  }
  tell(file, number, info);
  if (file >= 0) {
    void *frames[MOST_FRAMES];
    backtrace_symbols_fd(frames, backtrace(frames, MOST_FRAMES), file);
  }
  _exit(EXIT_BUG);
}

static int use_own_stack(void) {
  // Never unmapped: the thread may be inside the handler until the process ends.
  void *bytes = mmap(NULL, STACK_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (bytes == MAP_FAILED) return -1;
  const stack_t stack = {.ss_sp = bytes, .ss_size = STACK_BYTES};
  return sigaltstack(&stack, NULL);
}

int crash_prepare(const char *path, const char *facts) {
  facts_text = strdup(facts);
  if (facts_text == NULL) return -1;
  if (path == NULL) return 0;
  file_path = strdup(path);
  folder_path = strdup(path);
  return file_path && folder_path ? 0 : -1;
}

int crash_watch(void) {
  void *frame[1];
  if (use_own_stack() != 0) return -1;
  backtrace(frame, 1);  // loads the unwinder, which the handler must not
  struct sigaction action = {.sa_sigaction = on_fatal, .sa_flags = SA_SIGINFO | SA_ONSTACK};
  sigemptyset(&action.sa_mask);
  for (int i = 0; i < SIGNAL_COUNT; i++)
    if (sigaction(signals[i].number, &action, NULL) != 0) return -1;
  return 0;
}

void crash_set_run(const char *run, const char *next) {
  run_note *note = NULL;
  if (run) {
    note = calloc(1, sizeof *note);
    if (note == NULL) return;
    note->run = strdup(run);
    note->next = strdup(next);
    if (note->run == NULL || note->next == NULL) return;
  }
  atomic_store(&current_run, note);
}

int crash_report(const char *reason) {
  if (facts_text == NULL) {
    errno = EINVAL;
    return -1;
  }
  int file = make_file();
  if (file < 0) return -1;
  put_facts(file);
  put(file, reason);
  put(file, "\n");
  return close(file);
}
