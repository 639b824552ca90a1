import Glibc
import RunJournal
import SQLiteJournal

// What is asked for, and the file or folder that it works on.
let arguments = Array(CommandLine.arguments.dropFirst())
// A write beyond the process's limit of file size is to fail, not to kill.
signal(SIGXFSZ, SIG_IGN)
do {
  switch (arguments.first, arguments.count) {
  case ("append", 4): try await append(to: arguments[1], run: arguments[2], writers: Int(arguments[3]) ?? 1)
  case ("hold", 3): try await hold(in: arguments[1], run: arguments[2])
  case ("bench-durability", 4):
    try await Benchmark(folder: arguments[1]).measureDurability(
      inFlight: Int(arguments[2]) ?? 1, Int(arguments[3]) ?? 1)
  case ("bench-growth", 3): try await Benchmark(folder: arguments[1]).measureGrowth(Int(arguments[2]) ?? 0)
  default: exit(EX_USAGE)
  }
} catch let error as JournalError {
  say("\(error.code.rawValue): \(error.message)")
  exit(EX_IOERR)
}
