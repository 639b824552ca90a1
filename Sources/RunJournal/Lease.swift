public import GatewayAPI

/// What a lease is about: one environment of one gateway, nothing wider.
public struct LeaseScope: Sendable, Hashable, CustomStringConvertible {
  /// What tells the gateway from all others, whatever it is called here: endpoint and instance.
  public var gatewayID: String
  public var environmentID: String
  /// For people: "prod-cn4/RELEASE".
  public var name: String

  public init(gatewayID: String, environmentID: String, name: String) {
    self.gatewayID = gatewayID
    self.environmentID = environmentID
    self.name = name
  }

  public var description: String { name }

  public static func == (left: LeaseScope, right: LeaseScope) -> Bool {
    left.gatewayID == right.gatewayID && left.environmentID == right.environmentID
  }

  public func hash(into hasher: inout Hasher) {
    hasher.combine(gatewayID)
    hasher.combine(environmentID)
  }
}

/// Proof of holding a lease; a later holder's is greater.
public struct Fence: Sendable, Hashable {
  public var scope: LeaseScope
  public var number: Int64
  public var run: String

  public init(scope: LeaseScope, number: Int64, run: String) {
    self.scope = scope
    self.number = number
    self.run = run
  }
}

/// Who holds an environment.
public struct Lease: Sendable, Hashable {
  public var fence: Fence
  /// user@host
  public var holder: String
  /// The holder's host alone, and its process there.
  public var host: String
  public var process: ProcessIdentity
  /// As typed: "release.lua --group orders".
  public var command: String
  public var since: Timestamp
  public var expires: Timestamp
  /// Whether its run recorded an intent under it: the environment is then the run's until it finishes or is undone,
  /// also when the time is up.
  public var hasChanges: Bool

  public init(
    fence: Fence, holder: String, host: String, process: ProcessIdentity, command: String, since: Timestamp,
    expires: Timestamp, hasChanges: Bool = false
  ) {
    self.fence = fence
    self.holder = holder
    self.host = host
    self.process = process
    self.command = command
    self.since = since
    self.expires = expires
    self.hasChanges = hasChanges
  }
}

extension Lease {
  /// Whether its holder may still be at work: its time is not up, and its process not seen to be gone.
  ///
  /// - Parameter host: from where that is looked at; only on its own host a process can be seen.
  public func isLive(at now: Timestamp, seenFrom host: String) -> Bool {
    expires > now && !(self.host == host && process.isGone)
  }

  /// Whether what its run changed stands there, neither finished nor undone: time alone does not end that.
  ///
  /// - Parameter state: the run's; nil when the journal does not have it.
  public func isKept(forRun state: RunRecord.State?) -> Bool { hasChanges && state?.isUnfinished ?? false }
}

/// A wish for a lease.
public struct LeaseClaim: Sendable, Hashable {
  public var scope: LeaseScope
  public var run: String
  /// user@host
  public var holder: String
  public var host: String
  public var process: ProcessIdentity
  public var command: String
  public var expires: Timestamp

  public init(
    scope: LeaseScope, run: String, holder: String, host: String, process: ProcessIdentity, command: String,
    expires: Timestamp
  ) {
    self.scope = scope
    self.run = run
    self.holder = holder
    self.host = host
    self.process = process
    self.command = command
    self.expires = expires
  }
}

/// What comes of a claim.
public enum LeaseAnswer: Sendable, Hashable {
  case granted(Lease)
  /// Another run holds it, or stopped with changes made and neither went on nor was undone: its lease may have lapsed.
  case held(Lease)
}
