internal import GatewayAPI
internal import GatewayScripting

extension ScriptSurroundings {
  /// What scripts find around them when the command runs them.
  init(settings: Settings, approvals: Approvals, connections: GatewayConnections, web: WebConnection) {
    self.init(settings: settings, approvals: approvals, web: web) { try await connections.dataPlane() }
    propagation = { await connections.propagation() }
  }

  /// The part that a plan and a run have in common.
  init(
    settings: Settings, approvals: Approvals, web: WebConnection,
    dataPlane: @escaping @Sendable () async throws -> String?
  ) {
    self.init()
    permissions = settings.permissions
    send = { try await web.send($0) }
    self.dataPlane = dataPlane
    permit = { try await approvals.permit($0) }
    secret = { try await approvals.secret($0) }
    let variables = settings.variables
    environ = { name, permit in
      guard !EnvironmentVariables.isCredential(name) else {
        throw GatewayError(
          kind: .refused, message: "\(name) is a credential: no script is told it",
          hint: "apig.secret \"NAME\" stands for \(EnvironmentVariables.secretPrefix)NAME in requests")
      }
      try await permit()
      return variables[name]
    }
    if let places = approvals.places {
      let files = ScriptFiles(places: places)
      readFile = { path, permit in try await files.read(path, permit: permit) }
      writeFile = { path, content, permit in try await files.write(content, to: path, permit: permit) }
    }
    ask = { try await approvals.ask($0) }
    didConfirm = { await approvals.didConfirm($0) }
  }
}
