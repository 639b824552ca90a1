public import GatewayAPI

/// A plan as it is saved: what was planned, what it rests on, and what script makes it.
public struct ReleasePlan: Sendable, Hashable {
  /// A text that the plan was made with.
  public struct Source: Sendable, Hashable {
    /// As messages name it; a module's name is what `require` gets.
    public var name: String
    /// nil for what lies in no file.
    public var path: String?
    public var digest: String
    /// The text itself, where it can be read nowhere again.
    public var text: String?

    public init(name: String, path: String? = nil, digest: String, text: String? = nil) {
      self.name = name
      self.path = path
      self.digest = digest
      self.text = text
    }
  }

  /// The gateway that was read.
  public struct Target: Sendable, Hashable {
    /// Its name here.
    public var name: String
    /// What tells it from all others, whatever it is called.
    public var identity: String

    public init(name: String, identity: String) {
      self.name = name
      self.identity = identity
    }
  }

  /// `p-7F2QK`
  public var id: String
  /// RFC 3339, UTC.
  public var createdAt: String
  /// user@host
  public var createdBy: String
  public var script: Source
  public var modules: [Source]
  /// The playbook's parameters as given, by name.
  public var parameters: [String: String]
  /// Digests of those that are secret: apply must be given them again.
  public var secretDigests: [String: String]
  /// The words behind a script that declares no parameters.
  public var arguments: [String]
  /// The environment for calls that name none.
  public var environment: String?
  public var isIsolated: Bool
  public var gateway: Target
  public var reads: [PlannedRead]
  /// In the order in which the script makes them.
  public var changes: [PlannedChange]
  public var otherChanges: [PlannedOtherChange]
  /// What planned IDs stand for.
  public var labels: [String: String]
  /// Of the script's random numbers, which are the same when it is applied.
  public var seed: UInt64
  /// What people are told of it: verdicts, waves, costs.
  public var summary: Document
  /// Why it cannot be applied; nil when it can.
  public var obstacle: String?

  public init(
    id: String, createdAt: String, createdBy: String, script: Source, modules: [Source] = [],
    parameters: [String: String] = [:], secretDigests: [String: String] = [:], arguments: [String] = [],
    environment: String? = nil, isIsolated: Bool = false, gateway: Target, reads: [PlannedRead] = [],
    changes: [PlannedChange] = [], otherChanges: [PlannedOtherChange] = [], labels: [String: String] = [:],
    seed: UInt64 = 0,
    summary: Document = .null, obstacle: String? = nil
  ) {
    self.id = id
    self.createdAt = createdAt
    self.createdBy = createdBy
    self.script = script
    self.modules = modules
    self.parameters = parameters
    self.secretDigests = secretDigests
    self.arguments = arguments
    self.environment = environment
    self.isIsolated = isIsolated
    self.gateway = gateway
    self.reads = reads
    self.changes = changes
    self.otherChanges = otherChanges
    self.labels = labels
    self.seed = seed
    self.summary = summary
    self.obstacle = obstacle
  }

  /// A name for a new plan.
  public static func newID(using generator: inout some RandomNumberGenerator) -> String {
    let alphabet = Array("0123456789ABCDEFGHJKMNPQRSTVWXYZ")
    return "p-" + String((0..<5).map { _ in alphabet[Int.random(in: 0..<32, using: &generator)] })
  }

  /// By what a store knows that the plan was used: the name, which is short, and what it says.
  public var useKey: String { "\(id) \(digest)" }
}

/// Why a file is no plan that can be used.
public struct PlanFileError: Error, Sendable, Hashable {
  /// One sentence without a full stop, to follow the file's name.
  public let message: String
  public let hint: String?
}
