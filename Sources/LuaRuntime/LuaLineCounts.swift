internal import Synchronization

/// How often lines of scripts and of their modules ran, over all runs of the engines that it is given to.
///
/// What `load` compiles is not counted, nor are preludes. A run whose engine was abandoned counts nothing.
public final class LuaLineCounts: Sendable {
  private let counts = Mutex<[String: [Int]]>([:])

  public init() {}

  /// The names of the chunks that were counted.
  public var chunks: [String] { counts.withLock { $0.keys.sorted() } }

  /// How often each line of a chunk ran: the first is line 1. Empty for a chunk that was not loaded.
  public subscript(chunk: String) -> [Int] { counts.withLock { Array(($0[chunk] ?? []).dropFirst()) } }

  /// - Parameter lines: from line 0, which is none.
  func add(_ lines: [UInt64], of chunk: String) {
    counts.withLock { counts in
      var sums = counts[chunk] ?? []
      if sums.count < lines.count { sums += Array(repeating: 0, count: lines.count - sums.count) }
      for (line, count) in lines.enumerated() { sums[line] += Int(clamping: count) }
      counts[chunk] = sums
    }
  }
}
