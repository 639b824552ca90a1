internal import GatewayAPI
internal import GatewaySigning

/// What a source holds: the secrets as they are written there, checked to be complete.
public struct FoundCredential: Sendable {
  /// The forms that a credential may be written in.
  public enum Form: Sendable {
    case token(Secret)
    case accessKey(String, secretKey: Secret, securityToken: Secret?)
    case password(PasswordLogin.User, PasswordSource)
    case process([String])
  }

  /// Where a password comes from.
  public enum PasswordSource: Sendable {
    case text(Secret)
    case process([String])
  }

  public var form: Form
  /// The agency to assume with it.
  public var agency: Agency?
  public var region: String?
  public var projectID: String?
  public var identityEndpoint: String?

  public init(form: Form) { self.form = form }

  /// For people, without a secret: "access key AKIA…7Q".
  public var title: String {
    let own =
      switch form {
      case .token: "token"
      case .accessKey(let key, _, let securityToken):
        "\(securityToken == nil ? "" : "temporary ")access key \(maskedAccessKey(key))"
      case .password(let user, _): "IAM token of user \(user.title)"
      case .process(let words): "what \(words.first ?? "") writes"
      }
    return agency.map { "agency \($0.name) of \($0.domain.title), by \(own)" } ?? own
  }
}

extension FoundCredential {
  static func title(of issued: IssuedCredential) -> String {
    let end = issued.expiresAt.map { ", valid until \($0.text)" } ?? ""
    switch issued.authentication {
    case .accessKey(let credential): return "temporary access key \(maskedAccessKey(credential.accessKey))\(end)"
    case .token: return "token\(end)"
    case .none: return "no credential"
    }
  }
}
