internal import ArgumentParser
internal import Dispatch
internal import GatewayAPI
internal import RunJournal
internal import Synchronization

/// What the shell offers for arguments whose values are somewhere else: on the gateway, in the journal, in files.
enum LiveCompletion {
  static let gateways = CompletionKind.custom { words, _, _ in KnownNames(words)?.gateways ?? [] }

  static let profiles = CompletionKind.custom { words, _, _ in KnownNames(words)?.profiles ?? [] }

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
    Awaited { await ScriptCompletion(words: words, index: index, prefix: prefix).candidates }.value
  }

  private static func names(of kind: ResourceKind) -> CompletionKind {
    .custom { words, _, _ in Awaited { await KnownNames(words)?.names(of: kind) ?? [] }.value }
  }
}

/// What comes of work that suspends, for the parser's completions of options, which cannot: nothing else is going on in
/// the process, and the thread that waits is none that the work needs.
private final class Awaited: Sendable {
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
    isDone.wait()
    return names.withLock(\.self)
  }
}
