internal import GatewayAPI

/// What a request to the identity service asks for, and with what it shows who it is.
struct TokenRequest {
  enum Proof: Sendable, Hashable {
    case password(user: String?, id: String?, password: String)
    case token(String)
    /// An agency of another account, for whoever the request's own credential shows.
    case agency(name: String, domain: String)
  }

  enum Scope: Sendable, Hashable {
    case project(id: String?, name: String?)
    case domain(id: String?, name: String?)
  }

  let methods: [String]
  let proof: Proof
  /// The one-time code beside a password.
  let passcode: String?
  /// Nil: the user's own account.
  let scope: Scope?
  /// Name of the user's account.
  let domain: String
  /// The life that was asked for, in seconds.
  let duration: Int?

  /// - Parameter headerToken: `X-Auth-Token`, which the token method takes as well.
  /// - Throws: ``IdentityFault`` with status 400.
  init(_ body: Document?, headerToken: String?) throws {
    guard let auth = body?["auth"], case .object = auth else { throw IdentityFault.malformed("Expecting to find auth") }
    guard let identity = auth["identity"], case .object = identity else {
      throw IdentityFault.malformed("Expecting to find identity in auth")
    }
    methods = identity["methods"]?.arrayValue?.compactMap(\.stringValue) ?? []
    scope = try Self.scope(auth["scope"])
    switch Set(methods) {
    case ["password"], ["password", "totp"]:
      let user = try Self.member("user", of: identity["password"], in: "password")
      domain = try Self.domain(of: user)
      guard let password = user["password"]?.stringValue else {
        throw IdentityFault.malformed("Expecting to find password in user")
      }
      proof = .password(user: user["name"]?.stringValue, id: user["id"]?.stringValue, password: password)
      passcode = methods.contains("totp") ? try Self.passcode(identity["totp"]) : nil
      duration = nil
    case ["token"]:
      guard let token = identity["token"]?["id"]?.stringValue ?? headerToken, !token.isEmpty else {
        throw IdentityFault.malformed("Expecting to find id in token, or X-Auth-Token")
      }
      (proof, passcode, domain) = (.token(token), nil, "local")
      duration = try Self.duration(identity["token"])
    case ["assume_role"]:
      let role = identity["assume_role"]
      guard let name = (role?["agency_name"] ?? role?["xrole_name"])?.stringValue, !name.isEmpty else {
        throw IdentityFault.malformed("Expecting to find agency_name in assume_role")
      }
      guard let account = (role?["domain_name"] ?? role?["domain_id"])?.stringValue, !account.isEmpty else {
        throw IdentityFault.malformed("Expecting to find domain_name or domain_id in assume_role")
      }
      (proof, passcode, domain) = (.agency(name: name, domain: account), nil, account)
      duration = try Self.duration(role)
    default:
      throw IdentityFault.malformed(
        "Invalid methods \(methods): password, password with totp, token and assume_role are served")
    }
  }

  private static func member(_ name: String, of document: Document?, in place: String) throws -> Document {
    guard let member = document?[name], case .object = member else {
      throw IdentityFault.malformed("Expecting to find \(name) in \(place)")
    }
    return member
  }

  /// A user is named by ID, or by name and account.
  private static func domain(of user: Document) throws -> String {
    if let name = (user["domain"]?["name"] ?? user["domain"]?["id"])?.stringValue { return name }
    guard user["id"]?.stringValue != nil else {
      throw IdentityFault.malformed("Expecting to find domain in user, or the user's id")
    }
    return "local"
  }

  private static func passcode(_ totp: Document?) throws -> String {
    guard let passcode = try member("user", of: totp, in: "totp")["passcode"]?.stringValue else {
      throw IdentityFault.malformed("Expecting to find passcode in the user of totp")
    }
    return passcode
  }

  private static func scope(_ scope: Document?) throws -> Scope? {
    guard let scope, scope != .null else { return nil }
    for (name, make) in [("project", Scope.project), ("domain", Scope.domain)] {
      guard let target = scope[name] else { continue }
      let (id, targetName) = (target["id"]?.stringValue, target["name"]?.stringValue)
      guard id?.isEmpty == false || targetName?.isEmpty == false else {
        throw IdentityFault.malformed("Expecting to find id or name in the \(name) of scope")
      }
      return make(id, targetName)
    }
    throw IdentityFault.malformed("Expecting to find project or domain in scope")
  }

  private static func duration(_ place: Document?) throws -> Int? {
    guard let value = place?["duration_seconds"], value != .null else { return nil }
    guard let seconds = value.integerValue, (900...86_400).contains(seconds) else {
      throw IdentityFault.malformed("duration_seconds must be from 900 to 86400")
    }
    return seconds
  }
}
