import Foundation
import GatewayTestSupport
import Testing

@testable import ApigLuaCommand

/// What sessions keep of what was typed.
@Suite struct HistoryFileTests {
  private func history(in folder: URL, gateway: String = "prod/cn 4") throws -> HistoryFile {
    try HistoryFile(gateway: gateway, variables: EnvironmentVariables(["XDG_STATE_HOME": folder.path]))
  }

  @Test func inputsComeBackAsTheyWereTyped() async throws {
    try await withTemporaryFolder { folder in
      let inputs = ["x = 1", "for i = 1, 2 do\n  print('a\\n' .. i)\nend", "s = [[\\]]", "日本 = 1"]
      for input in inputs { try history(in: folder).add(input) }
      #expect(try history(in: folder).read() == inputs)
      #expect(try history(in: folder, gateway: "local").read() == [])
      let attributes = try FileManager.default.attributesOfItem(atPath: history(in: folder).path)
      #expect(attributes[.posixPermissions] as? Int == 0o600)
    }
  }

  @Test func oldInputsGoWhenThereAreTooMany() async throws {
    try await withTemporaryFolder { folder in
      let file = try history(in: folder)
      try FileManager.default.createDirectory(
        at: folder.appending(path: "apig-lua/history"), withIntermediateDirectories: true)
      let text = (1...10_001).map { "x = \($0)\n" }.joined()
      try text.write(toFile: file.path, atomically: true, encoding: .utf8)
      let inputs = file.read()
      #expect(inputs.count == 5000 && inputs.first == "x = 5002" && inputs.last == "x = 10001")
      file.add("y = 1")
      #expect(file.read() == inputs.dropFirst() + ["y = 1"])
      let size = try String(contentsOfFile: file.path, encoding: .utf8).split(separator: "\n").count
      #expect(size == 5001)
      let attributes = try FileManager.default.attributesOfItem(atPath: file.path)
      #expect(attributes[.posixPermissions] as? Int == 0o600)
    }
  }

  @Test(arguments: [
    " x = 1", "\tx = 1", "token = 'abc'", "local api_key = \"k\"", "t = { password = 'p' }", "t['secret'] = 'p'",
    "http.headers.Authorization = 'x'", "h = 'Bearer abc'", "sk = 'x'", "h = { ['x-auth-token'] = 'a' }",
    "pwd = 'p'", "passphrase = [[p]]", "private_key = 'k'", "h.Cookie = 'a=b'", "set_password('p')", "login 'p'",
    "apig.http.get{ url = 'https://h/x?access_token=abc' }", "u = 'https://me:word@host/'", "if token == 'a' then end",
    "x = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln'", "a = apig.secret('x') b = { token = 'y' }",
    "local token <const> = 'x'", "db_pass = 'p'", "pw = 'p'", "set_header('X-Auth-Token', 'abc')", "token = ('x')",
    "password, user = 'p', 'u'",
  ])
  func whatHoldsASecretOrBeginsWithABlankIsNotKept(_ input: String) async throws {
    try await withTemporaryFolder { folder in
      try history(in: folder).add(input)
      #expect(try history(in: folder).read() == [])
    }
  }

  @Test(arguments: [
    "s = apig.secret('deploy')", "task = 'x'", "print(tokens)", "a.b = 'secret'", "url = 'https://host/path?page=2'",
    "keys = { 'a' }", "apig.publish{ api = 'pay-create', env = 'TEST' }",
    "apig.publish{ api = 'auth-token', env = 'TEST' }", "pass = 1",
  ])
  func whatOnlySpeaksOfSecretsIsKept(_ input: String) { #expect(HistoryFile.isKept(input)) }

  @Test func sessionsThatRunAtOnceKeepEachLineWhole() async throws {
    try await withTemporaryFolder { folder in
      let path = try history(in: folder).path
      #expect(!path.contains(" "))
      try await withThrowingTaskGroup(of: Void.self) { group in
        for writer in 0..<8 {
          group.addTask {
            for line in 0..<50 {
              try self.history(in: folder).add("w\(writer) = '\(String(repeating: "x", count: line))'")
            }
          }
        }
        try await group.waitForAll()
      }
      let inputs = try history(in: folder).read()
      #expect(inputs.count == 400)
      #expect(inputs.allSatisfy { $0.wholeMatch(of: /w\d = 'x*'/) != nil })
    }
  }
}
