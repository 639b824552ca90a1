public import GatewayAPI

/// What stands between a script and the world beside the gateway's management API: time, other servers, the person at
/// the terminal, permissions.
///
/// Nothing of it is for scripts to use unrecorded: whoever calls one of these does so inside the run's recorder.
public struct ScriptSurroundings: Sendable {
  /// Waits; ends early with `CancellationError` when the task is cancelled.
  public var sleep: @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) }
  /// How long after a change the gateways that were turned to may still serve what ran before.
  public var propagation: @Sendable () async -> Duration = { .seconds(10) }
  /// Sends a request to any server; see `WebRequest`.
  public var send: @Sendable (WebRequest) async throws -> WebAnswer = { _ in
    throw GatewayError(kind: .refused, message: "this run turns to no other servers")
  }
  /// Where the run's gateway serves what is published, when that needs no permission: the local gateway. URLs that
  /// begin with `/` are its.
  public var dataPlane: @Sendable () async throws -> String? = { nil }
  /// Returns when something that needs a grant is allowed.
  ///
  /// - Throws: `GatewayError` of kind `refused`.
  public var permit: @Sendable (Permission) async throws -> Void = { throw Permissions().refusal(of: $0) }
  /// Returns when a person, or who speaks for them, says yes.
  ///
  /// - Throws: `GatewayError` of kind `refused`.
  public var ask: @Sendable (Question) async throws -> Void = { _ in
    throw GatewayError(kind: .refused, message: "there is nobody to ask")
  }
  /// Hears that changing an environment, by name or ID, was confirmed, now or before an interruption.
  public var didConfirm: @Sendable (_ environment: String) async -> Void = { _ in }
  /// A secret by its name, for nobody to see but the server that it is sent to.
  ///
  /// - Throws: `GatewayError` when it is missing or not granted.
  public var secret: @Sendable (_ name: String) async throws -> String = {
    throw Permissions().refusal(of: Permission(.secret, $0))
  }
  /// Reads a file, of at most ``maximumFileSize`` bytes.
  ///
  /// The path is as the script wrote it. The closure is told where that really leads, from the root and without a link
  /// in it, before a byte is read; what it throws is the end of it.
  ///
  /// - Throws: `GatewayError`.
  public var readFile: @Sendable (_ path: String, _ permit: (String) async throws -> Void) async throws -> [UInt8] = {
    _, _ in throw GatewayError(kind: .refused, message: "this run reads no files")
  }
  /// Puts a whole file in the place of the one that is there, if any; without content it only finds out whether that
  /// may be done. Path and closure are as those of ``readFile``.
  ///
  /// - Throws: `GatewayError`.
  public var writeFile:
    @Sendable (_ path: String, _ content: [UInt8]?, _ permit: (String) async throws -> Void) async throws -> Void = {
      _, _, _ in throw GatewayError(kind: .refused, message: "this run writes no files")
    }
  /// A variable of the process's environment; nil for one that is not set. The closure returns when it may be known.
  ///
  /// - Throws: `GatewayError`.
  public var environ: @Sendable (_ name: String, _ permit: () async throws -> Void) async throws -> String? = {
    _, _ in throw GatewayError(kind: .refused, message: "this run tells no environment variables")
  }
  public var permissions = Permissions()

  public init() {}

  /// The most bytes of a file that a script reads or writes: memory and journal hold it whole.
  public static let maximumFileSize = 4 << 20
}

/// What a script wants a person to say yes to.
public struct Question: Sendable, Hashable {
  public var text: String
  /// Name or ID of the environment that it is about.
  public var environment: String?
  /// What an empty line means.
  public var isYesByDefault: Bool

  public init(_ text: String, environment: String? = nil, isYesByDefault: Bool = false) {
    self.text = text
    self.environment = environment
    self.isYesByDefault = isYesByDefault
  }
}
