public import GatewayAPI
public import GatewaySigning

/// How a local gateway is set up.
public struct LocalGatewayConfiguration: Sendable {
  public enum Storage: Sendable, Hashable {
    /// A SQLite file; made, with its folder, when it is not there.
    case file(String)
    /// Gone when the gateway stops.
    case memory
  }

  public enum Authentication: Sendable, Hashable {
    /// Signatures and tokens are verified.
    case required
    /// Every request is let in.
    case none
  }

  /// Address it listens on.
  public var host = "127.0.0.1"
  /// Port it listens on; 0 for any free one.
  public var port = 0
  public var storage: Storage
  public var authentication = Authentication.required
  /// Whether a new store gets the demo project.
  public var hasDemo = true
  /// What a new store holds instead of the demo project.
  public var seed: Seed?
  /// Whether only the instance `local` exists.
  public var hasStrictIDs = false
  public var rules = PublicationState.Rules()
  /// Faults that hold from the start, beside those of the data file, and end with this gateway.
  public var faults: [FaultRule] = []
  /// How much later calls of published APIs see a change.
  public var propagation = Duration.zero
  /// Whether the routes under `/_local/` are served; nil: only when it listens on loopback.
  public var hasAdmin: Bool?
  /// How long tokens and temporary access keys live; at least a second.
  public var tokenLifetime = Duration.seconds(86_400)
  /// The moment; tests set their own.
  public var now: @Sendable () -> Timestamp = { Timestamp.now() }
  /// What faults of the rate go by.
  public var time = MonotonicTime()

  public init(storage: Storage) { self.storage = storage }

  /// The credential that the demo project takes.
  public static let demoCredential = Credential(accessKey: "local", secretKey: "local-secret")
  /// A temporary pair that the demo project takes; it never expires.
  public static let demoTemporaryCredential = Credential(
    accessKey: "local-temporary", secretKey: "local-temporary-secret", securityToken: "local-security-token")
  /// The token that the demo project takes.
  public static let demoToken = "local-token"

  /// Whether only programs of this machine can reach it.
  var isLoopback: Bool { LoopbackAddress.names(host) }
}
