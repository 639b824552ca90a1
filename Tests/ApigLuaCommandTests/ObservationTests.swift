import Foundation
import GatewayAPI
import GatewayTestSupport
import Testing

/// What the command tells about its requests, and its cassettes.
@Suite(.timeLimit(.minutes(5))) struct ObservationTests {
  private static let script = """
    local new = apig.publish { api = 'pay-create', env = 'RELEASE' }
    return { new.version_id, apig.history { api = 'pay-create', env = 'RELEASE' }[1].version_id, #apig.apis {} }
    """

  @Test func theLogGrowsWithTheFlags() async throws {
    try await withTemporaryFolder { folder in
      let command = Command(in: folder)
      let quiet = try await command("-e", "apig.envs {}")
      #expect(quiet.messages.isEmpty)
      let verbose = try await command("-v", "-e", "apig.envs {}")
      #expect(verbose.messages.contains("debug: ") && verbose.messages.contains("operation=envs"))
      #expect(!verbose.messages.contains("trace: "))
      let wire = try await command("-vv", "-e", "apig.envs {}")
      for part in ["trace: request", "method=GET", "  X-Sdk-Date: ", "trace: answer", "status=200", "\"envs\":["] {
        #expect(wire.messages.contains(part), "\(part) in \(wire.messages)")
      }
      #expect(wire.messages.contains("Access=local, SignedHeaders="))
      #expect(wire.messages.contains("Signature=‹masked›") && !wire.messages.contains("local-secret"))
      #expect(wire.output.isEmpty)
    }
  }

  @Test func theLogGoesToAFileAndTheVariableSetsItsLevel() async throws {
    try await withTemporaryFolder { folder in
      var command = Command(in: folder)
      let log = folder.appending(path: "run.log")
      let plain = try await command("--log-file", log.path, "-e", "apig.envs {}")
      #expect(plain.messages.isEmpty)
      let first = try String(contentsOf: log, encoding: .utf8)
      #expect(first.contains("Z debug: ") && !first.contains("trace: "))
      command.variables["APIG_LOG"] = "trace"
      _ = try await command("--log-file", log.path, "-e", "apig.envs {}")
      let second = try String(contentsOf: log, encoding: .utf8)
      #expect(second.hasPrefix(first) && second.contains("trace: answer"))
      #expect(try FileManager.default.attributesOfItem(atPath: log.path)[.posixPermissions] as? Int == 0o600)
      command.variables["APIG_LOG"] = "loud"
      let wrong = try await command("-e", "apig.envs {}")
      #expect(wrong.status == 64 && wrong.messages.contains("APIG_LOG cannot be 'loud'"))
      command.variables["APIG_LOG"] = nil
      let nowhere = try await command("--log-file", "/nowhere/x.log", "-e", "apig.envs {}")
      #expect(nowhere.status == 64 && nowhere.messages.contains("/nowhere/x.log cannot be written"))
    }
  }

  @Test func theTraceIsPassedOnAndSignedRequestsStayValid() async throws {
    try await withTemporaryFolder { folder in
      var command = Command(in: folder)
      command.variables["TRACEPARENT"] = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
      command.variables["TRACESTATE"] = "vendor=1"
      // The local gateway verifies the signature.
      let traced = try await command("-vv", "-e", "return #apig.envs {}")
      #expect(traced.status == 0 && traced.output == "3\n")
      #expect(traced.messages.contains("  traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-"))
      #expect(traced.messages.contains("  tracestate: vendor=1"))
      command.variables["TRACEPARENT"] = "nonsense"
      let ignored = try await command("-vv", "-e", "return #apig.envs {}")
      #expect(ignored.status == 0 && ignored.messages.contains("TRACEPARENT is ignored"))
      #expect(!ignored.messages.contains("traceparent: "))
    }
  }

  @Test func aRecordedRunIsReplayedWithoutAGateway() async throws {
    try await withTemporaryFolder { folder in
      let command = Command(in: folder)
      let recorded = try await command("--record", "run.cassette", "-e", Self.script)
      #expect(recorded.status == 0, "\(recorded.messages)")
      // Elsewhere, with no local gateway's data.
      try await withTemporaryFolder { elsewhere in
        let other = Command(in: elsewhere)
        let cassette = folder.appending(path: "run.cassette").path
        let replayed = try await other("-v", "--replay", cassette, "-e", Self.script)
        #expect(replayed.status == 0, "\(replayed.messages)")
        #expect(replayed.output == recorded.output)
        #expect(!replayed.messages.contains("recorded and not asked for"))
        #expect(try FileManager.default.contentsOfDirectory(atPath: elsewhere.path).isEmpty)

        let less = try await other("-v", "--replay", cassette, "-e", "return #apig.apis {}")
        #expect(less.status == 0 && less.messages.contains("recorded and not asked for:"))
        let more = try await other("--replay", cassette, "-e", "apig.publish { api = 'pay-quote', env = 'RELEASE' }")
        #expect(more.status == 1 && more.messages.contains("has no answer to GET"), "\(more.messages)")
        #expect(more.messages.contains("the nearest it has is"))
      }
      let again = try await command("--record", "run.cassette", "-e", Self.script)
      #expect(again.status == 64 && again.messages.contains("nothing is overwritten"))
      let both = try await command("--record", "a", "--replay", "b", "-e", "")
      #expect(both.status == 64 && both.messages.contains("exclude each other"))
    }
  }

  @Test func aRunOnARemoteGatewayIsReplayedWithoutACredential() async throws {
    try await withTemporaryFolder { folder in
      let script = "return { #apig.envs {}, (pcall(apig.publish, { api = 'nobody', env = 'RELEASE' })) }"
      let recorded = try await withLocalServer(in: folder) { url in
        var command = Command(in: folder)
        command.variables["APIG_TOKEN"] = "local-token"
        try command.configure(endpoint: url)
        return try await command("--record", "run.cassette", "-e", script)
      }
      #expect(recorded.status == 0 && recorded.output == "[3,false]\n", "\(recorded.messages)")
      #expect(try !String(contentsOf: folder.appending(path: "run.cassette"), encoding: .utf8).contains("local-token"))
      let replayed = try await Command(in: folder)("--replay", "run.cassette", "-e", script)
      #expect(replayed.output == recorded.output, "\(replayed.messages)")
    }
  }

  @Test func aProxyThatRefusesIsNamedWithoutItsPassword() async throws {
    let refusal = "HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n"
    try await withPlainServer(answering: refusal) { port in
      try await withTemporaryFolder { folder in
        var command = Command(in: folder)
        try command.configure(endpoint: "https://gateway.example.com")
        command.variables["APIG_TOKEN"] = "secret-token"
        command.variables["https_proxy"] = "http://ann:pass-word@127.0.0.1:\(port)"
        let result = try await command("-vv", "-e", "apig.envs {}")
        #expect(result.status == 69)
        #expect(result.messages.contains("refuses the user or the password (407)"), "\(result.messages)")
        #expect(!result.messages.contains("pass-word") && !result.messages.contains("secret-token"))
        command.variables["https_proxy"] = "socks5://ann:pass-word@host"
        let wrong = try await command("-e", "apig.envs {}")
        #expect(wrong.messages.contains("https_proxy is no proxy") && !wrong.messages.contains("pass-word"))
      }
    }
  }
}
