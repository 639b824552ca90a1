/// An IAM user who proves who they are with a password.
public struct PasswordLogin: Sendable, Hashable {
  /// How the user is named: by name within an account, or by ID.
  public enum User: Sendable, Hashable {
    case name(String, domain: DomainReference)
    case id(String)

    /// For messages: "release of acme".
    public var title: String {
      switch self {
      case .name(let name, let domain): "\(name) of \(domain.title)"
      case .id(let id): id
      }
    }
  }

  public var user: User
  public var password: Secret

  public init(user: User, password: Secret) {
    self.user = user
    self.password = password
  }
}

/// An account ("domain" in IAM's words), by name or by ID.
public enum DomainReference: Sendable, Hashable {
  case name(String)
  case id(String)

  var title: String {
    switch self {
    case .name(let text), .id(let text): text
    }
  }
}

/// What a token is good for.
public enum TokenScope: Sendable, Hashable {
  case projectID(String)
  /// By name; the project that every region has bears the region's name.
  case projectName(String)
}

/// An agency: rights that another account grants to ours.
public struct Agency: Sendable, Hashable {
  public var name: String
  /// The account that grants them.
  public var domain: DomainReference

  public init(name: String, domain: DomainReference) {
    self.name = name
    self.domain = domain
  }
}
