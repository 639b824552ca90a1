internal import GatewayAPI
internal import GatewayScripting

/// What a script does that nobody has allowed, or somebody has denied.
struct MissingGrants: ScriptRule {
  let permissions: Permissions
  /// Whether something needs no grant: the gateway that the run turns to anyway.
  let isOwn: @Sendable (Permission) -> Bool
  /// What a path of the script needs to be granted; nil for nothing.
  let grantForFile: @Sendable (Permission) -> Permission?

  func findings(in script: ScriptReading) -> [ScriptFinding] {
    var reported: Set<Permission> = []
    var findings: [ScriptFinding] = []
    for call in script.calls {
      for (permission, place) in needs(of: call, script) where !reported.contains(permission) {
        guard let finding = finding(permission, at: place, script) else { continue }
        reported.insert(permission)
        findings.append(finding)
      }
    }
    return findings
  }

  private func finding(_ permission: Permission, at place: Range<Int>, _ script: ScriptReading) -> ScriptFinding? {
    if let denial = permissions.denied.first(where: { $0.includes(permission) }) {
      return script.finding(
        .error, "permission", at: place, "needs \(permission), which is denied",
        "by \(denial); take the denial away if that is wrong")
    }
    // Operations need no grant: what they change is asked for where it is protected.
    guard ![.publish, .offline, .switchVersion, .read, .export].contains(permission.kind),
      !permissions.isAllowed(permission), !isOwn(permission)
    else { return nil }
    return script.finding(
      .error, "permission", at: place, "needs \(permission), not granted",
      "add it to permissions: in apig.yaml, or run with --allow \(permission)")
  }

  private func needs(of call: ScriptCall, _ script: ScriptReading) -> [(Permission, Range<Int>)] {
    call.function.needs.flatMap { need -> [(Permission, Range<Int>)] in
      switch need {
      case .origin(let option):
        guard let value = call.option(option), let origin = origin(of: value, script) else { return [] }
        return [(Permission(.http, origin.description), value.range)]
      case .secret:
        guard let value = call.arguments.first, let name = script.scopes.value(of: value)?.text else { return [] }
        return [(Permission(.secret, name), value.range)]
      case .file(let kind):
        guard let value = call.arguments.first, let path = script.scopes.value(of: value)?.text,
          let permission = grantForFile(Permission(kind, path))
        else { return [] }
        return [(permission, value.range)]
      case .variable:
        guard let value = call.arguments.first, let name = script.scopes.value(of: value)?.text else { return [] }
        return [(Permission(.environ, name), value.range)]
      case .environment(let kind, let options):
        return options.compactMap { option in
          guard let value = call.option(option), let name = script.scopes.value(of: value)?.text else { return nil }
          return (Permission(kind, name), value.range)
        }
      }
    }
  }

  /// Where a URL leads, when enough of its beginning is known.
  private func origin(of value: Expression, _ script: ScriptReading) -> WebOrigin? {
    guard case .string(let bytes, let isWhole)? = script.scopes.value(of: value) else { return nil }
    let text = String(decoding: bytes, as: UTF8.self)
    guard !isWhole else { return WebOrigin(of: text) }
    // What follows could be more of the host's name, unless a path has begun.
    guard let scheme = text.firstRange(of: "://"), text[scheme.upperBound...].contains("/") else { return nil }
    return WebOrigin(of: text)
  }
}
