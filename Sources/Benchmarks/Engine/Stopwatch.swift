import Glibc

/// Time on the wall, and of the processors, from its making on.
struct Stopwatch {
  struct Spent {
    /// Seconds.
    let wall: Double
    /// Seconds, of all threads of the process.
    let processor: Double
  }

  private let wall = Self.seconds(CLOCK_MONOTONIC)
  private let processor = Self.seconds(CLOCK_PROCESS_CPUTIME_ID)

  var spent: Spent {
    Spent(wall: Self.seconds(CLOCK_MONOTONIC) - wall, processor: Self.seconds(CLOCK_PROCESS_CPUTIME_ID) - processor)
  }

  private static func seconds(_ clock: clockid_t) -> Double {
    var time = timespec()
    clock_gettime(clock, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }
}
