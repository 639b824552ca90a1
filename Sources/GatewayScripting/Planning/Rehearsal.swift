public import GatewayAPI
public import ReleaseEngine
internal import Synchronization

/// Stands for the world while a script is planned: waits, probes and questions are answered at once, as assumed, and
/// counted.
public final class Rehearsal: Sendable {
  /// What the script does between its changes.
  public struct Stage: Sendable, Hashable {
    /// "2/4"; nil outside of any wave.
    public var wave: String?
    /// APIs of the wave.
    public var count = 0
    /// "wait 10s (propagation)", "probe /ping 30×", in order.
    public var doings: [String] = []
  }

  /// What running the script will take beside requests to the gateway.
  public struct Costs: Sendable, Hashable {
    public var waits = 0
    /// In seconds.
    public var waitingTime = 0.0
    public var healthChecks = 0
    /// Requests of health checks.
    public var probes = 0
    /// What people will be asked.
    public var questions: [String] = []
    /// Other requests that change something elsewhere, which a plan does not send.
    public var unsentRequests = 0
    /// Files that a plan does not write.
    public var unwrittenFiles = 0
  }

  private struct State: Sendable {
    var stages: [Stage] = []
    var costs = Costs()
    var wave: Int?
  }

  public let assumptions: Assumptions
  /// How long a wait for propagation takes, in seconds.
  private let propagation: Double
  private let state = Mutex(State())

  /// - Parameter propagation: how long a change takes to be in effect, in seconds.
  public init(_ assumptions: Assumptions = Assumptions(), propagation: Double = 10) {
    self.assumptions = assumptions
    self.propagation = propagation
  }

  public var stages: [Stage] { state.withLock { $0.stages } }
  public var costs: Costs { state.withLock { $0.costs } }

  /// Why a change of an API is assumed to fail; nil where it is not.
  public func failure(ofChange apiID: String, name: String?) -> GatewayError? {
    let isAPI = assumptions.failingAPIs.contains(apiID) || name.map(assumptions.failingAPIs.contains) ?? false
    let isWave = state.withLock { $0.wave.map(assumptions.failingWaves.contains) ?? false }
    guard isAPI || isWave else { return nil }
    return GatewayError(
      kind: .unavailable, code: .systemError, message: "assumed to fail by --assume", api: name ?? apiID)
  }

  /// The answer to what the script asks of the world; nil for what it is to be asked all the same.
  ///
  /// - Throws: `GatewayError` of a health check that is assumed to fail.
  public func answer(to call: RecordedCall) throws -> Document? {
    let arguments = call.arguments
    switch call.operation {
    case "wave":
      enter(arguments)
      return nil
    case "wait":
      let reason = arguments["reason"]?.stringValue
      let seconds = arguments["time"]?.seconds ?? propagation
      note("wait \(SecondsText.text(seconds))\(reason.map { " (\($0))" } ?? "")") { costs in
        costs.waits += 1
        costs.waitingTime += seconds
      }
      return .number(seconds)
    case "confirm", "protect":
      let text = arguments["text"]?.stringValue ?? call.title
      note(nil) { $0.questions.append(text) }
      return true
    case "health.http":
      let samples = max(1, arguments["samples"]?.integerValue ?? 1)
      let url = arguments["url"]?.stringValue ?? "?"
      let pause = arguments["every"]?.seconds ?? 0
      let number = note("probe \(Self.path(of: url)) \(samples)×") { costs in
        costs.healthChecks += 1
        costs.probes += samples
        costs.waitingTime += pause * Double(samples - 1)
      }.healthChecks
      try refuse(healthCheck: number, "probe of \(url)")
      return HealthSeries.numbers(samples: samples, failures: 0, p50: .zero, p95: .zero, longest: .zero)
    case "health.check":
      try check(arguments["name"]?.stringValue ?? "")
      return true
    case "http.post", "http.put", "http.delete":
      note("\(call.operation) \(arguments["url"]?.stringValue ?? "")") { $0.unsentRequests += 1 }
      return WebLibrary.assumedAnswer
    case ScriptFunction.writeFile.name:
      note(call.title) { $0.unwrittenFiles += 1 }
      return true
    default: return nil
    }
  }

  /// A health check of the script's own: assumed good, unless the assumptions say otherwise.
  ///
  /// - Throws: `GatewayError` of a health check that is assumed to fail.
  func check(_ name: String) throws {
    let number = note("check \(name)") { $0.healthChecks += 1 }.healthChecks
    try refuse(healthCheck: number, "check '\(name)'")
  }

  private func enter(_ arguments: Document) {
    state.withLock { state in
      let label = arguments["label"]?.stringValue ?? ""
      guard arguments["state"]?.stringValue != "end" else {
        state.wave = nil
        return
      }
      state.wave = label.split(separator: "/").first.flatMap { Int($0) }
      state.stages.append(Stage(wave: label, count: arguments["items"]?.integerValue ?? 0))
    }
  }

  @discardableResult
  private func note(_ doing: String?, _ count: (inout Costs) -> Void) -> Costs {
    state.withLock { state in
      count(&state.costs)
      if let doing {
        if state.stages.isEmpty || (state.wave == nil && state.stages.last?.wave != nil) {
          state.stages.append(Stage())
        }
        state.stages[state.stages.count - 1].doings.append(doing)
      }
      return state.costs
    }
  }

  private func refuse(healthCheck number: Int, _ subject: String) throws {
    guard assumptions.failingHealthChecks.contains(number) else { return }
    throw GatewayError(kind: .healthCheck, message: "\(subject): assumed to fail by --assume health=fail:\(number)")
  }

  /// The part of a URL that tells it from others of its server.
  private static func path(of url: String) -> String {
    let parts = url.split(separator: "/", omittingEmptySubsequences: false)
    guard url.contains("://"), parts.count > 3 else { return url }
    return "/" + parts[3...].joined(separator: "/")
  }
}

extension Document {
  fileprivate var seconds: Double? {
    switch self {
    case .integer(let seconds): Double(seconds)
    case .number(let seconds): seconds
    default: nil
    }
  }
}

/// Seconds as people read them: `10s`, `1m30s`.
package enum SecondsText {
  package static func text(_ seconds: Double) -> String {
    if seconds < 60 {
      return seconds == seconds.rounded() ? "\(Int(seconds))s" : "\(Double(Int(seconds * 10)) / 10)s"
    }
    let whole = Int(seconds.rounded())
    let parts = [(whole / 3600, "h"), (whole % 3600 / 60, "m"), (whole % 60, "s")]
    return parts.filter { $0.0 > 0 }.map { "\($0.0)\($0.1)" }.joined()
  }
}
