internal import Foundation

/// The host's `git`, so that nothing of a repository, of its server or of the user's settings makes it run programs,
/// ask questions or write anything but objects.
struct GitProgram: Sendable {
  private let program: HostProgram
  private let folder: String

  /// - Parameter folder: where it works. Repositories are searched for neither there nor above: the settings of one that
  ///   lies around, as of the project, name programs and servers.
  init(folder: String) {
    self.folder = folder
    var program = HostProgram(name: "git")
    let own = ProcessInfo.processInfo.environment
    program.variables = [
      // Settings of the user and of the machine can name programs: none of them count.
      "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_ATTR_NOSYSTEM": "1",
      // Nobody is asked; an unknown host is refused.
      "GIT_TERMINAL_PROMPT": "0", "GIT_ASKPASS": "true", "SSH_ASKPASS": "true", "SSH_ASKPASS_REQUIRE": "never",
      "GIT_SSH_COMMAND": "ssh -oBatchMode=yes -oStrictHostKeyChecking=yes -oClearAllForwardings=yes "
        + "-oForwardAgent=no -oForwardX11=no -oPermitLocalCommand=no",
      "GIT_SSH_VARIANT": "ssh", "GIT_PROTOCOL_FROM_USER": "0", "GIT_OPTIONAL_LOCKS": "0", "GIT_NO_REPLACE_OBJECTS": "1",
      // A server that stalls is given up.
      "GIT_HTTP_LOW_SPEED_LIMIT": "100", "GIT_HTTP_LOW_SPEED_TIME": "60",
    ]
    program.variables["GIT_CEILING_DIRECTORIES"] = URL(filePath: folder).deletingLastPathComponent().path
    program.variables["GIT_SSL_CAINFO"] = own["SSL_CERT_FILE"]
    program.variables["GIT_SSL_CAPATH"] = own["SSL_CERT_DIR"]
    self.program = program
  }

  private static let settings = [
    "core.hooksPath=/dev/null", "core.fsmonitor=false", "core.symlinks=false", "core.attributesFile=/dev/null",
    "submodule.recurse=false", "fetch.recurseSubmodules=false", "transfer.fsckObjects=true",
    "transfer.bundleURI=false", "fetch.writeCommitGraph=false", "gc.auto=0", "maintenance.auto=false",
    "http.followRedirects=initial", "http.sslVerify=true", "credential.helper=", "uploadpack.packObjectsHook=",
  ]

  /// Runs it for an answer.
  ///
  /// - Parameters:
  ///   - transport: the only one that it may use; none without.
  ///   - place: what the error is about.
  /// - Throws: ``PackageError`` of kind `unavailable` with what git said; what making the folder throws;
  ///   `CancellationError`.
  @discardableResult
  func run(
    _ arguments: [String], over transport: GitLocation.Transport? = nil, input: [UInt8] = [],
    limit: Int = 4 << 20, place: String
  ) async throws -> HostProgram.Result {
    var settings = Self.settings + ["protocol.allow=never"]
    if let transport { settings.append("protocol.\(transport.rawValue).allow=always") }
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let result = try await program.run(
      settings.flatMap { ["-c", $0] } + arguments, in: folder, input: input, limit: limit)
    guard result.isSuccess else {
      throw PackageError(
        .unavailable, place: place, result.messages.isEmpty ? "git failed: \(result.status)" : result.messages,
        hint: Self.hint(for: result.messages))
    }
    return result
  }

  private static func hint(for messages: String) -> String? {
    if messages.contains("Host key verification failed") {
      return "connect once by hand, and check the host's key: ssh -T git@HOST"
    }
    if messages.contains("Permission denied (") { return "load your key into an agent: ssh-add" }
    if messages.contains("could not read Username") {
      return "repositories that want a password are reached by SSH: git+ssh://git@HOST/PATH"
    }
    if messages.contains("dubious ownership") {
      return "the repository belongs to somebody else on this machine: fetch it over ssh, or take an archive of it"
    }
    return nil
  }
}
