public import GatewayAPI
public import ReleaseEngine

extension Permissions {
  /// What becomes of something that code wants to do.
  public enum Verdict: Sendable, Hashable {
    case granted
    /// Who runs it may still grant it; the error is what it comes to when nobody does.
    case missing(GatewayError)
    case refused(GatewayError)
  }

  /// Decides whether code may do something. The one place where that is decided.
  ///
  /// - Parameters:
  ///   - kind: what it wants to do.
  ///   - objects: all names of what it is about: an environment has a name, an ID, and perhaps one in `apig.yaml`.
  ///     Denied is what is denied by any of them, granted what is granted by any. Empty for what is about nothing.
  public func verdict(
    on kind: Permission.Kind, _ objects: [String] = [], for principal: Principal
  ) -> Verdict {
    if let kinds, !kinds.contains(kind) { return .refused(Self.forbidden(kind.rawValue)) }
    let wanted = objects.isEmpty ? [Permission(kind)] : objects.map { Permission(kind, $0) }
    if let denied = wanted.first(where: isDenied) { return .refused(refusal(of: denied)) }
    switch principal {
    case .script:
      // The environments that a change needs a confirmation for ask by themselves.
      if kind.isGatewayOperation || wanted.contains(where: isAllowed) { return .granted }
      return .missing(refusal(of: wanted[0]))
    case .package(let package):
      func holds(_ list: [Permission]) -> Bool { wanted.contains { one in list.contains { $0.includes(one) } } }
      guard holds(package.declared) else { return .refused(package.refusal(of: wanted[0], isDeclared: false)) }
      return holds(package.granted) ? .granted : .missing(package.refusal(of: wanted[0], isDeclared: true))
    }
  }
}

extension Permissions {
  /// Decides whether code may make a change.
  ///
  /// - Parameter environment: all names of the environment whose APIs it changes; empty when it changes none.
  public func verdict(on change: PendingChange, in environment: [String], for principal: Principal) -> Verdict {
    if change.isRelease, let kind = Permission.Kind(changing: change.operation) {
      return verdict(on: kind, environment, for: principal)
    }
    // No word of the vocabulary is about it: a policy that lists what may be done leaves it out.
    if kinds != nil { return .refused(Self.forbidden(change.operation)) }
    switch principal {
    case .script: return .granted
    case .package(let package): return .refused(package.refusal(ofChange: change.operation))
    }
  }

  private static func forbidden(_ operation: String) -> GatewayError {
    GatewayError(
      kind: .refused, message: "the organisation's policy forbids \(operation)",
      hint: "its operations: do not name it; the policy is in /etc/apig-lua/policy.yaml, or in the user's policy.yaml")
  }
}

extension Permission.Kind {
  /// Whether it is about the gateways' management API.
  public var isGatewayOperation: Bool {
    switch self {
    case .read, .export, .publish, .offline, .switchVersion: true
    case .http, .readFile, .writeFile, .secret, .environ: false
    }
  }
}

extension PackagePrincipal {
  /// Why a package may not do something.
  func refusal(of permission: Permission, isDeclared: Bool) -> GatewayError {
    let grants = granted.isEmpty ? "nothing" : granted.map(\.description).joined(separator: ", ")
    let reason =
      isDeclared
      ? "granted to it by apig.lock: \(grants)"
      : "its manifest does not ask for that, so nobody can grant it; granted by apig.lock: \(grants)"
    return GatewayError(
      kind: .refused, message: "\(title) wants \(permission)",
      hint: "\(reason); if it is intended: apig-lua pkg update \(name) --review")
  }

  /// Why it may not make a change that no permission is about.
  func refusal(ofChange operation: String) -> GatewayError {
    GatewayError(
      kind: .refused, message: "\(title) wants \(operation), which no package may",
      hint: "packages publish, take offline and switch versions, as far as they are granted; let the script do the rest"
    )
  }
}
