internal import Foundation
internal import GatewayAPI
internal import GatewaySigning
internal import Subprocess
internal import SystemPackage

/// A program of the user's that writes a credential: `credential_process`.
///
/// It is started without a shell, with this process's environment and without input; what it writes to standard error
/// is passed on, what it writes to standard output is read and never shown.
public struct CredentialProcess: Sendable {
  /// The most it may write, in bytes.
  static let maximumOutput = 64 << 10

  /// The program and its arguments; the program is looked for in `PATH` unless it has a slash.
  public let words: [String]
  /// Longest time for one run.
  public let timeout: Duration
  private let name: String

  /// - Parameters:
  ///   - words: at least one.
  ///   - name: how messages call it: "credential_process of profile 'prod'".
  public init(words: [String], name: String, timeout: Duration = .seconds(60)) {
    self.words = words
    self.name = name
    self.timeout = timeout
  }

  /// Runs it for a credential.
  ///
  /// - Throws: `GatewayError` of kind `unauthenticated`; `CancellationError`.
  public func obtain() async throws -> IssuedCredential {
    guard case .issued(let credential) = try await answer() else {
      throw failure("what it wrote is a password, and the profile names no user", hint: "add 'user' and 'domain' to it")
    }
    return credential
  }

  /// Runs it for a password.
  ///
  /// - Throws: as ``obtain()``.
  public func password() async throws -> Secret {
    guard case .password(let password) = try await answer() else {
      throw failure(
        "what it wrote is no password, and the profile names a user", hint: "it must write {\"password\": …}")
    }
    return password
  }

  private func answer() async throws -> ProcessAnswer {
    let output = try await run()
    do {
      return try ProcessAnswer(output)
    } catch {
      throw failure(
        error.message, hint: "it must write one JSON object: {\"access_key\", \"secret_key\"} or {\"token\"}")
    }
  }

  private func run() async throws -> [UInt8] {
    do {
      return try await withThrowingTaskGroup(of: [UInt8]?.self) { group in
        group.addTask { try await start() }
        group.addTask {
          try await Task.sleep(for: timeout)
          return nil
        }
        // Cancelled, the program is ended before the group is left.
        defer { group.cancelAll() }
        guard let output = try await group.next() ?? nil else {
          throw failure("it was not done within \(timeout)", hint: "run it by hand: \(program)")
        }
        return output
      }
    } catch let error as SubprocessError {
      if Task.isCancelled { throw CancellationError() }
      switch error.code {
      case .executableNotFound: throw failure("there is no program '\(program)'", hint: "give its full path")
      default: throw failure("it cannot be run: \(error)", hint: "run it by hand: \(program)")
      }
    }
  }

  private func start() async throws -> [UInt8] {
    var options = PlatformOptions()
    // A group of its own: what it starts in turn ends with it, and does not keep its output open.
    options.processGroupID = 0
    options.teardownSequence = [.gracefulShutDown(toProcessGroup: true, allowedDurationToNextStep: .seconds(1))]
    let result = try await Subprocess.run(
      executable, arguments: Arguments(Array(words.dropFirst())), platformOptions: options, input: .none,
      output: .sequence, error: .currentStandardError
    ) { process in
      var output: [UInt8] = []
      for try await part in process.standardOutput {
        part.withUnsafeBytes { output.append(contentsOf: $0) }
        if output.count > Self.maximumOutput {
          // Nobody reads on, and it would wait for that.
          try? process.send(signal: .kill, toProcessGroup: true)
          break
        }
      }
      return output
    }
    try Task.checkCancellation()
    guard result.closureResult.count <= Self.maximumOutput else {
      throw failure("it wrote more than \(Self.maximumOutput >> 10) KiB", hint: "it must write one JSON object")
    }
    switch result.terminationStatus {
    case .exited(0): return result.closureResult
    case .exited(let code):
      throw failure("it ended with status \(code)", hint: "what it said stands above; run it by hand: \(program)")
    case .signaled(let signal): throw failure("it was ended by signal \(signal)", hint: "run it by hand: \(program)")
    }
  }

  private var program: String { words.first ?? "" }

  private var executable: Executable {
    let path = program.hasPrefix("~/") ? NSHomeDirectory() + program.dropFirst() : program
    return path.contains("/") ? .path(FilePath(path)) : .name(path)
  }

  private func failure(_ reason: String, hint: String) -> GatewayError {
    GatewayError(kind: .unauthenticated, message: "\(name): \(reason)", hint: hint)
  }
}

extension CredentialProcess {
  /// Splits a command that is written as one text, as a shell would; nothing is expanded.
  ///
  /// - Throws: ``CredentialError`` for an open quotation mark, or what only a shell can do.
  public static func words(of text: String, place: String) throws(CredentialError) -> [String] {
    try CommandWords.split(text, place: place)
  }
}
