import Foundation
import GatewayAPI
import GatewayScripting
import GatewayTestSupport
import LuaRuntime
import ReleaseEngine
import RunJournal
import Synchronization
import Testing

/// What the functions of files ask of the program that a script runs in.
@Suite(.timeLimit(.minutes(5))) struct FileFunctionTests {
  /// A folder as a program gives it to its scripts: whatever is asked for lies in it.
  private func withFolder(
    granting permissions: [Permission] = [Permission(.readFile, "*"), Permission(.writeFile, "*")],
    _ body: @escaping @Sendable (ScriptHarness, URL) async throws -> Void
  ) async throws {
    try await withTemporaryFolder { folder in
      try await ScriptHarness.with { harness in
        var harness = harness
        harness.surroundings.permissions = Permissions(allowed: permissions)
        harness.surroundings.readFile = { path, permit in
          try await permit(folder.path + "/" + path)
          return try Array(Data(contentsOf: folder.appending(path: path)))
        }
        harness.surroundings.writeFile = { path, content, permit in
          try await permit(folder.path + "/" + path)
          if let content { try Data(content).write(to: folder.appending(path: path)) }
        }
        try await body(harness, folder)
      }
    }
  }

  private static func text(_ name: String, in folder: URL) throws -> String {
    try String(contentsOf: folder.appending(path: name), encoding: .utf8)
  }

  @Test func aFileIsWrittenAndReadByteByByte() async throws {
    try await withFolder { harness, folder in
      let value = try await harness(
        """
        apig.file.write("a.txt", "äöü\\n")
        apig.file.write("b.bin", "\\xff\\0\\x80A")
        return { apig.file.read "a.txt", #apig.file.read "b.bin", (apig.file.read "b.bin"):byte(1, -1) }
        """)
      #expect(value == ["äöü\n", 4, 0xFF, 0, 0x80, 0x41])
      let bytes = try Data(contentsOf: folder.appending(path: "b.bin"))
      #expect(bytes == Data([0xFF, 0, 0x80, 0x41]))
    }
  }

  @Test func byItselfAProgramGivesScriptsNothing() async throws {
    try await ScriptHarness.with { harness in
      let kinds = try await harness(
        """
        local function kind(f, ...) return select(2, pcall(f, ...)).kind end
        return { kind(apig.file.read, "a"), kind(apig.file.write, "a", "b"), kind(apig.environ, "HOME") }
        """)
      #expect(kinds == ["refused", "refused", "refused"])
    }
  }

  @Test func whereThePathLeadsIsWhatIsAskedFor() async throws {
    try await withFolder(granting: []) { harness, folder in
      var harness = harness
      let asked = AskedPermissions()
      harness.surroundings.permit = { asked.add($0) }
      _ = try await harness("apig.file.write('a.txt', 'x') apig.file.read 'a.txt'")
      #expect(
        asked.permissions == [
          Permission(.writeFile, folder.path + "/a.txt"), Permission(.readFile, folder.path + "/a.txt"),
        ])
    }
  }

  @Test(arguments: [
    ("apig.file.read()", "string expected, got nil"), ("apig.file.read(1)", "string expected, got number"),
    ("apig.file.read ''", "the path is empty"), ("apig.file.read 'a\\0b'", "holds what cannot be shown"),
    ("apig.file.read '\\27[2J'", "holds what cannot be shown"),
    ("apig.file.read '\\xff'", "holds what cannot be shown"),
    ("apig.file.read '\\u{202E}txt'", "holds what cannot be shown"),
    ("apig.file.read(('a/'):rep(2048))", "the path is longer than 4095 bytes"),
    ("apig.file.write('a')", "bad argument #2 to 'file.write' (string expected, got nil)"),
    ("apig.file.write('a', {})", "bad argument #2 to 'file.write' (string expected, got table)"),
    ("apig.file.write('a', ('x'):rep(4 * 1024 * 1024 + 1))", "'file.write' writes at most 4 MiB"),
    ("apig.environ()", "bad argument #1 to 'environ'"), ("apig.environ 'A=B'", "bad argument #1 to 'environ'"),
    ("apig.environ ''", "bad argument #1 to 'environ'"),
  ])
  func wrongArgumentsAreNamed(_ call: String, _ message: String) async throws {
    try await withFolder { harness, folder in
      let error = await #expect(throws: LuaError.self) { try await harness(call) }
      #expect((error?.underlying as? GatewayError)?.kind == .usage)
      #expect(error?.message.contains(message) == true, "\(String(describing: error))")
      let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
      #expect(names.isEmpty)
    }
  }

  @Test func aReplayGetsWhatTheRunRead() async throws {
    try await withFolder { harness, folder in
      try "new".write(to: folder.appending(path: "a.txt"), atomically: true, encoding: .utf8)
      let call = RecordedCall("file.read", ["path": "a.txt"])
      var resumed = harness
      resumed.recorder = RunRecorder(replaying: [
        JournalEntry(
          sequence: 1, kind: .answer, time: VirtualClock.start, operation: call.operation, digest: call.digest,
          body: ["answer": "old"])
      ])
      let value = try await resumed("return { apig.file.read 'a.txt', apig.file.read 'a.txt' }")
      #expect(value == ["old", "new"])
    }
  }

  @Test func aPlanReadsAndWritesNothing() async throws {
    try await withFolder { harness, folder in
      try "in".write(to: folder.appending(path: "in.txt"), atomically: true, encoding: .utf8)
      let planned = try await harness.plan(
        """
        local text = apig.file.read "in.txt"
        apig.file.write("out.txt", text)
        return text
        """)
      #expect(planned.value == "in", "\(planned.result)")
      #expect(planned.rehearsal.costs.unwrittenFiles == 1)
      #expect(planned.rehearsal.stages.flatMap(\.doings) == ["file.write out.txt"])
      let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
      #expect(names == ["in.txt"])
    }
  }

  @Test func aPlanRefusesWhatARunWouldRefuse() async throws {
    try await withFolder(granting: []) { harness, _ in
      let planned = try await harness.plan("\napig.file.write('out.txt', 'x')")
      guard case .failure(let error as LuaError) = planned.result else {
        Issue.record("\(planned.result)")
        return
      }
      #expect((error.underlying as? GatewayError)?.kind == .refused)
      #expect(error.location?.description == "plan.lua:2")
      #expect(planned.rehearsal.costs.unwrittenFiles == 0)
    }
  }

  @Test func aSecretIsItsNameInAFile() async throws {
    try await withFolder { harness, folder in
      var harness = harness
      harness.surroundings.permissions.allowed.append(Permission(.secret, "*"))
      harness.surroundings.secret = { _ in "hush-hush-77" }
      _ = try await harness(
        """
        local key = apig.secret "key"
        apig.file.write("a.txt", key)
        apig.file.write("b.txt", "Bearer " .. key)
        """)
      #expect(try Self.text("a.txt", in: folder) == "‹secret key›")
      #expect(try Self.text("b.txt", in: folder) == "Bearer ‹secret key›")
    }
  }

  @Test func aVariableIsToldOnceItIsGranted() async throws {
    try await ScriptHarness.with { harness in
      var harness = harness
      harness.surroundings.environ = { name, permit in
        try await permit()
        return name == "CI" ? "true" : nil
      }
      harness.surroundings.permissions = Permissions(allowed: [
        Permission(.environ, "CI"), Permission(.environ, "NONE"),
      ])
      let value = try await harness(
        """
        local known, problem = pcall(apig.environ, "HOME")
        return { apig.environ "CI", apig.environ "NONE" == nil, known, problem.kind, problem.hint }
        """)
      #expect(
        value == [
          "true", true, false, "refused",
          "run with --allow environ:HOME, or add it to permissions: allow: in apig.yaml",
        ])
    }
  }

  @Test(arguments: [
    (["file.read:/data"], true), (["file.read:/data/in.txt"], true), (["file.read:*"], true), ([String](), false),
    (["file.read:/dat"], false), (["file.write:/data"], false), (["file.read:/data/in"], false),
  ])
  func aPackageReadsWhatItAskedForAndWasGranted(_ granted: [String], _ isAllowed: Bool) async throws {
    try await ScriptHarness.with { harness in
      var harness = harness
      harness.surroundings.readFile = { _, permit in
        try await permit("/data/in.txt")
        return Array("in".utf8)
      }
      let package = PackageSources(
        "acme/worker", declared: granted, "return { read = function() return apig.file.read 'in.txt' end }")
      let value = try await harness(
        """
        local passed, result = pcall(require("acme.worker").read)
        return { passed, passed and result or result.kind }
        """, packages: package)
      let expected: Document = isAllowed ? [true, "in"] : [false, "refused"]
      #expect(value == expected)
    }
  }
}

/// What was asked for, in order.
private final class AskedPermissions: Sendable {
  private let list = Mutex<[Permission]>([])

  var permissions: [Permission] { list.withLock { $0 } }

  func add(_ permission: Permission) { list.withLock { $0.append(permission) } }
}
