internal import ArgumentParser
internal import Dispatch
internal import GatewayAPI
internal import RunJournal
internal import Synchronization

/// What the shell offers for arguments whose values are somewhere else: on the gateway, in the journal, in files.
enum LiveCompletion {
  static let gateways = CompletionKind.custom { words, _, _ in offered(KnownNames(words)?.gateways ?? []) }

  static let profiles = CompletionKind.custom { words, _, _ in offered(KnownNames(words)?.profiles ?? []) }

  static let environments = names(of: .environment)

  static let groups = names(of: .group)

  static let apis = names(of: .api)

  /// The latest runs, the newest first.
  static let runs = CompletionKind.custom { _, _, _ in
    Awaited {
      guard let store = try? JournalFile.openExisting(ProcessFacts.current.variables),
        let runs = try? await store.runs(limit: 50)
      else { return [] }
      return ["last"] + runs.map(\.id)
    }.value
  }

  /// Scripts and folders; behind a script, its parameters and their values.
  static let script = CompletionKind.custom { words, index, prefix in
    offered(Awaited { await ScriptCompletion(words: words, index: index, prefix: prefix).candidates }.value)
  }

  private static func names(of kind: ResourceKind) -> CompletionKind {
    .custom { words, _, _ in offered(Awaited { await KnownNames(words)?.names(of: kind) ?? [] }.value) }
  }

  /// What may be handed to a shell. Others give these names: bash expands what it is offered, so that a name with a
  /// command in it would run.
  private static func offered(_ names: [String]) -> [String] {
    let isForBash = CompletionShell.requesting == .bash
    return names.filter { name in
      name.unicodeScalars.allSatisfy { scalar in
        if isForBash { return scalar.properties.isAlphabetic || "0123456789_-./:@%+=,".unicodeScalars.contains(scalar) }
        return scalar.properties.generalCategory != .control
      }
    }
  }
}

/// What comes of work that suspends, for the parser's completions of options, which cannot: nothing else is going on in
/// the process, and the thread that waits is none that the work needs. Who presses a key waits a moment, not longer.
private final class Awaited: Sendable {
  private static let patience = DispatchTimeInterval.seconds(3)

  private let names = Mutex<[String]>([])
  private let isDone = DispatchSemaphore(value: 0)

  init(_ work: @escaping @Sendable () async -> [String]) {
    Task.detached {
      let found = await work()
      self.names.withLock { $0 = found }
      self.isDone.signal()
    }
  }

  var value: [String] {
    _ = isDone.wait(timeout: .now() + Self.patience)
    return names.withLock(\.self)
  }
}
