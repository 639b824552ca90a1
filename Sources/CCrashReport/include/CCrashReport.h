// What is left of a process that a fatal signal ends: a file that tells where, and exit code 70 ("a bug of ours").
//
// Everything is prepared while the process is well; the handler itself only calls what signal-safety(7) allows, and
// backtrace(3), which was called before. Of these functions one runs at a time.
#pragma once

// Comes first, once. Texts are copied.
// `path`: the file, made when it happens, with the folders that it lacks; NULL: none is to be made.
// `facts`: the lines that it begins with, each with its end.
// Returns 0, or -1 with errno set.
int crash_prepare(const char *path, const char *facts);

// Watches over SIGSEGV, SIGBUS, SIGILL, SIGTRAP, SIGFPE and SIGABRT, for all threads. The calling thread gets a stack
// of its own for the handler; a thread without one cannot tell of an overflow of its stack. Returns 0, or -1 with errno
// set.
int crash_watch(void);

// The run that is under way, and what is typed to go on with it; NULL, NULL: none.
// When memory runs out the one before stays.
void crash_set_run(const char *run, const char *next);

// Makes the file for an error that is no signal; `reason` is a line of it. Returns 0, or -1 with errno set.
int crash_report(const char *reason);
