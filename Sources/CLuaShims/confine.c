// What a worker gives up before it reads a script. The order matters: each step uses what a later one takes away.
#define _GNU_SOURCE
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "CLuaWorker.h"

#if defined(__x86_64__)
#define ARCHITECTURE AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define ARCHITECTURE AUDIT_ARCH_AARCH64
#endif

static int close_others(void) {
#ifdef SYS_close_range
  if (syscall(SYS_close_range, 1u, ~0u, 0u) == 0) return 0;
#endif
  struct rlimit files;  // a kernel before 5.9
  if (getrlimit(RLIMIT_NOFILE, &files) != 0) return -1;
  for (rlim_t fd = 1; fd < files.rlim_cur; fd++) close((int)fd);
  return 0;
}

static int limit(int resource, rlim_t value) {
  struct rlimit limits;
  if (getrlimit(resource, &limits) != 0) return -1;
  // The limit of processor time is told by SIGXCPU; SIGKILL follows a second later, at the hard one.
  rlim_t hard = resource == RLIMIT_CPU ? value + 1 : value;
  if (hard < limits.rlim_max) limits.rlim_max = hard;  // else it is stricter already
  limits.rlim_cur = value < limits.rlim_max ? value : limits.rlim_max;
  return setrlimit(resource, &limits);
}

// Bytes of address space the process has, or -1.
static int64_t address_space(void) {
  long long pages = -1;
  FILE *file = fopen("/proc/self/statm", "re");
  if (file == NULL) return -1;
  int count = fscanf(file, "%lld", &pages);
  fclose(file);
  return count == 1 ? pages * sysconf(_SC_PAGESIZE) : -1;
}

#ifdef ARCHITECTURE
// What malloc, the clock, the channel, a signal's return and the end of the process need. Threads are there already.
static const unsigned allowed[] = {
    SYS_read,           SYS_write,        SYS_brk,          SYS_munmap,     SYS_mremap,       SYS_madvise,
    SYS_futex,          SYS_clock_gettime, SYS_gettimeofday, SYS_getrandom, SYS_sched_yield,  SYS_restart_syscall,
    SYS_rt_sigreturn,   SYS_rt_sigprocmask, SYS_rt_sigaction, SYS_getpid,   SYS_gettid,       SYS_exit,
    SYS_exit_group,
#ifdef SYS_time
    SYS_time,
#endif
};
// Only without PROT_EXEC, their third argument.
static const unsigned mapping[] = {SYS_mmap, SYS_mprotect};

enum { FILTER_LENGTH = 4 + 2 * (sizeof allowed / sizeof *allowed) + 5 * 2 + 5 };

typedef struct program {
  struct sock_filter code[FILTER_LENGTH];
  unsigned short length;
} program;

static void statement(program *p, unsigned short code, uint32_t value) {
  p->code[p->length++] = (struct sock_filter)BPF_STMT(code, value);
}

// Goes on if the loaded word is `value`, else skips `skipped` instructions.
static void unless_equal(program *p, uint32_t value, uint8_t skipped) {
  p->code[p->length++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, 0, skipped);
}

static void load(program *p, size_t offset) { statement(p, BPF_LD | BPF_W | BPF_ABS, (uint32_t)offset); }
static void answer(program *p, uint32_t action) { statement(p, BPF_RET | BPF_K, action); }

// Refuses rather than kills: libc has ways on without most calls, and a worker that is refused can do no harm.
static int filter_system_calls(void) {
  program p = {.length = 0};
  load(&p, offsetof(struct seccomp_data, arch));
  p.code[p.length++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ARCHITECTURE, 1, 0);
  answer(&p, SECCOMP_RET_KILL_PROCESS);
  load(&p, offsetof(struct seccomp_data, nr));
  for (size_t i = 0; i < sizeof allowed / sizeof *allowed; i++) {
    unless_equal(&p, allowed[i], 1);
    answer(&p, SECCOMP_RET_ALLOW);
  }
  for (size_t i = 0; i < sizeof mapping / sizeof *mapping; i++) {
    unless_equal(&p, mapping[i], 4);
    load(&p, offsetof(struct seccomp_data, args[2]));
    p.code[p.length++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, PROT_EXEC, 0, 1);
    answer(&p, SECCOMP_RET_ERRNO | EPERM);
    answer(&p, SECCOMP_RET_ALLOW);
  }
  unless_equal(&p, SYS_tgkill, 3);  // abort() of itself, so that it ends by SIGABRT
  load(&p, offsetof(struct seccomp_data, args[0]));
  unless_equal(&p, (uint32_t)getpid(), 1);
  answer(&p, SECCOMP_RET_ALLOW);
  answer(&p, SECCOMP_RET_ERRNO | EPERM);
  struct sock_fprog whole = {p.length, p.code};
  return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &whole) == 0;
}
#else
static int filter_system_calls(void) { return 0; }
#endif

int clua_confine(const clua_confinement *confinement) {
  // The signal comes when the thread that started us ends: it must be one that lives as long as its process.
  if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0) return -1;
  if (getppid() != confinement->parent) {  // it was over before that
    errno = ESRCH;
    return -1;
  }
  int64_t base = address_space();
  if (base < 0) return -1;
  if (close_others() != 0) return -1;
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || prctl(PR_SET_DUMPABLE, 0) != 0) return -1;
  if (limit(RLIMIT_CORE, 0) != 0 || limit(RLIMIT_FSIZE, 0) != 0 || limit(RLIMIT_NOFILE, 1) != 0) return -1;
  if (limit(RLIMIT_NPROC, 0) != 0) return -1;  // no further ones; ours is there
  if (confinement->growth >= 0 && limit(RLIMIT_AS, (rlim_t)(base + confinement->growth)) != 0) return -1;
  if (confinement->processor_time >= 0 && limit(RLIMIT_CPU, (rlim_t)confinement->processor_time) != 0) return -1;
  return CLUA_CONFINED_BY_LIMITS | (filter_system_calls() ? CLUA_CONFINED_BY_SYSTEM_CALL_FILTER : 0);
}
