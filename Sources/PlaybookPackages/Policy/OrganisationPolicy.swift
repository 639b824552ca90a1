public import Foundation
public import GatewayAPI

/// What an organisation allows at most, whoever runs a script: it can only narrow.
///
/// ```yaml
/// require_signed: true                       # packages: signed by somebody whom allowed_signers names
/// operations: [read, publish, switch]        # of the permissions' vocabulary; all others are forbidden
/// environments: [STAGING, RELEASE]           # where changes may be made, by name
/// groups: ["payments*"]                      # whose APIs may be changed; * stands for any characters
/// hours:                                     # when changes may be made: at one of these times
///   - { days: mon-fri, from: "08:00", to: "18:00", zone: Europe/Berlin }
/// max_apis: 50                               # the most APIs that one run may change
/// ```
public struct OrganisationPolicy: Sendable, Hashable {
  /// Largest policy, in bytes.
  static let maximumSize = 64 << 10

  /// Whether only signed packages are taken.
  public var requiresSigned = false
  /// What may be done at all, each kind once; nil for everything.
  public var operations: [Permission.Kind]?
  /// Patterns of the environments in which changes may be made, one of each list; empty for all.
  public var environments: [[String]] = []
  /// Patterns of the groups whose APIs may be changed, one of each list; empty for all.
  public var groups: [[String]] = []
  /// When changes may be made: at a time of each list; empty for always.
  public var hours: [[PolicyHours]] = []
  /// The most APIs that one run may change; nil for no limit.
  public var maximumAPIs: Int?

  /// Allows everything.
  public init() {}

  /// What two policies allow together: what both do.
  public func narrowed(by other: OrganisationPolicy) -> OrganisationPolicy {
    var both = self
    both.requiresSigned = requiresSigned || other.requiresSigned
    both.operations =
      operations.map { own in own.filter { other.operations?.contains($0) ?? true } } ?? other.operations
    both.environments += other.environments
    both.groups += other.groups
    both.hours += other.hours
    both.maximumAPIs = [maximumAPIs, other.maximumAPIs].compactMap(\.self).min()
    return both
  }

  /// Whether something of the kind may be done at all.
  public func allows(_ kind: Permission.Kind) -> Bool { operations?.contains(kind) ?? true }

  /// Whether changes may be made in an environment of this name.
  public func allowsChanges(inEnvironment name: String) -> Bool {
    environments.allSatisfy { $0.contains { Glob($0).matches(name) } }
  }

  /// Whether APIs of a group of this name may be changed.
  public func allowsChanges(inGroup name: String) -> Bool {
    groups.allSatisfy { $0.contains { Glob($0).matches(name) } }
  }

  /// Whether changes may be made at a time.
  public func allowsChanges(at time: Date) -> Bool {
    hours.allSatisfy { $0.contains { $0.contains(time) } }
  }
}
