import Foundation
import GatewayAPI
import GatewayTestSupport
import Subprocess
import SystemPackage
import Testing

/// `init` and `types`: the first minute of a newcomer, and what editors get.
@Suite(.timeLimit(.minutes(5))) struct NewProjectTests {
  private static let names = [
    "apig.yaml", "release.lua", "spec/release_spec.lua", ".luarc.json", ".apig/types/apig.lua",
    ".apig/types/apig.test.lua",
  ]

  private func text(_ name: String, in folder: URL) throws -> String {
    try String(contentsOf: folder.appending(path: name), encoding: .utf8)
  }

  /// A command whose working folder is below that of another.
  private func inside(_ folder: URL) -> Command {
    var command = Command(in: folder)
    command.variables["XDG_STATE_HOME"] = folder.appending(path: "state").path
    return command
  }

  @Test func aNewProjectReleasesTestsAndChecksAtOnce() async throws {
    try await withTemporaryFolder { folder in
      let made = try await Command(in: folder)("init", "shop")
      #expect(made.status == 0, "\(made.messages)")
      let lines = made.output.split(separator: "\n").map(String.init)
      #expect(lines.count == 4 && lines.allSatisfy { $0.hasPrefix("created   ") }, "\(made.output)")
      #expect(lines[0].hasSuffix("one gateway: local"))
      let shop = folder.appending(path: "shop")
      let count = try text("release.lua", in: shop).split(separator: "\n").count
      #expect(lines[1].hasSuffix("publishes one group, \(count) lines"))
      #expect(made.messages.contains("cd shop && apig-lua release.lua --group payments"))
      for name in Self.names { #expect(FileManager.default.fileExists(atPath: shop.appending(path: name).path)) }

      let command = inside(shop)
      let run = try await command("release.lua", "--group", "payments")
      #expect(run.output == "{\"published\":3}\n", "\(run.messages)")
      #expect(run.messages.contains("✔ 3 published to RELEASE"))
      let tests = try await command("test")
      #expect(tests.status == 0, "\(tests.output)\(tests.messages)")
      let promised = try #require(lines[2].firstMatch(of: /(\d+) tests/)?.1)
      #expect(tests.output.contains("\(promised) passed"), "\(tests.output)")
      let check = try await command("check", "--strict", ".")
      #expect(check.status == 0, "\(check.output)")
      #expect(try await command("doctor").messages.contains("✘") == false)
    }
  }

  @Test func whatIsThereIsNeverOverwritten() async throws {
    try await withTemporaryFolder { folder in
      let command = Command(in: folder)
      for name in Self.names {
        try FileManager.default.createDirectory(
          at: folder.appending(path: name).deletingLastPathComponent(), withIntermediateDirectories: true)
        try command.write("mine: \(name)\n", to: name)
      }
      let again = try await command("init")
      #expect(again.status == 0)
      #expect(
        again.output.split(separator: "\n").allSatisfy { $0.hasPrefix("kept") && $0.hasSuffix("is there already") })
      for name in Self.names { #expect(try text(name, in: folder) == "mine: \(name)\n") }
    }
  }

  @Test func aLinkToNowhereIsLeftAlone() async throws {
    try await withTemporaryFolder { folder in
      let elsewhere = folder.appending(path: "elsewhere.lua")
      try FileManager.default.createSymbolicLink(
        at: folder.appending(path: "release.lua"), withDestinationURL: elsewhere)
      #expect(try await Command(in: folder)("init").output.contains("kept      release.lua"))
      #expect(!FileManager.default.fileExists(atPath: elsewhere.path))
    }
  }

  @Test func aFolderThatCannotBeWrittenIsNamed() async throws {
    try await withTemporaryFolder { folder in
      let command = Command(in: folder)
      try command.write("a file", to: "taken")
      let run = try await command("init", "taken")
      #expect(run.status == 64)
      #expect(run.messages.contains("taken/apig.yaml cannot be written"), "\(run.messages)")
    }
  }

  @Test func definitionsAreRenewedAndOtherFilesAreNotReplaced() async throws {
    try await withTemporaryFolder { folder in
      let command = Command(in: folder)
      #expect(try await command("types", "--out", "a").status == 0)
      let definitions = try text("a/apig.lua", in: folder)
      try command.write(definitions + "-- older\n", to: "a/apig.lua")
      #expect(try await command("types", "--out", "a").status == 0)
      #expect(try text("a/apig.lua", in: folder) == definitions)

      try command.write("local mine\n", to: "a/apig.test.lua")
      try command.write(definitions + "-- older\n", to: "a/apig.lua")
      let refused = try await command("types", "--out", "a")
      #expect(refused.status == 64 && refused.messages.contains("was not made by apig-lua types"))
      #expect(try text("a/apig.test.lua", in: folder) == "local mine\n")
      #expect(try text("a/apig.lua", in: folder) != definitions, "nothing is written when something is in the way")
    }
  }

  @Test func withoutAFolderDefinitionsGoToTheProject() async throws {
    try await withTemporaryFolder { folder in
      _ = try await Command(in: folder)("init", "shop")
      let shop = folder.appending(path: "shop")
      try FileManager.default.removeItem(at: shop.appending(path: ".apig"))
      let types = try await inside(shop.appending(path: "spec"))("types")
      #expect(types.output.contains("/shop/.apig/types/apig.lua\n"), "\(types.output)")
      #expect(FileManager.default.fileExists(atPath: shop.appending(path: ".apig/types/apig.test.lua").path))
    }
  }

  // MARK: - lua-language-server

  /// The language server's binary, where the tester has one: nothing installs it.
  private static let languageServer = ProcessInfo.processInfo.environment["APIG_LUA_LANGUAGE_SERVER"]

  /// What the server's own check says of the scripts in a folder, by code.
  private func problems(in folder: URL) async throws -> [String: [String]] {
    let server = try #require(Self.languageServer)
    let report = folder.appending(path: "report.json")
    let run = try await Subprocess.run(
      .path(FilePath(server)),
      arguments: [
        "--check=\(folder.path)", "--checklevel=Information", "--check_format=json", "--check_out_path=\(report.path)",
        "--logpath=\(folder.path)/log",
      ], output: .string(limit: 1 << 20), error: .string(limit: 1 << 20))
    guard FileManager.default.fileExists(atPath: report.path) else {
      #expect(run.standardOutput.contains("no problems found"), "\(run.standardOutput) \(run.standardError)")
      return [:]
    }
    var problems: [String: [String]] = [:]
    let document = try Document(json: Data(contentsOf: report).map { $0 })
    for (file, entries) in document.objectValue ?? [:] {
      for entry in entries.arrayValue ?? [] {
        problems[entry["code"]?.stringValue ?? "?", default: []].append(
          "\(URL(filePath: file).lastPathComponent): \(entry["message"]?.stringValue ?? "")")
      }
    }
    return problems
  }

  @Test(.enabled(if: languageServer != nil)) func theLanguageServerFindsNothingWrongInGoodScripts() async throws {
    try await withTemporaryFolder { folder in
      let shop = folder.appending(path: "shop")
      _ = try await Command(in: folder)("init", "shop")
      let playbooks = URL(filePath: ReleaseTests.playbook).deletingLastPathComponent()
      for name in try FileManager.default.contentsOfDirectory(atPath: playbooks.path) where name != "release.lua" {
        guard name.hasSuffix(".lua") else { continue }
        try FileManager.default.copyItem(at: playbooks.appending(path: name), to: shop.appending(path: name))
      }
      for name in try FileManager.default.contentsOfDirectory(atPath: playbooks.appending(path: "spec").path)
      where name != "release_spec.lua" {
        try FileManager.default.copyItem(
          at: playbooks.appending(path: "spec/\(name)"), to: shop.appending(path: "spec/\(name)"))
      }
      #expect(try await problems(in: shop) == [:])
    }
  }

  @Test(.enabled(if: languageServer != nil)) func theLanguageServerFindsWhatIsWrong() async throws {
    try await withTemporaryFolder { folder in
      let shop = folder.appending(path: "shop")
      _ = try await Command(in: folder)("init", "shop")
      try Command(in: shop).write(
        """
        local apig = require "apig"
        local versions = apig.history { api = "pay-create", env = "RELEASE" }
        print(versions[1].remarc)
        local effective = versions:effective()
        print(effective.version_no)
        apig.publsh { api = "pay-create" }
        apig.wait_until({ every = "2s" }, function() return true end)
        apig.confirm { text = 42 }
        apig.waves({ 1, 2 }, 5)
        for _, api in ipairs(apig.each(apig.apis {}, function(api) return api.nme end)) do print(api) end
        """, to: "wrong.lua")
      let found = try await problems(in: shop)
      let undefined = found["undefined-field"] ?? []
      for name in ["remarc", "publsh", "nme"] {
        #expect(undefined.contains { $0.contains("`\(name)`") }, "\(name): \(found)")
      }
      #expect(found["missing-fields"]?.contains { $0.contains("timeout") } == true, "\(found)")
      #expect(found["need-check-nil"]?.isEmpty == false, "\(found)")
      #expect((found["param-type-mismatch"] ?? []).count + (found["assign-type-mismatch"] ?? []).count >= 2, "\(found)")
    }
  }
}
