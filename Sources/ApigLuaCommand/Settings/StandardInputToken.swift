internal import GatewayCredentials
internal import Glibc

/// `--token-stdin`: a token that a pipeline hands over without a file or a variable.
enum StandardInputToken {
  /// No token is longer, in bytes.
  private static let maximumSize = 64 << 10

  /// Standard input can hold one of the two.
  static let conflict = UsageError(
    message: "--token-stdin and a script on standard input exclude each other", hint: "name the script's file")

  /// Reads the first line; what follows is left alone.
  ///
  /// - Throws: ``CredentialError`` when there is none.
  static func read() throws -> Secret {
    var bytes: [UInt8] = []
    var byte: UInt8 = 0
    while bytes.count <= maximumSize {
      let count = Glibc.read(STDIN_FILENO, &byte, 1)
      if count < 0, errno == EINTR { continue }
      if count <= 0 || byte == UInt8(ascii: "\n") { break }
      bytes.append(byte)
    }
    if bytes.last == UInt8(ascii: "\r") { bytes.removeLast() }
    guard !bytes.isEmpty, bytes.count <= maximumSize else {
      throw CredentialError(
        message: bytes.isEmpty ? "there is no token on standard input" : "what stands on standard input is no token",
        hint: "pipe one line into it: get-token | apig-lua --token-stdin release.lua")
    }
    return Secret(String(decoding: bytes, as: UTF8.self))
  }
}

extension Settings {
  /// Reads the token from standard input, where that is asked for.
  ///
  /// - Parameter source: the script, which may stand there, too.
  /// - Throws: ``UsageError``, ``CredentialError``.
  mutating func takeToken(_ options: EngineOptions, besides source: ScriptSource? = nil) throws {
    guard options.tokenStdin else { return }
    if case .standardInput? = source { throw StandardInputToken.conflict }
    suppliedToken = try StandardInputToken.read()
  }
}
