import CBenchmarkFloors
import Glibc
import LuaRuntime

/// Making engines, sandbox and thread included.
enum Engines {
  static func measure(_ count: Int64) async throws -> Measurement {
    // The first one also pays for what the process does once.
    try await LuaEngine.limited().close()
    let before = floor_heap_bytes()
    let resident = ProcessMemory.residentBytes
    var kept: [LuaEngine] = []
    for _ in 0..<Self.kept { kept.append(try await LuaEngine.limited()) }
    let bytes = (Int(floor_heap_bytes()) - Int(before)) / Self.kept
    let residentBytes = (ProcessMemory.residentBytes - resident) / Self.kept
    for engine in kept { await engine.close() }
    kept = []
    let watch = Stopwatch()
    for _ in 0..<count { try await LuaEngine.limited().close() }
    return Measurement(watch.spent, count: count, bytes: bytes, residentBytes: residentBytes)
  }

  /// How many are kept at once to weigh one.
  private static let kept = 64
}

/// What the system says of this process.
enum ProcessMemory {
  static var residentBytes: Int {
    guard let file = fopen("/proc/self/statm", "r") else { return 0 }
    defer { fclose(file) }
    var text = [CChar](repeating: 0, count: 128)
    guard fgets(&text, Int32(text.count), file) != nil else { return 0 }
    let words = String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self).split(
      separator: " ")
    return words.count > 1 ? (Int(words[1]) ?? 0) * sysconf(Int32(_SC_PAGESIZE)) : 0
  }
}
