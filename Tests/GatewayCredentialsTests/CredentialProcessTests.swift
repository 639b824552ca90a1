import Foundation
import GatewayAPI
import GatewayCredentials
import GatewaySigning
import GatewayTestSupport
import Testing

/// Real programs, started as a profile's `credential_process` is.
@Suite(.timeLimit(.minutes(5))) struct CredentialProcessTests {
  private func process(
    _ script: String, in folder: URL, timeout: Duration = .seconds(30), arguments: [String] = []
  ) throws -> CredentialProcess {
    let file = folder.appending(path: "give key.sh")
    try "#!/bin/sh\n\(script)\n".write(to: file, atomically: true, encoding: .utf8)
    try FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: file.path)
    return CredentialProcess(
      words: [file.path] + arguments, name: "credential_process of profile 'x'", timeout: timeout)
  }

  private func error(_ script: String, timeout: Duration = .seconds(30)) async throws -> GatewayError {
    try await withTemporaryFolder { folder in
      let process = try process(script, in: folder, timeout: timeout)
      return try #require(await #expect(throws: GatewayError.self) { try await process.obtain() })
    }
  }

  @Test func aKeyIsReadWithItsEnd() async throws {
    try await withTemporaryFolder { folder in
      let process = try process(
        """
        [ "$1" = "two words" ] || exit 9
        echo '{"access_key":"AK","secret_key":"SK","security_token":"ST","expires_at":"2026-11-21T20:00:00Z","x":1}'
        """, in: folder, arguments: ["two words"])
      let key = Credential(accessKey: "AK", secretKey: "SK", securityToken: "ST")
      let end = Timestamp("2026-11-21T20:00:00Z")
      #expect(try await process.obtain() == IssuedCredential(authentication: .accessKey(key), expiresAt: end))
    }
  }

  @Test func aTokenAndAPasswordAreReadToo() async throws {
    try await withTemporaryFolder { folder in
      let token = try process("echo '{\"token\":\"T\"}'", in: folder)
      #expect(try await token.obtain() == IssuedCredential(authentication: .token("T")))
      let password = try process("echo '{\"password\":\"two words\"}'", in: folder)
      #expect(try await password.password() == Secret("two words"))
      await #expect(throws: GatewayError.self) { try await password.obtain() }
    }
  }

  @Test func itRunsAgainBeforeItsCredentialEnds() async throws {
    try await withTemporaryFolder { folder in
      let clock = ManualClock()
      let log = folder.appending(path: "runs").path
      let process = try process(
        """
        echo run >> '\(log)'
        printf '{"token":"t%d","expires_at":"2026-11-21T13:00:00Z"}' $(wc -l < '\(log)')
        """, in: folder)
      let credential = RenewingCredential(now: { clock.now }) { try await process.obtain() }
      for _ in 0..<3 { #expect(try await credential.authentication() == .token("t1")) }
      clock.advance(seconds: 3301)
      try await until { try await credential.authentication() == .token("t2") }
      #expect(try String(contentsOfFile: log, encoding: .utf8) == "run\nrun\n")
    }
  }

  @Test(arguments: [
    ("exit 3", "ended with status 3"),
    ("kill -9 $$", "ended by signal"),
    ("true", "it wrote nothing"),
    ("echo hidden-Pa55", "is no JSON"),
    ("echo '[\"hidden-Pa55\"]'", "a JSON array, no object"),
    ("echo '{\"access_key\":\"hidden-Pa55\"}'", "has 'access_key' and no 'secret_key'"),
    ("echo '{\"secret_key\":\"hidden-Pa55\"}'", "has 'secret_key' and no 'access_key'"),
    ("echo '{\"accessKey\":\"hidden-Pa55\"}'", "has neither 'access_key' and 'secret_key' nor 'token'"),
    ("echo '{\"token\":\"hidden-Pa55\",\"access_key\":\"a\",\"secret_key\":\"s\"}'", "more than one credential"),
    ("echo '{\"token\":\"hidden-Pa55\",\"expires_at\":\"soon\"}'", "'expires_at' in what it wrote is no time"),
    ("echo '{\"token\":\"hidden Pa55\"}'", "'token' in what it wrote holds characters"),
    ("echo '{\"token\":42}'", "'token' in what it wrote is no text"),
    ("yes hidden-Pa55", "it wrote more than 64 KiB"),
  ])
  func whatGoesWrongIsSaidWithoutWhatWasWritten(_ script: String, _ text: String) async throws {
    let error = try await error(script)
    #expect(error.kind == .unauthenticated)
    #expect(error.message.hasPrefix("credential_process of profile 'x': "))
    #expect(error.message.contains(text), "\(error)")
    #expect(!String(reflecting: error).contains("hidden"))
  }

  @Test func whatNeverEndsIsEndedWithAllItStarted() async throws {
    let error = try await error("sleep 1000", timeout: .milliseconds(300))
    #expect(error.message.contains("not done within"))
  }

  @Test func aProgramThatIsNotThereIsNamed() async throws {
    for program in ["/no/such/program", "no-such-program-anywhere"] {
      let process = CredentialProcess(words: [program, "--key=hidden-Pa55"], name: "credential_process")
      let error = await #expect(throws: GatewayError.self) { try await process.obtain() }
      #expect(error?.message.contains("there is no program '\(program)'") == true, "\(String(describing: error))")
      #expect(!String(reflecting: error).contains("hidden"))
    }
  }

  @Test func cancellingEndsIt() async throws {
    try await withTemporaryFolder { folder in
      let started = folder.appending(path: "started").path
      let process = try process("touch '\(started)'; exec sleep 1000", in: folder)
      let task = Task { try await process.obtain() }
      try await until { FileManager.default.fileExists(atPath: started) }
      task.cancel()
      await #expect(throws: CancellationError.self) { try await task.value }
    }
  }

  @Test(arguments: [
    ("get-key --role release", ["get-key", "--role", "release"]),
    ("  a\t'b c'  \"d e\" ", ["a", "b c", "d e"]),
    (#"a\ b "c\"d" 'e\f' "g\h" i"j"k"#, ["a b", "c\"d", "e\\f", "g\\h", "ijk"]),
    ("a '' \"\"", ["a", "", ""]),
    ("~/bin/key", ["~/bin/key"]),
    ("sh -c 'a | b $C'", ["sh", "-c", "a | b $C"]),
  ])
  func aTextIsSplitAsAShellDoes(_ text: String, _ words: [String]) throws {
    #expect(try CredentialProcess.words(of: text, place: "config.yaml:1:1") == words)
  }

  @Test(arguments: ["", "   ", "a 'b", "a \"b", "a\\", "a | b", "a $B", "a \"$B\"", "a; b", "a > b", "a *", "a `b`"])
  func whatOnlyAShellCanDoIsRefused(_ text: String) {
    let error = #expect(throws: CredentialError.self) {
      try CredentialProcess.words(of: text, place: "config.yaml:1:1")
    }
    #expect(error?.place == "config.yaml:1:1")
  }
}
