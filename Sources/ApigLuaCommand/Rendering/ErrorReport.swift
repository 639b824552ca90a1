internal import GatewayAPI
internal import GatewayCredentials
internal import GatewayScripting
internal import LuaRuntime
internal import PlaybookPackages
internal import ReleaseEngine
internal import RunJournal

/// An error for people: what happened, where in the script, why, and what to do next.
struct ErrorReport {
  let error: any Error
  let style: Style
  /// For the line that the error points at.
  var chunks: LoadedChunks?

  /// Writes it to standard error. One that nobody foresaw leaves a crash file when the process ends.
  func tell() {
    CrashFile.note(error)
    StandardStream.error.write(text)
  }

  var text: String {
    let parts = facts
    let message = parts.message.withoutControlCharacters
    var text: String
    if isLimit {
      // Tools look for a line that begins so.
      text = "\(message)\(parts.place.map { ", at \($0)" } ?? "")\n"
    } else {
      text = "\(style.bad) \(parts.place.map { "\($0): " } ?? "")\(message)\n"
    }
    if let excerpt { text += excerpt }
    if let hint = parts.hint { text += "  \(hint.withoutControlCharacters)\n" }
    for line in traceback { text += style.text("  \(line.withoutControlCharacters)", .faint) + "\n" }
    return text
  }

  /// The error as the result document has it.
  var document: Document {
    let parts = facts
    var members: [String: Document] = ["message": .string(parts.message)]
    if let place = parts.place { members["where"] = .string(place) }
    if let hint = parts.hint { members["hint"] = .string(hint) }
    members["kind"] = .string(kind)
    members["limit"] = (error as? LuaError)?.limit.map { .string($0.rawValue) }
    if let gateway = cause as? GatewayError {
      members["code"] = gateway.code.map { .string($0.rawValue) }
      members["operation"] = gateway.operation.map(Document.string)
      members["status"] = gateway.status.map { .integer(Int64($0)) }
      members["request_id"] = gateway.requestID.map(Document.string)
    }
    return .object(members)
  }

  private var kind: String {
    switch cause {
    case let error as GatewayError: error.kind.rawValue
    case is ConfigurationError: "configuration"
    case is CredentialError: "credentials"
    case is PackageError: "package"
    case is UsageError, is ParameterError: "usage"
    case is CancellationError: "cancelled"
    case let error as LuaError where error.code == .cancelled: "cancelled"
    case let error as LuaError where error.code == .interpreterCrashed: "interpreter_crashed"
    default: isLimit ? "limit" : "script"
    }
  }

  // MARK: - Facts

  private struct Facts {
    var place: String?
    var message: String
    var hint: String?
  }

  /// Whether the fault is in what the script runs in, not in the script.
  private var isTheSurroundings: Bool {
    cause is ConfigurationError || cause is CredentialError || cause is UsageError || cause is ParameterError
      || cause is PackageError
  }

  private var isLimit: Bool { (error as? LuaError)?.limit != nil }

  private var cause: any Error { (error as? LuaError)?.underlying ?? error }

  private var facts: Facts {
    var facts = Self.facts(of: cause)
    if let lua = error as? LuaError, !isTheSurroundings {
      facts.place = lua.location?.description
      if lua.underlying == nil, let hint = lua.value.tableValue?["hint"].stringValue { facts.hint = hint }
    }
    return facts
  }

  private static func facts(of error: any Error) -> Facts {
    switch error {
    case let error as GatewayError:
      let code = error.code.map { "\($0.rawValue) " } ?? ""
      let subject = error.operation.map { "\($0)\(error.api.map { " \($0)" } ?? ""): " } ?? ""
      let isOurs = error.kind == .usage
      let request = error.requestID.map { "request \($0)" }
      let hint = [error.hint, request].compactMap(\.self).joined(separator: "; ")
      return Facts(message: (isOurs ? "" : subject) + code + error.message, hint: hint.isEmpty ? nil : hint)
    case let error as LuaError: return Facts(message: Self.message(of: error), hint: Self.hint(for: error))
    case let error as UsageError: return Facts(message: error.message, hint: error.hint)
    case let error as ConfigurationError: return Facts(place: error.place, message: error.message, hint: error.hint)
    case let error as CredentialError: return Facts(place: error.place, message: error.message, hint: error.hint)
    case let error as PackageError: return Facts(place: error.place, message: error.message, hint: error.hint)
    case let error as ParameterError:
      return Facts(
        message: error.message,
        hint: [error.hint, "--help behind the script lists them"].compactMap(\.self).joined(separator: "; "))
    case let error as EnvironmentHeld: return facts(of: error.lease)
    case let error as RunIsAlive: return facts(of: error)
    case let error as RunDivergence:
      return Facts(
        place: error.place, message: error.description,
        hint: "nothing was sent for it; put the script back, or undo the run: apig-lua rollback")
    case let error as JournalError: return Facts(message: error.message, hint: error.hint)
    case is CancellationError: return Facts(message: "stopped")
    default: return Facts(message: String(describing: error))
    }
  }

  private static func facts(of alive: RunIsAlive) -> Facts {
    let run = alive.run
    let process = "process \(run.process.number) on \(run.host)"
    guard let lease = alive.lease else {
      return Facts(
        message: "\(run.id) is still running: \(process)",
        hint: "stop it first, or wait for its end: apig-lua status \(run.id)")
    }
    // Whether that process lives cannot be seen from here; its lock tells.
    return Facts(
      message: "\(run.id) is at work on another host: \(process), whose lock on \(lease.fence.scope) holds until "
        + lease.expires.text,
      hint: "stop it there; should \(run.host) be gone, the lock lapses by then, and the same command goes on")
  }

  private static func facts(of lease: Lease) -> Facts {
    let run = lease.fence.run
    guard lease.isLive(at: .now(), seenFrom: ProcessFacts.current.host) else {
      let goingOn =
        SessionCommand.isMeant(by: lease.command) ? "" : "apig-lua resume \(run) goes on where it stopped; "
      return Facts(
        message: "an unfinished run holds \(lease.fence.scope): \(run)  \(lease.command)  by \(lease.holder), since "
          + MomentText(.error)(lease.since),
        hint: "\(goingOn)apig-lua rollback \(run) undoes it; apig-lua status \(run) tells how far it came")
    }
    return Facts(
      message: "\(lease.fence.scope) is held by \(lease.holder): \(run)  \(lease.command), since "
        + MomentText(.error)(lease.since),
      hint: "--lock-timeout 5m waits for it; apig-lua lock release \(lease.fence.scope) --reason … takes it away")
  }

  private static func message(of error: LuaError) -> String {
    guard let limit = error.limit else { return error.message }
    return "limit: \(limit.rawValue): \(error.message)"
  }

  private static func hint(for error: LuaError) -> String? {
    if error.code == .interpreterCrashed { return "please report it with the script" }
    return switch error.limit {
    case .memory?: "raise it with --max-memory if the script is right"
    case .time?: "raise it with --max-cpu or --deadline if the script is right"
    case .calls?: "raise it with --max-calls if the script is right"
    default: nil
    }
  }

  // MARK: - The script's side

  private var excerpt: String? {
    guard !isTheSurroundings, let location = (error as? LuaError)?.location, let chunk = chunks?[location.chunk]
    else { return nil }
    let operation = (cause as? GatewayError)?.operation
    return SourceExcerpt(of: chunk, at: location.line, message: facts.message, names: [operation].compactMap(\.self))?
      .text(style: style)
  }

  /// Frames of the traceback, when there is more to see than the line already shown.
  private var traceback: [String] {
    guard !isTheSurroundings, let lua = error as? LuaError, lua.code == .runtime, let traceback = lua.traceback else {
      return []
    }
    let lines = traceback.split(separator: "\n").map { String($0).replacing("\t", with: "  ") }
    return lines.count > 1 ? lines : []
  }
}
