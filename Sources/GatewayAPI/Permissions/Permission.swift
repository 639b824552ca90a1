/// Something that a script may be allowed or denied to do: `http:https://api.example.com`, `publish:RELEASE`.
public struct Permission: Sendable, Hashable, CustomStringConvertible {
  public enum Kind: String, Sendable, Hashable, CaseIterable {
    case read, export, publish, offline
    case switchVersion = "switch"
    case http
    case readFile = "file.read"
    case writeFile = "file.write"
    case secret, environ

    /// What stands behind the colon; nil where nothing does.
    var object: String? {
      switch self {
      case .read, .export: nil
      case .publish, .offline, .switchVersion: "ENV"
      case .http: "ORIGIN"
      case .readFile, .writeFile: "PATH"
      case .secret: "NAME"
      case .environ: "VAR"
      }
    }
  }

  public let kind: Kind
  /// What it is about: an environment, an origin, a path, a name; `*` for every one. Empty where there is none.
  public let object: String

  public init(_ kind: Kind, _ object: String = "") {
    self.kind = kind
    // The variable that has the value is the same for all of these spellings.
    self.object = kind == .secret ? object.lowercased().replacing("_", with: "-") : object
  }

  /// Reads what ``description`` writes.
  ///
  /// - Throws: ``PermissionError``.
  public init(_ text: String) throws(PermissionError) {
    let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    let words = Kind.allCases.map(\.rawValue)
    guard let kind = Kind(rawValue: parts[0]) else {
      throw PermissionError(
        message: "there is no permission '\(parts[0])'",
        hint: Suggestion.closest(to: parts[0], in: words).map { "did you mean '\($0)'?" }
          ?? "there are \(Kind.allCases.map(\.form).joined(separator: ", "))")
    }
    let object = parts.count > 1 ? parts[1] : ""
    guard (kind.object != nil) == !object.isEmpty else {
      throw PermissionError(message: "'\(text)' is no whole permission", hint: "write \(kind.form)")
    }
    self.init(kind, kind == .http && object != "*" ? try Self.origin(object) : object)
  }

  private static func origin(_ text: String) throws(PermissionError) -> String {
    guard let origin = WebOrigin(of: text) else {
      throw PermissionError(message: "'\(text)' is no origin", hint: "write http:https://HOST or http:http://HOST:PORT")
    }
    let rest = text.lowercased().hasPrefix(origin.description) ? text.dropFirst(origin.description.count) : ""
    guard rest.isEmpty || rest == "/" || rest.hasPrefix(":") else {
      throw PermissionError(
        message: "'\(text)' is more than an origin", hint: "permissions go by host: http:\(origin)")
    }
    return origin.description
  }

  public var description: String { object.isEmpty ? kind.rawValue : "\(kind.rawValue):\(object)" }

  /// Whether whoever has this one has the other, too.
  public func includes(_ other: Permission) -> Bool {
    guard kind == other.kind else { return false }
    if object == "*" { return true }
    guard kind.isAboutFiles else { return object == other.object }
    // Byte by byte, as file systems have it: to a String, é is the same however it is spelt.
    let folder = object.utf8.last == UInt8(ascii: "/") ? object : object + "/"
    return (other.object + "/").utf8.starts(with: folder.utf8)
  }
}

extension Permission.Kind {
  /// Whether its object is a path.
  public var isAboutFiles: Bool { self == .readFile || self == .writeFile }

  fileprivate var form: String { object.map { "\(rawValue):\($0)" } ?? rawValue }
}

/// Text that is no permission.
public struct PermissionError: Error, Sendable, Hashable {
  public let message: String
  public let hint: String?
}

/// What was granted and what was denied; the denial counts more.
public struct Permissions: Sendable, Hashable {
  public var allowed: [Permission]
  public var denied: [Permission]
  /// The kinds that an organisation's policy leaves, a few; nil for all.
  public var kinds: [Permission.Kind]?

  public init(allowed: [Permission] = [], denied: [Permission] = []) {
    self.allowed = allowed
    self.denied = denied
  }

  /// Whether anything is forbidden at all.
  public var isNarrow: Bool { kinds != nil || !denied.isEmpty }

  public func isDenied(_ permission: Permission) -> Bool { denied.contains { $0.includes(permission) } }

  public func isAllowed(_ permission: Permission) -> Bool {
    allowed.contains { $0.includes(permission) } && !isDenied(permission)
  }

  /// - Throws: `GatewayError` of kind `refused` when it was denied.
  public func refuseDenied(_ permission: Permission) throws(GatewayError) {
    if isDenied(permission) { throw refusal(of: permission) }
  }

  /// Why something may not be done.
  public func refusal(of permission: Permission) -> GatewayError {
    if let denial = denied.first(where: { $0.includes(permission) }) {
      return GatewayError(
        kind: .refused, message: "\(permission) is denied", hint: "by \(denial); take the denial away if that is wrong")
    }
    return GatewayError(
      kind: .refused, message: "\(permission) is not granted",
      hint: "run with --allow \(permission), or add it to permissions: allow: in apig.yaml")
  }
}
