internal import GatewayAPI
internal import GatewayScripting
internal import Glibc
internal import ReleaseEngine

/// Who says yes to what a run is about to do: a person at the terminal, or flags and files that speak for them.
actor Approvals {
  private let settings: Settings
  private let recorder: RunRecorder
  private let script: String
  private let folder: String
  /// Where the script and the project lie; nil where no script runs.
  nonisolated let places: ScriptPlaces?
  private let isRehearsal: Bool
  /// Keeps what a package was granted for the project.
  private let keepGrant: @Sendable (Permission, PackagePrincipal) throws -> Void
  /// Where people type: each change of a protected environment is shown and asked for there; nil for a script.
  private let changeReview: SessionChangeReview?
  /// Environments of the run's own gateway that a question of the script was asked as, by their names in `apig.yaml`.
  private var confirmed: Set<String> = []
  private var policy: PolicyReview
  /// How asking for an environment ended, by gateway and ID.
  private var protections: [String: Result<Void, any Error>] = [:]
  /// What was granted for this run, to whom.
  private var granted: [Principal: [Permission]] = [:]
  private var isBusy = false
  private var waiting: [CheckedContinuation<Void, Never>] = []

  /// - Parameters:
  ///   - script: the script's name, for questions.
  ///   - folder: where a project's file is made when there is none.
  ///   - places: where the script and the project lie; nil where no script runs.
  ///   - isPlan: whether what is reviewed is carried out another time, if at all.
  ///   - isRehearsal: whether nobody may be asked and nothing is granted; what would need that ends the replay.
  ///   - changeReview: of a session.
  ///   - keepGrant: keeps what a package was granted for the project.
  init(
    settings: Settings, recorder: RunRecorder, script: String, folder: String, places: ScriptPlaces? = nil,
    isPlan: Bool = false, isRehearsal: Bool = false,
    changeReview: SessionChangeReview? = nil,
    keepGrant: @escaping @Sendable (Permission, PackagePrincipal) throws -> Void = { _, _ in }
  ) {
    self.settings = settings
    self.recorder = recorder
    self.script = script
    self.folder = folder
    self.places = places
    self.isRehearsal = isRehearsal
    policy = PolicyReview(settings.policy, isTimed: !isPlan && !isRehearsal)
    self.changeReview = changeReview
    self.keepGrant = keepGrant
  }

  // MARK: - Questions of a script

  /// - Throws: ``GatewayError`` of kind `refused`; `CancellationError`.
  func ask(_ question: Question) async throws {
    try await inTurn {
      try await answer(question, protecting: question.environment.flatMap { environment($0) })
    }
  }

  /// Takes note of a confirmed environment. Under a name that `apig.yaml` does not give it, it was asked for as one
  /// that is not protected, which counts for nothing.
  func didConfirm(_ name: String) {
    if let environment = environment(name) { confirmed.insert(environment.name) }
  }

  private nonisolated func environment(_ name: String) -> EnvironmentProfile? {
    settings.gateways[settings.gatewayName]?.environments.first { $0.isCalled(name) }
  }

  // MARK: - Protected environments

  /// Looks at a change before it is made: denied, or of an environment that is protected and was not asked for yet.
  ///
  /// - Throws: ``GatewayError`` of kind `refused`; `CancellationError`; what the recorder throws.
  func review(_ change: PendingChange, on gateway: String, _ names: NameDirectory) async throws {
    let principal = Principal.current
    guard change.isRelease else {
      try await require(change, in: [], for: principal)
      return try await reviewPolicy(change, in: nil, on: gateway, names)
    }
    let profile = settings.gateways[gateway]
    let isProtecting = profile?.environments.contains { $0.protection != .none } ?? false
    // An operator's own script on an environment that nobody guards: which one it is does not matter.
    guard isProtecting || settings.permissions.isNarrow || principal != .script || policy.isNeeded else { return }
    guard let id = change.environmentID else {
      throw GatewayError(
        kind: .refused, message: "which environment \(change.operation) changes cannot be found out",
        hint: "name it: env = \"…\"")
    }
    guard let name = try await names.environmentName(id: id) else {
      throw GatewayError(
        kind: .notFound, message: "there is no environment with the ID '\(id)'", hint: "check it with apig.envs")
    }
    let environments = profile?.environments(id: id, name: name) ?? []
    try await require(change, in: [name, id] + environments.map(\.name), for: principal)
    try await reviewPolicy(change, in: name, on: gateway, names)
    guard let environment = profile?.protectedEnvironment(id: id, name: name) else { return }
    try await inTurn {
      guard let changeReview else { return try await reviewOnce(change, environment, id: id, on: gateway) }
      let question = try await changeReview.question(about: change, in: environment, on: gateway, names)
      // What nobody is asked about is shown all the same.
      if settings.saysYes, environment.protection != .typeName {
        StandardStream.error.write(question.text.withoutControlCharacters + "\n")
      }
      try await answer(question, protecting: environment)
    }
  }

  private func reviewPolicy(
    _ change: PendingChange, in environment: String?, on gateway: String, _ names: NameDirectory
  ) async throws {
    guard policy.isNeeded else { return }
    try await inTurn {
      var policy = policy
      try await policy.review(change, in: environment, on: gateway, names)
      self.policy = policy
    }
  }

  /// Asks before a run's changes of an environment are undone, when it is protected.
  ///
  /// - Throws: ``GatewayError`` of kind `refused`; `CancellationError`.
  func reviewUndo(of run: String, count: Int, id: String, name: String, on gateway: String) async throws {
    guard let environment = settings.gateways[gateway]?.protectedEnvironment(id: id, name: name) else { return }
    let question = Question(
      "the undo of \(run) is about to change \(environment.name) of \(gateway), which is protected: "
        + "\(count) API\(count == 1 ? "" : "s")", environment: environment.name)
    try await inTurn { try await answer(question, protecting: environment) }
  }

  private func reviewOnce(
    _ change: PendingChange, _ environment: EnvironmentProfile, id: String, on gateway: String
  ) async throws {
    // What the script's question named is of the run's own gateway.
    if gateway == settings.gatewayName, confirmed.contains(environment.name) { return }
    let key = "\(gateway)/\(id)"
    if let earlier = protections[key] { return try earlier.get() }
    let scope = change.apiCount == 0 ? "" : " \(change.apiCount) API\(change.apiCount == 1 ? "" : "s"),"
    let question = Question(
      "\(name(of: .current)) is about to change \(environment.name) of \(gateway), which is protected: \(change.operation)\(scope) "
        + "and whatever else it does there", environment: environment.name)
    do {
      // A branch of its own: which of the script's tasks comes first may differ when the run is resumed.
      let call = RecordedCall(
        "protect", ["gateway": .string(gateway), "env": .string(id)], title: "confirm changes of \(environment.name)",
        origin: CallOrigin(branch: "/protect/\(key)"))
      // An answer, not an intent: a resumed run need not ask for it again when the protection is gone.
      let live: () async throws -> Document = {
        try await self.answer(question, protecting: environment)
        return true
      }
      _ = try await recorder.answer(call, live: live)
      protections[key] = .success(())
    } catch let error as GatewayError {
      protections[key] = .failure(error)
      throw error
    }
  }

  // MARK: - Permissions

  /// Returns when the code that the current task runs for may do something.
  ///
  /// - Throws: ``GatewayError`` of kind `refused`; `CancellationError`.
  func permit(_ permission: Permission) async throws {
    let principal = Principal.current
    if principal == .script, settings.isOwnGateway(permission) || places?.isOwn(permission) ?? false {
      return try settings.permissions.refuseDenied(permission)
    }
    let objects = permission.object.isEmpty ? [] : [permission.object]
    try await require(
      settings.permissions.verdict(on: permission.kind, objects, for: principal), [permission], for: principal)
  }

  private func require(_ change: PendingChange, in environment: [String], for principal: Principal) async throws {
    let verdict = settings.permissions.verdict(on: change, in: environment, for: principal)
    let kind = Permission.Kind(changing: change.operation)
    try await require(verdict, kind.map { kind in environment.map { Permission(kind, $0) } } ?? [], for: principal)
  }

  /// - Parameter wanted: what is to be granted when it is missing: one of them, best the first.
  private func require(
    _ verdict: Permissions.Verdict, _ wanted: [Permission], for principal: Principal
  ) async throws {
    switch verdict {
    case .granted: return
    case .refused(let error): throw error
    case .missing(let error):
      try await inTurn {
        if granted[principal, default: []].contains(where: { one in wanted.contains(where: one.includes) }) { return }
        guard let permission = wanted.first(where: principal.mayHold) else { throw error }
        // As for protected environments: a branch of its own, and an answer that a resumed run has already.
        let call = RecordedCall(
          "permit", ["who": .string(name(of: principal)), "what": .string(permission.description)],
          title: "allow \(permission)", origin: CallOrigin(branch: "/permit/\(name(of: principal))/\(permission)"))
        let live: () async throws -> Document = {
          if self.isRehearsal { throw ReplayEnd(isEarly: true) }
          guard self.canAsk else { throw error }
          try await self.askFor(permission, for: principal, otherwise: error)
          return true
        }
        _ = try await recorder.answer(call, live: live)
        granted[principal, default: []].append(permission)
      }
    }
  }

  private func askFor(_ permission: Permission, for principal: Principal, otherwise error: GatewayError) async throws {
    let file = principal == .script ? "apig.yaml" : "apig.lock"
    let answer = try await Prompt.line(
      "\(name(of: principal)) wants \(permission).".withoutControlCharacters
        + "\n  Allow it [o]nce, for this [p]roject (\(file)), or [r]efuse? [o/p/R] ")
    switch answer?.lowercased() {
    case "o", "once": break
    case "p", "project": try keep(permission, for: principal)
    default: throw error
    }
  }

  /// For questions.
  private func name(of principal: Principal) -> String {
    switch principal {
    case .script: script
    case .package(let package): package.title
    }
  }

  /// The value of a secret: of the variable that bears its name.
  ///
  /// - Throws: ``GatewayError``; `CancellationError`.
  func secret(_ name: String) async throws -> String {
    try await permit(Permission(.secret, name))
    let variable = EnvironmentVariables.secretPrefix + name.uppercased().replacing("-", with: "_")
    guard let value = settings.variables[variable] else {
      throw GatewayError(kind: .usage, message: "there is no secret '\(name)'", hint: "set \(variable)")
    }
    return value
  }

  private func keep(_ permission: Permission, for principal: Principal) throws {
    if case .package(let package) = principal { return try keepGrant(permission, package) }
    let path = settings.configurationFiles.first { $0.hasSuffix("/apig.yaml") } ?? folder + "/apig.yaml"
    let permission = permission.seen(from: settings.project)
    guard PermissionList.add(permission, to: path) else {
      StandardStream.error.write(
        "warning: \(path) cannot take it up by itself; add to permissions: allow: \"\(permission)\"\n")
      return
    }
    StandardStream.error.write("granted in \(path)\n")
  }

  // MARK: - Asking

  private var canAsk: Bool { !settings.asksNobody && Prompt.isPossible }

  private func answer(_ question: Question, protecting environment: EnvironmentProfile?) async throws {
    if isRehearsal { throw ReplayEnd(isEarly: true) }
    // What was typed in a session before a question is no answer to it.
    if changeReview != nil, environment != nil, canAsk { tcflush(STDIN_FILENO, TCIFLUSH) }
    let text = question.text.withoutControlCharacters
    if let environment, environment.protection == .typeName {
      guard canAsk else {
        throw refusal(
          "\(environment.name) wants its name typed: \(text)", hint: "run it on a terminal; --yes is not enough")
      }
      let typed = try await Prompt.line("\(text)\n  Type the environment's name to go on: ")
      guard typed == environment.name else {
        throw refusal("what was typed is not '\(environment.name)': \(text)", hint: nil)
      }
      return
    }
    if settings.saysYes { return }
    guard canAsk else { throw refusal("nobody was asked: \(text)", hint: "--yes says yes to it") }
    for _ in 0..<3 {
      let words = try await Prompt.line("\(text)\n  Go on? \(question.isYesByDefault ? "[Y/n]" : "[y/N]") ")
      switch words?.lowercased() {
      case "y", "yes": return
      case "" where question.isYesByDefault: return
      case nil, "", "n", "no": throw refusal("the answer was no: \(text)", hint: nil)
      default: continue
      }
    }
    throw refusal("there was no answer: \(text)", hint: "answer y or n")
  }

  private func refusal(_ message: String, hint: String?) -> GatewayError {
    let reason: String? =
      canAsk
      ? nil
      : settings.asksNobody
        ? "--no-input or APIG_NO_INPUT forbids asking" : "standard input and error are no terminal"
    let hints = [reason, hint].compactMap(\.self).joined(separator: "; ")
    return GatewayError(kind: .refused, message: message, hint: hints.isEmpty ? nil : hints)
  }

  /// One question at a time, whoever asks.
  private func inTurn<Value>(_ body: () async throws -> Value) async throws -> Value {
    while isBusy { await withCheckedContinuation { waiting.append($0) } }
    isBusy = true
    defer {
      isBusy = false
      if !waiting.isEmpty { waiting.removeFirst().resume() }
    }
    try Task.checkCancellation()
    return try await body()
  }
}

extension Principal {
  /// Whether it can be granted something: a package gets what its manifest asks for, by the name that stands there.
  fileprivate func mayHold(_ permission: Permission) -> Bool {
    guard case .package(let package) = self else { return true }
    return package.declared.contains { $0.includes(permission) }
  }
}
