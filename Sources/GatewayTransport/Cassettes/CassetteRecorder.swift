public import GatewayAPI
internal import GatewaySigning
internal import Glibc
internal import Synchronization

/// Writes a cassette: each request and its answer as one line of JSON, at once and down to the disk.
///
/// The file is its owner's alone. Secrets are not in it: of the headers only a few are kept, and the members of JSON
/// bodies whose names give secrets away are masked.
public final class CassetteRecorder: Sendable {
  private struct State {
    var descriptor: Int32
    var problem: String?
  }

  private let path: String
  private let state: Mutex<State>

  /// - Parameter run: the run that is recorded: what it puts into requests must be the same when they are replayed.
  /// - Throws: `GatewayError` of kind `usage` when the file cannot be written or holds something already.
  public init(path: String, run: String? = nil) throws(GatewayError) {
    self.path = path
    let descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else {
      throw GatewayError(
        kind: .usage, message: "the cassette \(path) cannot be written: \(String(cString: strerror(errno)))")
    }
    var facts = stat()
    guard fstat(descriptor, &facts) == 0, facts.st_size == 0, facts.st_mode & S_IFMT == S_IFREG else {
      close(descriptor)
      throw GatewayError(
        kind: .usage, message: "the cassette \(path) exists already and is not empty",
        hint: "nothing is overwritten: name another file, or remove this one")
    }
    fchmod(descriptor, 0o600)
    state = Mutex(State(descriptor: descriptor))
    var header: [String: Document] = [
      "cassette": .integer(Int64(CassettePlayer.version)), "recorded": .string(Timestamp.now().text),
    ]
    header["run"] = run.map(Document.string)
    write(.object(header))
  }

  deinit { finish() }

  /// Why the cassette is incomplete; nil while it is not.
  public var problem: String? { state.withLock(\.problem) }

  /// Closes the file.
  public func finish() {
    state.withLock { state in
      if state.descriptor >= 0 { close(state.descriptor) }
      state.descriptor = -1
    }
  }

  func record(_ request: SignableRequest, _ outcome: CassetteEntry.Outcome, gateway: String) {
    write(CassetteEntry.document(request, outcome, gateway: gateway))
  }

  /// A release does not fail because its recording does: the first failure ends the recording, and is told at the end.
  private func write(_ document: Document) {
    let line = document.json + [UInt8(ascii: "\n")]
    state.withLock { state in
      guard state.problem == nil, state.descriptor >= 0 else { return }
      var rest = line[...]
      while !rest.isEmpty {
        let written = rest.withUnsafeBytes { Glibc.write(state.descriptor, $0.baseAddress, $0.count) }
        if written < 0, errno == EINTR { continue }
        guard written > 0 else {
          state.problem = "the cassette \(path) is incomplete: \(String(cString: strerror(errno)))"
          return
        }
        rest = rest.dropFirst(written)
      }
      fdatasync(state.descriptor)
    }
  }
}
