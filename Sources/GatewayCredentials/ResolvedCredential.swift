public import GatewaySigning

/// The credential that is used, and why.
public struct ResolvedCredential: Sendable {
  /// A source that was looked at before, and why it does not apply.
  public struct Attempt: Sendable, Hashable {
    public let source: String
    public let reason: String

    public init(source: String, reason: String) {
      self.source = source
      self.reason = reason
    }
  }

  public let provider: any CredentialProvider
  /// What it comes from: "HUAWEICLOUD_SDK_AK, HUAWEICLOUD_SDK_SK", "profile 'prod'".
  public let source: String
  /// Where that is written: "environment", "config.yaml:3:5".
  public let place: String
  /// For people, without a secret: "access key AKIA…7Q".
  public let title: String
  public let tried: [Attempt]
  /// The project that the source names.
  public let projectID: String?
  /// The region that the source names.
  public let region: String?
  /// The address of IAM that the source names.
  public let identityEndpoint: String?
  /// What is not as safe as it should be.
  public let warnings: [String]
}
