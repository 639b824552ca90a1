package import GatewayAPI
internal import JointTasks
public import RunJournal
internal import Synchronization

/// The locks that one run takes on the environments it changes: at its first change of each, and until it ends.
///
/// A lock is a lease: it is renewed while the run lives and lapses by itself when the run does not.
public actor EnvironmentLocks {
  public struct Configuration: Sendable {
    /// How long a lease lasts without renewal.
    public var lease: Duration = .seconds(120)
    /// How long to wait for someone else to be done; zero says so at once.
    public var patience: Duration = .zero
    /// Hears of locks that are waited for and taken.
    public var onEvent: @Sendable (RunEvent) -> Void = { _ in }

    public init() {}
  }

  private let openStore: JournalOpening
  private let recorder: RunRecorder
  private let configuration: Configuration
  private let gatewayID: String
  private let gatewayName: String
  /// What the run says of itself in a claim.
  private let run: RunRecord
  private var held: [LeaseScope: Fence] = [:]
  private let claims = JointTasks<LeaseScope, Void>()
  private var renewing: Task<Void, Never>?

  /// - Parameters:
  ///   - gatewayID: what tells the gateway from all others, whatever it is called here.
  ///   - gatewayName: what it is called here.
  public init(
    store: @escaping JournalOpening, recorder: RunRecorder, run: RunRecord, gatewayID: String, gatewayName: String,
    configuration: Configuration = Configuration()
  ) {
    openStore = store
    self.recorder = recorder
    self.run = run
    self.gatewayID = gatewayID
    self.gatewayName = gatewayName
    self.configuration = configuration
  }

  /// Takes the lock of an environment, unless the run has it already.
  ///
  /// - Parameter name: the environment's name, for messages.
  /// - Throws: ``EnvironmentHeld`` when someone else has it; `JournalError`.
  public func hold(_ environmentID: String, named name: String?) async throws {
    let scope = LeaseScope(
      gatewayID: gatewayID, environmentID: environmentID, name: "\(gatewayName)/\(name ?? environmentID)")
    if held[scope] != nil { return }
    try await claims.share(of: scope) { try await self.take(scope) }.value()
  }

  private func take(_ scope: LeaseScope) async throws {
    let fence = try await claim(scope)
    // Nothing may be written for the environment without it.
    await recorder.addFence(fence)
    held[scope] = fence
    startRenewing()
  }

  /// Gives every lock back; a later change takes its own again.
  ///
  /// - Parameter settled: whether what the run changed is done with, so that others may go on from there; otherwise they
  ///   get the environments when the run has ended.
  public func release(settled: Bool = false) async {
    renewing?.cancel()
    await renewing?.value
    renewing = nil
    guard !held.isEmpty, let store = try? await openStore() else { return }
    for fence in held.values {
      try? await store.release(fence, settled: settled, now: .now())
      await recorder.removeFence(fence)
    }
    held = [:]
  }

  private func claim(_ scope: LeaseScope) async throws -> Fence {
    let end = ContinuousClock.now + configuration.patience
    var waitsFor: Fence?
    while true {
      let now = Timestamp.now()
      let claim = LeaseClaim(
        scope: scope, run: run.id, holder: run.user, host: run.host, process: run.process, command: run.command,
        expires: now + configuration.lease)
      switch try await openStore().acquire(claim, now: now) {
      case .granted(let lease):
        configuration.onEvent(.didLock(lease, duration: configuration.lease))
        return lease.fence
      case .held(let lease):
        guard ContinuousClock.now < end else { throw EnvironmentHeld(lease: lease) }
        if waitsFor != lease.fence { configuration.onEvent(.willWaitForLock(lease)) }
        waitsFor = lease.fence
        try await Task.sleep(for: .milliseconds(500))
      }
    }
  }

  /// Renews at a third of the lease; after an error it goes on trying, for the lease may last longer than the trouble.
  private func startRenewing() {
    guard renewing == nil else { return }
    let pause = configuration.lease / 3
    renewing = Task {
      while !Task.isCancelled {
        try? await Task.sleep(for: pause)
        if Task.isCancelled { return }
        for fence in held.values {
          let now = Timestamp.now()
          try? await openStore().renew(fence, until: now + configuration.lease, now: now)
        }
      }
    }
  }
}

/// Someone else holds the environment that was to be changed.
public struct EnvironmentHeld: Error, Sendable, Hashable {
  public let lease: Lease
}

extension Timestamp {
  package static func + (moment: Timestamp, duration: Duration) -> Timestamp {
    let parts = duration.components
    let nanoseconds = Int64(moment.nanoseconds) + parts.attoseconds / 1_000_000_000
    return Timestamp(
      seconds: moment.seconds + parts.seconds + nanoseconds / 1_000_000_000,
      nanoseconds: Int32(nanoseconds % 1_000_000_000))
  }
}
