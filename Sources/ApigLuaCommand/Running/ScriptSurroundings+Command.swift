internal import GatewayAPI
internal import GatewayScripting

extension ScriptSurroundings {
  /// What scripts find around them when the command runs them.
  init(settings: Settings, approvals: Approvals, connections: GatewayConnections, web: WebConnection) {
    self.init()
    permissions = settings.permissions
    propagation = { await connections.propagation() }
    send = { try await web.send($0) }
    dataPlane = { try await connections.dataPlane() }
    permit = { try await approvals.permit($0) }
    secret = { try await approvals.secret($0) }
    ask = { try await approvals.ask($0) }
    didConfirm = { await approvals.didConfirm($0) }
  }
}
