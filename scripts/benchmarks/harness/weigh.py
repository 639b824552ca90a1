"""Runs a command and writes down what it needed: weigh.py FILE COMMAND...

The most memory that was resident counts from the fork on, when a child still is what forked it: the harness itself, which
grows with its samples, would be weighed instead of a small program.
"""
import json
import os
import sys
import time

file, *command = sys.argv[1:]
began = time.perf_counter()
_, status, usage = os.wait4(os.posix_spawn(command[0], command, os.environ), 0)
figures = {"wall": time.perf_counter() - began, "processor": usage.ru_utime + usage.ru_stime,
           "resident": usage.ru_maxrss * 1024}
with open(file, "w", encoding="utf-8") as report:
    json.dump(figures, report)
sys.exit(os.waitstatus_to_exitcode(status))
