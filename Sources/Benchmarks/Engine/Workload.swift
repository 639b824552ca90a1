import CBenchmarkFloors

/// What can be measured.
enum Workload: String, CaseIterable {
  case call
  case callFloor = "call-floor"
  case closureFloor = "closure-floor"
  case record
  case recordFloor = "record-floor"
  case suspension
  case suspensionFloor = "suspension-floor"
  case engines
  case enginesFloor = "engines-floor"
  case waiting
  case waitingFloor = "waiting-floor"

  func measure(_ count: Int64) async throws -> Measurement {
    switch self {
    case .call: try await Calls(functions: [Calls.answersNothing]).measure("call", count)
    case .callFloor: try Self.floor({ count, _ in floor_round_trip(count) }, count)
    case .closureFloor: try Self.floor({ count, _ in floor_c_call(count) }, count)
    case .record: try await Calls(functions: [Calls.answersRecord]).measureRecord(count)
    case .recordFloor: try Self.floor({ count, _ in floor_record(count) }, count)
    case .suspension: try await Calls(functions: [Calls.answersLater]).measure("later", count)
    case .suspensionFloor: try Self.floor({ count, _ in floor_thread_round_trip(count) }, count)
    case .engines: try await Engines.measure(count)
    case .enginesFloor: try Self.floor(floor_states, count)
    case .waiting: try await WaitingCalls.measure(count)
    case .waitingFloor: try Self.floor(floor_waiting, count)
    }
  }

  private static func floor(
    _ repeated: (Int64, UnsafeMutablePointer<Int>?) -> Bool, _ count: Int64
  ) throws -> Measurement {
    var bytes = 0
    let watch = Stopwatch()
    guard repeated(count, &bytes) else { throw Measurement.Failure(message: "Lua had an error") }
    return Measurement(watch.spent, count: count, bytes: bytes > 0 ? bytes : nil, residentBytes: nil)
  }
}
