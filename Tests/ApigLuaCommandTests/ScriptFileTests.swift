import Foundation
import GatewayAPI
import GatewayTestSupport
import Glibc
import Subprocess
import Testing

/// Files and variables, as scripts of users meet them.
@Suite(.timeLimit(.minutes(5))) struct ScriptFileTests {
  /// A project, with a script's folder in it, beside a folder that is none of its business.
  private struct Project: Sendable {
    let root: URL
    let command: Command

    init(in folder: URL) throws {
      root = folder.resolvingSymlinksInPath()
      for name in ["project/scripts", "outside"] {
        try FileManager.default.createDirectory(at: root.appending(path: name), withIntermediateDirectories: true)
      }
      command = Command(in: root.appending(path: "project"))
      try command.write("default_gateway: local\n", to: "apig.yaml")
      try write("beyond", to: "outside/a.txt")
      try write("near", to: "project/scripts/in.txt")
    }

    func path(_ name: String) -> String { root.appending(path: name).path }

    func write(_ text: String, to name: String) throws {
      try text.write(to: root.appending(path: name), atomically: true, encoding: .utf8)
    }

    func text(_ name: String) throws -> String { try String(contentsOf: root.appending(path: name), encoding: .utf8) }

    func has(_ name: String) -> Bool { FileManager.default.fileExists(atPath: path(name)) }

    func link(_ name: String, to target: String) throws {
      try FileManager.default.createSymbolicLink(atPath: path(name), withDestinationPath: path(target))
    }

    /// Runs a script that lies in the project's folder of scripts.
    func run(_ script: String, _ flags: String...) async throws -> Command.Result {
      try command.write(script, to: "scripts/release.lua")
      return try await command.run(flags + ["scripts/release.lua"])
    }
  }

  private func withProject(_ body: @escaping @Sendable (Project) async throws -> Void) async throws {
    try await withTemporaryFolder { folder in try await body(try Project(in: folder)) }
  }

  // MARK: - The script's folder

  @Test func belowItsFolderAScriptIsFree() async throws {
    try await withProject { project in
      let run = try await project.run(
        "apig.file.write('out.txt', apig.file.read 'in.txt' .. '!') return apig.file.read './../scripts/out.txt'")
      #expect(run.status == 0 && run.output == "near!\n", "\(run.messages)")
      let written = try project.text("project/scripts/out.txt")
      #expect(written == "near!")
      let names = try FileManager.default.contentsOfDirectory(atPath: project.path("project/scripts"))
      #expect(Set(names) == ["in.txt", "out.txt", "release.lua"])
    }
  }

  @Test func aLineIsFreeInTheWorkingFolder() async throws {
    try await withProject { project in
      let run = try await project.command(
        "-e",
        "apig.file.write('scripts/out.txt', 'x') return apig.file.read '\(project.path("project/scripts/in.txt"))'")
      #expect(run.status == 0 && run.output == "near\n", "\(run.messages)")
      #expect(project.has("project/scripts/out.txt"))
    }
  }

  @Test func aFileThatIsReplacedKeepsItsMode() async throws {
    try await withProject { project in
      try #require(chmod(project.path("project/scripts/in.txt"), 0o640) == 0)
      let run = try await project.run("apig.file.write('in.txt', 'new')")
      #expect(run.status == 0, "\(run.messages)")
      var status = stat()
      try #require(stat(project.path("project/scripts/in.txt"), &status) == 0)
      #expect(status.st_mode & 0o777 == 0o640)
      let text = try project.text("project/scripts/in.txt")
      #expect(text == "new")
    }
  }

  // MARK: - Beyond it

  /// Ways to the file outside.
  private static let ways = ["../../outside/a.txt", "link.txt", "linked/a.txt", "ABSOLUTE"]

  @Test(arguments: ways) func readingBeyondItsFolderNeedsAGrant(_ way: String) async throws {
    try await withProject { project in
      try project.link("project/scripts/link.txt", to: "outside/a.txt")
      try project.link("project/scripts/linked", to: "outside")
      let file = project.path("outside/a.txt")
      let script = "return apig.file.read '\(way == "ABSOLUTE" ? file : way)'"
      let refused = try await project.run(script)
      #expect(refused.status == 6 && !refused.output.contains("beyond"), "\(refused.messages)")
      #expect(refused.messages.contains("run with --allow file.read:\(file)"), "\(refused.messages)")
      for grant in [file, project.path("outside"), "../outside", "scripts/linked/", "*"] {
        let allowed = try await project.run(script, "--allow", "file.read:\(grant)")
        #expect(allowed.status == 0 && allowed.output == "beyond\n", "\(grant): \(allowed.messages)")
      }
      for grant in ["file.read:\(project.path("outsid"))", "file.write:\(file)"] {
        let other = try await project.run(script, "--allow", grant)
        #expect(other.status == 6, "\(grant): \(other.messages)")
      }
      let denied = try await project.run(script, "--allow", "file.read:*", "--deny", "file.read:../outside")
      #expect(denied.status == 6 && denied.messages.contains("is denied"), "\(denied.messages)")
      try project.command.write("permissions:\n  allow: [\"file.read:../outside\"]\n", to: "apig.yaml")
      let written = try await project.run(script)
      #expect(written.status == 0 && written.output == "beyond\n", "\(written.messages)")
    }
  }

  @Test(arguments: ["../../outside/b.txt", "linked/b.txt", "ABSOLUTE"])
  func writingBeyondItsFolderNeedsAGrant(_ way: String) async throws {
    try await withProject { project in
      try project.link("project/scripts/linked", to: "outside")
      let file = project.path("outside/b.txt")
      let script = "apig.file.write('\(way == "ABSOLUTE" ? file : way)', 'x')"
      let refused = try await project.run(script)
      #expect(refused.status == 6 && !project.has("outside/b.txt"), "\(refused.messages)")
      #expect(refused.messages.contains("run with --allow file.write:\(file)"), "\(refused.messages)")
      let allowed = try await project.run(script, "--allow", "file.write:../outside")
      #expect(allowed.status == 0 && project.has("outside/b.txt"), "\(allowed.messages)")
    }
  }

  @Test func aLinkIsNotWrittenThroughNorReplaced() async throws {
    try await withProject { project in
      try project.link("project/scripts/link.txt", to: "outside/a.txt")
      let run = try await project.run("apig.file.write('link.txt', 'x')", "--allow", "file.write:*")
      #expect(run.status == 1 && run.messages.contains("is reached by a symbolic link"), "\(run.messages)")
      let text = try project.text("outside/a.txt")
      #expect(text == "beyond")
    }
  }

  @Test(arguments: [".env", ".git/config"]) func hiddenFilesBesideItNeedAGrant(_ name: String) async throws {
    try await withProject { project in
      try FileManager.default.createDirectory(
        atPath: project.path("project/scripts/.git"), withIntermediateDirectories: true)
      try project.write("TOKEN=1", to: "project/scripts/\(name)")
      for call in ["apig.file.read '\(name)'", "apig.file.write('\(name)', '')"] {
        let run = try await project.run(call)
        #expect(run.status == 6, "\(run.messages)")
      }
      let allowed = try await project.run("return apig.file.read '\(name)'", "--allow", "file.read:scripts/\(name)")
      #expect(allowed.output == "TOKEN=1\n", "\(allowed.messages)")
    }
  }

  /// Who may not read a file does not learn either that there is none.
  @Test func whatIsMissingBeyondItsFolderIsRefusedAllTheSame() async throws {
    try await withProject { project in
      for name in ["none.txt", "none/none.txt", "a.txt/none.txt"] {
        let script = "return apig.file.read '../../outside/\(name)'"
        let refused = try await project.run(script)
        #expect(refused.status == 6, "\(refused.messages)")
        let allowed = try await project.run(script, "--allow", "file.read:../outside")
        #expect(allowed.status == 1 && allowed.messages.contains("there is no '"), "\(allowed.messages)")
      }
    }
  }

  @Test(arguments: [("o", 0, false), ("p", 0, true), ("r", 6, false)])
  func aTerminalIsAsked(_ answer: String, _ status: Int32, _ isKept: Bool) async throws {
    try await withProject { project in
      try project.command.write("return apig.file.read '../../outside/a.txt'", to: "scripts/release.lua")
      let asked = try await project.command.onTerminal(
        ["scripts/release.lua"], typing: [.init("[r]efuse? [o/p/R] ", answer)])
      #expect(asked.status == .exited(status), "\(asked.screen)")
      #expect(asked.screen.contains("release.lua wants file.read:\(project.path("outside/a.txt"))"), "\(asked.screen)")
      let later = try await project.command("scripts/release.lua")
      #expect((later.status == 0) == isKept, "\(later.messages)")
    }
  }

  @Test func aGrantForTheProjectBeginsAtTheProject() async throws {
    try await withProject { project in
      try project.write("deep", to: "project/b.txt")
      try project.command.write("return apig.file.read '../b.txt'", to: "scripts/release.lua")
      let asked = try await project.command.onTerminal(
        ["scripts/release.lua"], typing: [.init("[r]efuse? [o/p/R] ", "p")])
      #expect(asked.status == .exited(0), "\(asked.screen)")
      let file = try project.text("project/apig.yaml")
      #expect(file.contains("\"file.read:b.txt\""), "\(file)")
      let later = try await project.command("scripts/release.lua")
      #expect(later.output == "deep\n", "\(later.messages)")
    }
  }

  // MARK: - What is no file

  @Test(arguments: [
    ("pipe", "is no regular file"), ("folder", "is no regular file"), ("/dev/zero", "is no regular file"),
    ("/proc/self/environ", "is no regular file"), ("large.txt", "is larger than 4 MiB"),
    ("none.txt", "there is no 'none.txt'"),
    ("in.txt/none", "there is no 'in.txt/none'"), ("loop", "'loop' "), ("in.txt/", "there is no 'in.txt/'"),
  ])
  func whatIsNoFileIsNotRead(_ name: String, _ message: String) async throws {
    try await withProject { project in
      try #require(mkfifo(project.path("project/scripts/pipe"), 0o600) == 0)
      try FileManager.default.createDirectory(
        atPath: project.path("project/scripts/folder"), withIntermediateDirectories: true)
      try project.link("project/scripts/loop", to: "project/scripts/loop")
      try Data(count: (4 << 20) + 1).write(to: project.root.appending(path: "project/scripts/large.txt"))
      let run = try await project.run("apig.file.read '\(name)'", "--allow", "file.read:*")
      #expect(run.status == 1 && run.messages.contains(message), "\(run.messages)")
    }
  }

  @Test(arguments: ["pipe", "folder", "folder/", "/dev/null", "none/out.txt", "in.txt/out.txt", ".", ".."])
  func whatIsNoFileIsNotWritten(_ name: String) async throws {
    try await withProject { project in
      try #require(mkfifo(project.path("project/scripts/pipe"), 0o600) == 0)
      try FileManager.default.createDirectory(
        atPath: project.path("project/scripts/folder"), withIntermediateDirectories: true)
      let run = try await project.run("apig.file.write('\(name)', 'x')", "--allow", "file.write:*")
      #expect(run.status == 1, "\(run.messages)")
      let names = try FileManager.default.contentsOfDirectory(atPath: project.path("project/scripts"))
      #expect(Set(names) == ["folder", "in.txt", "pipe", "release.lua"])
    }
  }

  @Test(arguments: ["apig.yaml", "apig.lock", ".apig/allowed_signers"])
  func noScriptGrantsItselfAnything(_ name: String) async throws {
    try await withProject { project in
      try FileManager.default.createDirectory(
        atPath: project.path("project/.apig"), withIntermediateDirectories: true)
      let run = try await project.command(
        "--allow", "file.write:*", "-e", "apig.file.write('\(name)', 'permissions: { allow: [\"http:*\"] }')")
      #expect(run.status == 6 && run.messages.contains("it decides what scripts may do"), "\(run.messages)")
      let text = try project.text("project/apig.yaml")
      #expect(text == "default_gateway: local\n")
    }
  }

  // MARK: - Plans and interrupted runs

  @Test func aPlanTellsOfAFileAndDoesNotWriteIt() async throws {
    try await withProject { project in
      try project.command.write("apig.file.write('out.txt', apig.file.read 'in.txt')", to: "scripts/release.lua")
      let plan = try await project.command("plan", "--output", "json", "scripts/release.lua")
      #expect(plan.status == 0 && !project.has("project/scripts/out.txt"), "\(plan.messages)")
      let document = try Document(json: plan.output)
      #expect(document["summary"]?["costs"]?["written_files"] == 1)
      let shown = try await project.command("plan", "scripts/release.lua")
      #expect(shown.output.contains("file.write out.txt") && shown.output.contains("1 file written"), "\(shown.output)")
      try project.command.write("apig.file.write('../../outside/b.txt', 'x')", to: "scripts/release.lua")
      let refused = try await project.command("plan", "scripts/release.lua")
      #expect(refused.status == 6, "\(refused.messages)")
    }
  }

  @Test(arguments: [(2, true), (3, false)])
  func aResumedRunReadsWhatItReadAndWritesWhatWasUnderWay(_ entry: Int, _ isUnderWay: Bool) async throws {
    try await withProject { project in
      var dying = project.command
      dying.variables["APIG_LUA_CRASH_AFTER_ENTRY"] = String(entry)
      try dying.write(
        "local text = apig.file.read 'in.txt' apig.file.write('out.txt', text .. '!') return text",
        to: "scripts/release.lua")
      let died = try await dying("scripts/release.lua")
      #expect(died.status == -1, "\(died.messages)")
      #expect(project.has("project/scripts/out.txt") != isUnderWay)
      if !isUnderWay { try project.command.remove("scripts/out.txt") }
      try project.write("another", to: "project/scripts/in.txt")
      // From elsewhere, where the same paths would be others.
      let elsewhere = project.root.appending(path: "outside")
      var resuming = Command(in: elsewhere)
      resuming.variables = ["HOME": project.command.folder.path, "XDG_DATA_HOME": project.path("project/data")]
      let resumed = try await resuming("resume", "last")
      #expect(resumed.status == 0 && resumed.output == "near\n", "\(resumed.messages)")
      #expect(project.has("project/scripts/out.txt") == isUnderWay)
      if isUnderWay {
        let text = try project.text("project/scripts/out.txt")
        #expect(text == "near!")
      }
    }
  }

  @Test func noRollbackTakesAFileBack() async throws {
    try await withProject { project in
      let run = try await project.run(
        """
        apig.with_rollback(function()
          apig.publish { api = "pay-create", env = "RELEASE" }
          apig.file.write("out.txt", "kept")
          error "not well"
        end)
        """)
      #expect(run.status == 4, "\(run.messages)")
      let text = try project.text("project/scripts/out.txt")
      #expect(text == "kept")
    }
  }

  // MARK: - Secrets and variables

  @Test func aSecretIsItsNameInAFile() async throws {
    try await withProject { project in
      var command = project.command
      command.variables["APIG_SECRET_KEY"] = "hush-hush-77"
      let run = try await command(
        "--allow", "secret:key", "-e", "apig.file.write('out.txt', 'Bearer ' .. apig.secret 'key')")
      #expect(run.status == 0, "\(run.messages)")
      let text = try project.text("project/out.txt")
      #expect(text == "Bearer ‹secret key›")
    }
  }

  @Test func aVariableNeedsAGrant() async throws {
    try await withProject { project in
      var command = project.command
      command.variables["STAGE"] = "blue"
      let refused = try await command("-e", "return apig.environ 'STAGE'")
      #expect(refused.status == 6 && refused.messages.contains("--allow environ:STAGE"), "\(refused.messages)")
      let allowed = try await command(
        "--allow", "environ:STAGE", "--allow", "environ:NONE", "-e",
        "return apig.environ 'STAGE' .. tostring(apig.environ 'NONE')")
      #expect(allowed.status == 0 && allowed.output == "bluenil\n", "\(allowed.messages)")
    }
  }

  @Test(arguments: [
    "APIG_SECRET_KEY", "APIG_TOKEN", "HUAWEICLOUD_SDK_AK", "HUAWEICLOUD_SDK_SK", "HUAWEICLOUD_SDK_SECURITY_TOKEN",
    "HW_ACCESS_KEY", "HW_SECRET_KEY", "HW_SECURITY_TOKEN",
  ])
  func noScriptIsToldACredential(_ name: String) async throws {
    try await withProject { project in
      var command = project.command
      command.variables[name] = "hush-hush-77"
      for flags in [["--allow", "environ:*"], ["--allow", "environ:\(name)"], []] {
        let run = try await command.run(flags + ["-e", "return apig.environ '\(name)'"])
        #expect(run.status == 6 && run.messages.contains("\(name) is a credential"), "\(run.messages)")
        #expect(!(run.output + run.messages).contains("hush-hush"))
      }
    }
  }

  // MARK: - Packages

  private static let worker = """
    return {
      read = function(path) return apig.file.read(path) end,
      write = function(path) apig.file.write(path, "theirs") end,
    }
    """

  private static func withWorker(
    permissions: [String], denying denied: String..., body: @escaping @Sendable (RotateProject) async throws -> Void
  ) async throws {
    try await RotateProject.with(permissions: permissions, ["init.lua": worker]) { project in
      for folder in ["data", "other"] {
        try FileManager.default.createDirectory(
          at: project.command.folder.appending(path: folder), withIntermediateDirectories: true)
        try project.command.write(folder, to: "\(folder)/a.txt")
      }
      let added = try await project.command.run(
        ["pkg", "add", "--accept-permissions"] + denied.flatMap { ["--deny", $0] } + ["./rotate"])
      try #require(added.status == 0, "\(added.messages)")
      try await body(project)
    }
  }

  @Test func aPackageHasTheFilesThatItAskedFor() async throws {
    try await Self.withWorker(permissions: ["file.read:data", "file.write:data/out"]) { project in
      try FileManager.default.createDirectory(
        at: project.command.folder.appending(path: "data/out"), withIntermediateDirectories: true)
      let read = try await project.command("-e", "return require('acme.rotate').read 'data/a.txt'")
      #expect(read.status == 0 && read.output == "data\n", "\(read.messages)")
      let written = try await project.command("-e", "require('acme.rotate').write 'data/out/b.txt'")
      #expect(written.status == 0, "\(written.messages)")
      let text = try String(contentsOf: project.command.folder.appending(path: "data/out/b.txt"), encoding: .utf8)
      #expect(text == "theirs")
    }
  }

  @Test(arguments: [
    "read 'other/a.txt'", "read 'data/../other/a.txt'", "read 'data/link.txt'", "read '/etc/passwd'",
    "read 'none.txt'", "write 'data/b.txt'", "write 'apig.yaml'",
  ])
  func aPackageHasNoOtherFiles(_ call: String) async throws {
    try await Self.withWorker(permissions: ["file.read:data"]) { project in
      let folder = project.command.folder
      try FileManager.default.createSymbolicLink(
        at: folder.appending(path: "data/link.txt"), withDestinationURL: folder.appending(path: "other/a.txt"))
      let run = try await project.command(
        "--allow", "file.read:*", "--allow", "file.write:*", "-e", "return require('acme.rotate').\(call)")
      #expect(run.status == 6, "\(run.messages)")
      #expect(!FileManager.default.fileExists(atPath: folder.appending(path: "data/b.txt").path))
    }
  }

  @Test func whatIsGrantedLaterIsWrittenAsTheManifestBeginsIt() async throws {
    try await Self.withWorker(permissions: ["file.read:data"], denying: "file.read:data") { project in
      let script = "return require('acme.rotate').read 'data/a.txt'"
      let refused = try await project.command("--no-input", "-e", script)
      #expect(refused.status == 6, "\(refused.messages)")
      let asked = try await project.command.onTerminal(["-e", script], typing: [.init("[r]efuse? [o/p/R] ", "p")])
      #expect(asked.status == .exited(0), "\(asked.screen)")
      let lock = try String(contentsOf: project.command.folder.appending(path: "apig.lock"), encoding: .utf8)
      #expect(lock.contains("file.read:data/a.txt"), "\(lock)")
      let later = try await project.command("--no-input", "-e", script)
      #expect(later.status == 0 && later.output == "data\n", "\(later.messages)")
    }
  }

  @Test func aManifestNamesNoFolderAboveTheProject() async throws {
    try await RotateProject.with(permissions: ["file.read:../"], ["init.lua": Self.worker]) { project in
      let added = try await project.command("pkg", "add", "--accept-permissions", "./rotate")
      #expect(added.status == 78 && added.messages.contains("leads upwards"), "\(added.messages)")
    }
  }

  // MARK: - check

  @Test func whatNeedsAGrantIsFoundWithoutRunningAnything() async throws {
    try await withProject { project in
      try project.command.write(
        """
        local apig = require "apig"
        apig.file.read "in.txt"
        apig.file.read "../scripts/in.txt"
        apig.file.read "../../outside/a.txt"
        apig.file.write("../out.txt", "x")
        apig.environ "CI"
        """, to: "scripts/release.lua")
      let check = try await project.command("check", "scripts")
      #expect(check.status == 1, "\(check.output)")
      for (line, permission) in [
        (4, "file.read:\(project.path("outside/a.txt"))"), (5, "file.write:\(project.path("project/out.txt"))"),
        (6, "environ:CI"),
      ] {
        #expect(check.output.contains("release.lua:\(line):"), "\(check.output)")
        #expect(check.output.contains("needs \(permission), not granted"), "\(check.output)")
      }
      #expect(!check.output.contains("release.lua:2:") && !check.output.contains("release.lua:3:"), "\(check.output)")
      let granted = try await project.command(
        "check", "--allow", "file.read:../outside", "--allow", "file.write:.", "--allow", "environ:CI", "scripts")
      #expect(granted.status == 0, "\(granted.output)")
    }
  }
}
