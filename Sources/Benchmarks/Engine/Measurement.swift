/// What one repetition needed.
struct Measurement {
  /// On the wall.
  let nanoseconds: Double
  /// Of the processors: says more than the wall on a machine that does other things, too.
  let processorNanoseconds: Double
  /// Of the heap.
  let bytes: Int?
  /// Of the process's resident memory.
  let residentBytes: Int?

  init(_ spent: Stopwatch.Spent, count: Int64, bytes: Int? = nil, residentBytes: Int? = nil) {
    nanoseconds = spent.wall * 1e9 / Double(count)
    processorNanoseconds = spent.processor * 1e9 / Double(count)
    self.bytes = bytes
    self.residentBytes = residentBytes
  }

  var json: String {
    let memory = [("bytes", bytes), ("resident_bytes", residentBytes)].compactMap { name, value in
      value.map { ", \"\(name)\": \($0)" }
    }
    return "{\"nanoseconds\": \(nanoseconds), \"processor_nanoseconds\": \(processorNanoseconds)\(memory.joined())}"
  }

  struct Failure: Error, CustomStringConvertible {
    let message: String
    var description: String { message }
  }
}
