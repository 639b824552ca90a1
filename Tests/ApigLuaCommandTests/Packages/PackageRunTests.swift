import Foundation
import GatewayTestSupport
import Subprocess
import Testing

/// Packages as scripts use them: required, run by their entry points, planned and resumed.
@Suite(.timeLimit(.minutes(5))) struct PackageRunTests {
  private static let rotate = """
    local M = {}
    function M.count() return #apig.apis { group = "payments" } end
    function M.release(env)
      local changed = apig.select { group = "payments", changed_in = env }
      for _, api in ipairs(changed) do apig.publish { api = api, env = env } end
      return #changed
    end
    function M.retire(name) apig.offline { api = name, env = "RELEASE" } end
    return M
    """
  private static let main = """
    local p = apig.params { group = { type = "group", required = true, help = "whose APIs" } }
    local rotate = require "acme.rotate"
    print("rotating " .. p.group)
    return rotate.release "RELEASE"
    """

  @Test func aScriptRequiresAPackageAndAPlanAndARunSeeItsChanges() async throws {
    try await RotateProject.with(permissions: ["read", "publish:RELEASE"], ["init.lua": Self.rotate]) { project in
      try await project.add()
      try project.command.write("return require('acme.rotate').release 'RELEASE'", to: "release.lua")
      let plan = try await project.command("plan", "release.lua", "--out", "weekly.plan")
      #expect(plan.status == 0, "\(plan.messages)")
      #expect(plan.output.contains("3 APIs"), "\(plan.output)")
      let applied = try await project.command("apply", "weekly.plan")
      #expect(applied.status == 0, "\(applied.messages)")
      let again = try await project.command("release.lua")
      #expect(again.status == 0 && again.output == "0\n", "\(again.messages)")
    }
  }

  @Test func aPermissionThatIsMissingIsARefusalThatNamesWhatIsGranted() async throws {
    try await RotateProject.with(
      permissions: ["read", "publish:STAGING", "offline:RELEASE"], ["init.lua": Self.rotate]
    ) { project in
      try await project.add(denying: "offline:RELEASE")
      try project.command.write("require('acme.rotate').retire 'pay-create'", to: "retire.lua")
      let run = try await project.command("--no-input", "retire.lua")
      #expect(run.status == 6)
      #expect(run.messages.contains("acme/rotate/init.lua:8: "), "\(run.messages)")
      #expect(run.messages.contains("acme/rotate 2.1.0 wants offline:RELEASE"), "\(run.messages)")
      #expect(run.messages.contains("granted to it by apig.lock: publish:STAGING, read"), "\(run.messages)")
      #expect(run.messages.contains("apig-lua pkg update acme/rotate --review"))
      #expect(run.messages.contains("retire.lua:1: in a call of acme/rotate"))
    }
  }

  @Test(arguments: ["RELEASE", "DEFAULT_ENVIRONMENT_RELEASE_ID", "production"])
  func anEnvironmentIsGrantedAndDeniedByAnyOfItsNames(_ name: String) async throws {
    let alias = "envs: { production: { id: DEFAULT_ENVIRONMENT_RELEASE_ID } }"
    try await withGatewayProject(lines: [alias]) { command, _ in
      let file = command.folder.appending(path: "apig.yaml")
      let settings = try String(contentsOf: file, encoding: .utf8)
      var project = try RotateProject(
        in: command.folder, permissions: ["read", "publish:\(name)"], ["init.lua": Self.rotate])
      try settings.write(to: file, atomically: false, encoding: .utf8)
      project.command = command
      try await project.add()
      let call = "return require('acme.rotate').release 'RELEASE'"
      let denied = try await command("--no-input", "--deny", "publish:\(name)", "-e", call)
      #expect(denied.status == 6, "\(denied.messages)")
      let run = try await command("--no-input", "-e", call)
      #expect(run.status == 0 && run.output == "3\n", "\(run.messages)")
    }
  }

  @Test func theScriptsFlagsGrantAPackageNothing() async throws {
    try await RotateProject.with(permissions: ["offline:RELEASE"], ["init.lua": Self.rotate]) { project in
      try await project.add(denying: "offline:RELEASE")
      try project.command.write("require('acme.rotate').retire 'pay-create'", to: "retire.lua")
      let run = try await project.command("--allow", "offline:*", "--yes", "retire.lua")
      #expect(run.status == 6, "\(run.messages)")
    }
  }

  @Test(arguments: [("o", 0, false), ("p", 0, true), ("r", 6, false)])
  func aTerminalIsAskedOnce(_ answer: String, _ status: Int32, _ isKept: Bool) async throws {
    try await RotateProject.with(permissions: ["offline:RELEASE"], ["init.lua": Self.rotate]) { project in
      try await project.add(denying: "offline:RELEASE")
      try project.command.write(
        "local r = require 'acme.rotate' r.retire 'pay-create' r.retire 'pay-refund'", to: "retire.lua")
      let run = try await project.command.onTerminal(
        ["retire.lua"],
        typing: [.init("[r]efuse? [o/p/R] ", answer)])
      #expect(run.status == .exited(status), "\(run.screen)")
      #expect(run.screen.contains("acme/rotate 2.1.0 wants offline:RELEASE"), "\(run.screen)")
      let listed = try await project.command("pkg", "list", "--output", "csv")
      #expect(listed.output.contains("offline:RELEASE") == isKept, "\(listed.output)")
      let later = try await project.command("--no-input", "retire.lua")
      #expect((later.status == 6) != isKept, "\(later.messages)")
    }
  }

  @Test func aGrantKeepsTheNameThatTheManifestHas() async throws {
    let name = "offline:DEFAULT_ENVIRONMENT_RELEASE_ID"
    try await RotateProject.with(permissions: [name], ["init.lua": Self.rotate]) { project in
      try await project.add(denying: name)
      try project.command.write("require('acme.rotate').retire 'pay-create'", to: "retire.lua")
      let run = try await project.command.onTerminal(
        ["retire.lua"], typing: [.init("wants \(name).", "p")])
      #expect(run.status == .exited(0), "\(run.screen)")
      let verified = try await project.command("pkg", "verify")
      #expect(verified.status == 0, "\(verified.messages)")
      let later = try await project.command("--no-input", "-e", "require('acme.rotate').retire 'pay-refund'")
      #expect(later.status == 0, "\(later.messages)")
    }
  }

  @Test func aGrantIsForTheCodeThatWasAskedAbout() async throws {
    try await RotateProject.with(permissions: ["offline:RELEASE"], ["init.lua": Self.rotate]) { project in
      try await project.add(denying: "offline:RELEASE")
      try project.command.write("require('acme.rotate').retire 'pay-create'", to: "retire.lua")
      let run = try await project.command.onTerminal(
        ["retire.lua"],
        typing: [
          .init("[r]efuse? [o/p/R] ", "p") {
            try? project.write(version: "2.2.0", permissions: ["offline:RELEASE"], ["init.lua": "return {}"])
            let updated = try? await project.command("pkg", "update", "--yes")
            #expect(updated?.status == 0, "\(updated?.messages ?? "")")
          }
        ])
      #expect(run.status == .exited(0), "\(run.screen)")
      #expect(run.screen.contains("granted for this run only"), "\(run.screen)")
      let listed = try await project.command("pkg", "list", "--output", "csv")
      #expect(listed.output.contains("2.2.0") && !listed.output.contains("offline:"), "\(listed.output)")
    }
  }

  @Test func lockedTakesTheLockAsItIs() async throws {
    try await RotateProject.with(["init.lua": "return { n = 1 }"]) { project in
      let words = ["--locked", "-e", "print(require('acme.rotate').n)"]
      let none = try await project.command.run(words)
      #expect(none.status == 6 && none.messages.contains("there is no "), "\(none.messages)")
      #expect(try await project.command("--locked", "pkg", "add", "./rotate").status == 64)
      try await project.add()
      let run = try await project.command.run(words)
      #expect(run.status == 0 && run.output == "1\n", "\(run.messages)")
      #expect(try await project.command("pkg", "remove", "--locked", "acme/rotate").status == 64)
      // Something that the script does not even use.
      try PackageFiles.writePackage("acme/probe", to: project.command.folder.appending(path: "probe"))
      #expect(try await project.command("pkg", "add", "./probe").status == 0)
      let package = project.command.folder.appending(path: ".apig/pkg/acme/probe")
      try PackageFiles.write(["init.lua": "return 'evil'\n"], to: package)
      let changed = try await project.command.run(words)
      #expect(changed.status == 6 && changed.messages.contains("is not what was locked"), "\(changed.messages)")
      try FileManager.default.removeItem(at: package)
      for words in [words, ["pkg", "verify"], ["acme/probe"]] {
        let missing = try await project.command.run(words)
        #expect(missing.status == 78, "\(words): \(missing.messages)")
        #expect(missing.messages.contains("acme/probe 1.0.0 is not installed"), "\(missing.messages)")
      }
      #expect(try await project.command("pkg", "install", "--locked").status == 0)
      #expect(try await project.command.run(words).status == 0)
      try PackageFiles.writePackage("evil/extra", to: project.command.folder.appending(path: ".apig/pkg/evil/extra"))
      let stray = try await project.command.run(words)
      #expect(stray.status == 6 && stray.messages.contains("evil/extra is installed"), "\(stray.messages)")
    }
  }

  @Test func lockedLeavesTheUsersPackagesAlone() async throws {
    try await RotateProject.with(["init.lua": "return { n = 1 }"]) { project in
      try PackageFiles.writePackage("acme/own", to: project.command.folder.appending(path: "own"))
      #expect(try await project.command("pkg", "add", "--global", "./own").status == 0)
      try await project.add()
      #expect(try await project.command("-e", "require 'acme.own'").status == 0)
      let run = try await project.command("--locked", "-e", "require 'acme.own'")
      #expect(run.status == 1 && run.messages.contains("module 'acme.own' not found"), "\(run.messages)")
    }
  }

  @Test func aPackageOfTheUsersGetsWhatItWasLockedWith() async throws {
    try await RotateProject.with(["init.lua": "return { n = 1 }"]) { project in
      let folder = project.command.folder
      try PackageFiles.writePackage("acme/util", version: "2.0.0", to: folder.appending(path: "util2"))
      try PackageFiles.writePackage(
        "acme/top", lines: ["dependencies: { acme/util: { source: ../util2, version: ^2.0 } }"],
        code: "return { n = require('acme.util').n }", to: folder.appending(path: "top"))
      #expect(try await project.command("pkg", "add", "--global", "./top").status == 0)
      let script = "print(require('acme.top').n)"
      let alone = try await project.command("-e", script)
      #expect(alone.status == 0 && alone.output == "1\n", "\(alone.messages)")
      try PackageFiles.writePackage("acme/util", code: "return { n = 'evil' }", to: folder.appending(path: "util1"))
      #expect(try await project.command("pkg", "add", "./util1").status == 0)
      let mixed = try await project.command("-e", script)
      #expect(mixed.status == 6 && !mixed.output.contains("evil"), "\(mixed.messages)")
      #expect(mixed.messages.contains("acme/top 1.0.0, a package of the user's, needs the user's acme/util 2.0.0"))
    }
  }

  @Test func aLockOfTheUsersThatCannotBeReadIsTheUsersMatter() async throws {
    try await RotateProject.with(["init.lua": "return { n = 1 }"]) { project in
      try await project.add()
      try PackageFiles.write(["data/apig-lua/apig.lock": "lock: 9\npackages: {}\n"], to: project.command.folder)
      let run = try await project.command("-e", "print(require('acme.rotate').n)")
      #expect(run.status == 0 && run.output == "1\n", "\(run.messages)")
      let other = try await project.command("-e", "require 'acme.other'")
      #expect(other.status != 0 && other.messages.contains("data/apig-lua/apig.lock"), "\(other.messages)")
    }
  }

  @Test func anEntryPointRunsWithThePackagesRights() async throws {
    try await RotateProject.with(
      permissions: ["read", "publish:RELEASE"], entryPoints: ["main": "main.lua"],
      ["init.lua": Self.rotate, "main.lua": Self.main]
    ) { project in
      try await project.add()
      let help = try await project.command("acme/rotate", "--help")
      #expect(help.status == 0, "\(help.messages)")
      #expect(help.output.hasPrefix("usage: apig-lua acme/rotate [parameters]"), "\(help.output)")
      #expect(help.output.contains("--group NAME  whose APIs (required)"))
      let plan = try await project.command("plan", "acme/rotate", "--group", "payments", "--out", "rotate.plan")
      #expect(plan.status == 0, "\(plan.messages)")
      let run = try await project.command("apply", "rotate.plan")
      #expect(run.status == 0, "\(run.messages)")
      #expect(run.output == "rotating payments\n3\n")
      let again = try await project.command("acme/rotate", "--group", "payments")
      #expect(again.output == "rotating payments\n0\n", "\(again.messages)")
      let checked = try await project.command("check", "acme/rotate")
      #expect(checked.status == 0, "\(checked.messages)")
      let wrong = try await project.command("acme/rotate", "--grup", "payments")
      #expect(wrong.status == 64, "\(wrong.messages)")
    }
  }

  @Test func anEntryPointMayNoMoreThanItsPackage() async throws {
    try await RotateProject.with(
      permissions: ["read"], entryPoints: ["main": "main.lua", "wide": "wide.lua"],
      ["init.lua": Self.rotate, "main.lua": Self.main, "wide.lua": "apig.http.get { url = 'https://evil.example/' }"]
    ) { project in
      try await project.add()
      let run = try await project.command("acme/rotate", "--group", "payments")
      #expect(run.status == 6, "\(run.messages)")
      #expect(run.messages.contains("acme/rotate 2.1.0 wants publish:RELEASE"))
      let wide = try await project.command("--allow", "http:*", "acme/rotate:wide")
      #expect(wide.status == 6, "\(wide.messages)")
    }
  }

  @Test func whatNoLockHasIsNotFound() async throws {
    try await RotateProject.with(["init.lua": Self.rotate]) { project in
      let required = try await project.command("-e", "require 'acme.rotate'")
      #expect(required.status == 1)
      #expect(required.messages.contains("module 'acme.rotate' not found"), "\(required.messages)")
      let run = try await project.command("acme/rotate")
      #expect(run.status == 64, "\(run.messages)")
      #expect(run.messages.contains("no package of that name is locked"), "\(run.messages)")
      let unnamed = try await project.command("acme/rotate:")
      #expect(unnamed.status == 64 && unnamed.messages.contains("acme/rotate:NAME"), "\(unnamed.messages)")
    }
  }

  @Test(arguments: ["init.lua", "package.yaml"])
  func aByteThatWasChangedIsFoundBeforeAnythingRuns(_ file: String) async throws {
    try await RotateProject.with(
      permissions: ["read"], entryPoints: ["main": "main.lua"], ["init.lua": Self.rotate, "main.lua": "print 'ran'"]
    ) { project in
      try await project.add()
      let path = project.command.folder.appending(path: ".apig/pkg/acme/rotate/\(file)")
      var text = try String(contentsOf: path, encoding: .utf8)
      text += "\n"
      try text.write(to: path, atomically: false, encoding: .utf8)
      for arguments in [["acme/rotate"], ["-e", "require 'acme.rotate'"], ["plan", "acme/rotate"]] {
        let run = try await project.command.run(arguments)
        #expect(run.status == 6, "\(run.messages)")
        #expect(run.messages.contains("is not what was locked"), "\(run.messages)")
        #expect(!run.output.contains("ran"))
      }
    }
  }

  @Test func anUnsignedPackageRunsInAProcessOfItsOwn() async throws {
    // Nothing in this process could interrupt it.
    let endless = "return { go = function() \(IsolationTests.bombs[0]) end, id = function() return 1 end }"
    try await RotateProject.with(["init.lua": endless]) { project in
      try await project.add()
      let run = try await project.command("--max-cpu", "300ms", "-e", "pcall(require('acme.rotate').go) print 'on'")
      #expect(run.status == 1, "\(run.messages)")
      #expect(run.output.isEmpty)
      #expect(run.messages.hasPrefix("limit: time: "), "\(run.messages)")
      let trusted = try await project.command("--trust-unsigned", "-e", "return require('acme.rotate').id()")
      #expect(trusted.output == "1\n", "\(trusted.messages)")
    }
  }

  @Test(.timeLimit(.minutes(5))) func aRunThatDiedInsideAPackageGoesOn() async throws {
    try await RotateProject.with(permissions: ["read", "publish:RELEASE"], ["init.lua": Self.rotate]) { project in
      try await project.add()
      try project.command.write("return require('acme.rotate').release 'RELEASE'", to: "release.lua")
      var dying = project.command
      dying.variables["APIG_LUA_CRASH_AFTER_ENTRY"] = "6"
      let died = try await dying("release.lua")
      #expect(died.status == -1, "\(died.messages)")
      let resumed = try await project.command("resume", "last")
      #expect(resumed.status == 0, "\(resumed.messages)")
      #expect(resumed.output == "3\n")
      let again = try await project.command("release.lua")
      #expect(again.output == "0\n", "\(again.messages)")
    }
  }
}

/// A project with a package in it, `acme/rotate`, as an author writes one: `rotate/` beside the scripts.
struct RotateProject: Sendable {
  var command: Command

  /// - Parameters:
  ///   - permissions: what the manifest asks for.
  ///   - modules: by file.
  init(in folder: URL, permissions: [String] = [], entryPoints: [String: String] = [:], _ modules: [String: String])
    throws
  {
    command = Command(in: folder)
    // Beside it nothing is searched for a project.
    try command.write("default_gateway: local\n", to: "apig.yaml")
    try write(permissions: permissions, entryPoints: entryPoints, modules)
  }

  func write(
    version: String = "2.1.0", permissions: [String] = [], entryPoints: [String: String] = [:],
    _ modules: [String: String]
  ) throws {
    try FileManager.default.createDirectory(
      at: command.folder.appending(path: "rotate"), withIntermediateDirectories: true)
    var manifest = "name: acme/rotate\nversion: \(version)\nsummary: Rotates what is published.\n"
    if !permissions.isEmpty {
      manifest += "permissions: [\(permissions.map { "\"\($0)\"" }.joined(separator: ", "))]\n"
    }
    if !entryPoints.isEmpty {
      manifest += "entry_points:\n" + entryPoints.map { "  \($0.key): \($0.value)\n" }.sorted().joined()
    }
    try command.write(manifest, to: "rotate/package.yaml")
    for (file, text) in modules { try command.write(text, to: "rotate/\(file)") }
  }

  /// Adds the package to the project, with some of its permissions withheld.
  func add(denying denied: String...) async throws {
    let added = try await command.run(
      ["pkg", "add", "--accept-permissions"] + denied.flatMap { ["--deny", $0] } + ["./rotate"])
    guard added.status == 0 else { throw Failure(text: added.messages) }
  }

  struct Failure: Error {
    let text: String
  }
}

extension RotateProject {
  /// A project in a folder of its own.
  static func with(
    permissions: [String] = [], entryPoints: [String: String] = [:], _ modules: [String: String],
    _ body: @escaping @Sendable (RotateProject) async throws -> Void
  ) async throws {
    try await withTemporaryFolder { folder in
      try await body(
        RotateProject(in: folder, permissions: permissions, entryPoints: entryPoints, modules))
    }
  }
}
