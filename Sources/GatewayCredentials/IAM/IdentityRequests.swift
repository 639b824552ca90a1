internal import GatewayAPI

/// The bodies that IAM takes, as its reference documents them.
enum IdentityRequests {
  static func token(_ login: PasswordLogin, scope: TokenScope?) -> Document {
    let user: Document
    switch login.user {
    case .name(let name, let domain):
      user = ["name": .string(name), "password": .string(login.password.text), "domain": Self.domain(domain)]
    case .id(let id): user = ["id": .string(id), "password": .string(login.password.text)]
    }
    return auth(["methods": ["password"], "password": ["user": user]], scope: scope)
  }

  static func token(_ agency: Agency, scope: TokenScope?) -> Document {
    auth(["methods": ["assume_role"], "assume_role": role(agency)], scope: scope)
  }

  /// - Parameter seconds: how long the key is to be valid.
  static func temporaryKey(_ agency: Agency, seconds: Int64) -> Document {
    guard case .object(var role) = role(agency) else { return .null }
    role["duration_seconds"] = .integer(seconds)
    return auth(["methods": ["assume_role"], "assume_role": .object(role)], scope: nil)
  }

  private static func auth(_ identity: Document, scope: TokenScope?) -> Document {
    switch scope {
    case nil: ["auth": ["identity": identity]]
    case .projectID(let id)?: ["auth": ["identity": identity, "scope": ["project": ["id": .string(id)]]]]
    case .projectName(let name)?: ["auth": ["identity": identity, "scope": ["project": ["name": .string(name)]]]]
    }
  }

  private static func domain(_ domain: DomainReference) -> Document {
    switch domain {
    case .name(let name): ["name": .string(name)]
    case .id(let id): ["id": .string(id)]
    }
  }

  private static func role(_ agency: Agency) -> Document {
    switch agency.domain {
    case .name(let name): ["agency_name": .string(agency.name), "domain_name": .string(name)]
    case .id(let id): ["agency_name": .string(agency.name), "domain_id": .string(id)]
    }
  }
}
