internal import GatewayAPI
internal import GatewaySigning

/// The part of the identity service that clients of the gateway need: tokens, projects, temporary access keys, and the
/// metadata service of a cloud server.
struct IdentityService: Sendable {
  let configuration: LocalGatewayConfiguration
  let clock: GatewayClock
  let credentials: CredentialStore
  let authentication: CallAuthentication

  /// `POST /v3/auth/tokens`.
  ///
  /// - Throws: ``IdentityFault``, ``Fault``.
  func issueToken(_ request: IncomingRequest) async throws -> Reply {
    let wanted = try TokenRequest(
      try request.json(isNeeded: true), headerToken: request.signable.header("x-auth-token"))
    let now = clock.now()
    // A token made of a token ends with it.
    let end = try prove(wanted, request) ?? Self.end(of: lifetime, from: now)
    let value = try await credentials.makeToken(expires: end, now: now)
    var members: [String: Document] = [
      "expires_at": .string(end.text), "issued_at": .string(now.text),
      "methods": .array(wanted.methods.map(Document.string)), "user": user(wanted),
      "roles": [["id": "0", "name": "te_admin"], ["id": "0", "name": "apig_adm"]],
    ]
    switch wanted.scope {
    case .project(let id, let name): members["project"] = Self.project(id: id, name: name, domain: wanted.domain)
    case .domain(let id, let name):
      members["domain"] = ["id": .string(id ?? name ?? ""), "name": .string(name ?? id ?? "")]
    case nil: members["domain"] = ["id": .string(wanted.domain), "name": .string(wanted.domain)]
    }
    if !request.signable.query.contains(where: { $0.name == "nocatalog" }) { members["catalog"] = catalog(request) }
    return Reply(status: 201, body: .json(["token": .object(members)]), headers: [("X-Subject-Token", value)])
  }

  /// `GET /v3/projects`: every region has its project.
  func listProjects(_ request: IncomingRequest) throws -> Reply {
    try requireCredential(request)
    let name = request.signable.query.last { $0.name == "name" }?.value
    return .json([
      "projects": [Self.project(id: nil, name: name ?? "local", domain: "local", isListed: true)], "links": [:],
    ])
  }

  /// `POST /v3.0/OS-CREDENTIAL/securitytokens`.
  ///
  /// - Throws: ``IdentityFault``, ``Fault``.
  func issueTemporaryKey(_ request: IncomingRequest) async throws -> Reply {
    let wanted = try TokenRequest(
      try request.json(isNeeded: true), headerToken: request.signable.header("x-auth-token"))
    if case .password = wanted.proof {
      throw IdentityFault.malformed("Invalid methods \(wanted.methods): token and assume_role are served")
    }
    _ = try prove(wanted, request)
    return .json(try await temporaryKey(lifetime: min(lifetime, .seconds(wanted.duration ?? 900))), status: 201)
  }

  /// `GET /openstack/latest/securitykey`: whoever can ask on this machine is the machine.
  func serverKey() async throws -> Reply { .json(try await temporaryKey(lifetime: lifetime)) }

  private var lifetime: Duration { max(.seconds(1), configuration.tokenLifetime) }

  /// To the second, and never early.
  private static func end(of lifetime: Duration, from now: Timestamp) -> Timestamp {
    Timestamp(seconds: Timestamp(microseconds: now.microseconds + lifetime.microseconds + 999_999).seconds)
  }

  private func temporaryKey(lifetime: Duration) async throws -> Document {
    let now = clock.now()
    let end = Self.end(of: lifetime, from: now)
    let key = try await credentials.makeTemporaryKey(expires: end, now: now)
    return [
      "credential": [
        "access": .string(key.accessKey), "secret": .string(key.secretKey),
        "securitytoken": .string(key.securityToken ?? ""), "expires_at": .string(end.text),
      ]
    ]
  }

  /// - Returns: when the credential that was shown ends, if what is made of it must not outlive it.
  private func prove(_ wanted: TokenRequest, _ request: IncomingRequest) throws -> Timestamp? {
    switch wanted.proof {
    case .password(let user, let id, let password):
      guard id == "local" || (id == nil && user == "local"), password == "local" else {
        throw IdentityFault.wrongPassword
      }
      if let passcode = wanted.passcode {
        guard passcode.count == 6, passcode.allSatisfy({ $0.isASCII && $0.isNumber }) else {
          throw IdentityFault(status: 401, message: "The verification code is wrong: it has six digits.")
        }
      }
      return nil
    case .token(let token):
      do {
        return try authentication.checkToken(token)
      } catch let fault as Fault where fault.status == 401 {
        throw IdentityFault.notAuthenticated
      }
    case .agency:
      try requireCredential(request)
      return nil
    }
  }

  private func requireCredential(_ request: IncomingRequest) throws {
    do {
      _ = try authentication.check(request.signable)
    } catch let fault as Fault where fault.status == 401 {
      throw IdentityFault.notAuthenticated
    }
  }

  private func user(_ wanted: TokenRequest) -> Document {
    let domain: Document = ["id": .string(wanted.domain), "name": .string(wanted.domain)]
    if case .agency(let name, let account) = wanted.proof {
      return [
        "id": .string(Identifier.stable("agency \(account)/\(name)")), "name": .string("\(account)/\(name)"),
        "domain": domain,
      ]
    }
    return ["id": "local", "name": "local", "domain": domain, "password_expires_at": ""]
  }

  /// A project has the ID that it is asked for with, else the one that its name always gets.
  private static func project(id: String?, name: String?, domain: String, isListed: Bool = false) -> Document {
    let name = name ?? id ?? ""
    let id = id ?? Identifier.stable("project \(name)")
    if isListed {
      return [
        "id": .string(id), "name": .string(name), "domain_id": .string(domain), "parent_id": .string(domain),
        "is_domain": false, "enabled": true, "description": "",
      ]
    }
    return [
      "id": .string(id), "name": .string(name), "domain": ["id": .string(domain), "name": .string(domain)],
    ]
  }

  /// Every service it names is this gateway.
  private func catalog(_ request: IncomingRequest) -> Document {
    let url = "http://\(request.signable.header("host") ?? "127.0.0.1")"
    let services = [("apig", "\(url)/v2"), ("iam", "\(url)/v3")].map { name, url -> Document in
      [
        "id": .string(Identifier.stable("service \(name)")), "name": .string(name), "type": .string(name),
        "endpoints": [
          [
            "id": .string(Identifier.stable("endpoint \(name)")), "interface": "public", "region": "local",
            "region_id": "local", "url": .string(url),
          ]
        ],
      ]
    }
    return .array(services)
  }
}
