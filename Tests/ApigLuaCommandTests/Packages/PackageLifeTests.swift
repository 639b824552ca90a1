import Foundation
import GatewayAPI
import GatewayTestSupport
import Testing

/// A package from its making to its removal, by the commands alone.
@Suite(.timeLimit(.minutes(10))) struct PackageLifeTests {
  @Test func aPackageIsMadePackedSignedPublishedAddedUpdatedAndRemoved() async throws {
    try await withPackageProject { project in
      let (server, command) = (project.server, project.command)
      let key = try await SigningKey("ops", in: project.folder)
      try project.write(key.allowed("ops@example.com"), to: ".apig/allowed_signers")
      let author = Command(in: server.folder)

      // The author.
      try PackageFiles.writePackage(
        version: "2.0.0", lines: ["summary: Rotates keys", "permissions: [read, \"publish:STAGING\"]"],
        to: server.folder)
      let signed = try await author("pkg", "sign", "--key", key.file)
      #expect(signed.status == 0 && signed.output == "./package.sig\n", "\(signed.messages)")
      #expect(signed.messages.contains("acme/rotate 2.0.0 is signed with \(key.fingerprint)"))
      #expect(signed.messages.contains("echo 'YOU@EXAMPLE.COM \(key.publicKey)' >> .apig/allowed_signers"))
      let packed = try await author("pkg", "pack")
      #expect(packed.status == 0 && packed.output == "acme-rotate-2.0.0.tar.gz\n", "\(packed.messages)")
      let alone = try await command("pkg", "verify", server.folder.path + "/acme-rotate-2.0.0.tar.gz")
      #expect(alone.status == 0 && alone.output.contains("signed by ops@example.com"), "\(alone.messages)")
      try author.remove("acme-rotate-2.0.0.tar.gz")
      let commit = try await server.commit()
      try await server.git("tag", "v2.0.0")

      // The project.
      let source = server.source + "@^2.0"
      let added = try await command("pkg", "add", source, "--accept-permissions")
      #expect(added.status == 0 && added.output == "added   acme/rotate   2.0.0\n", "\(added.messages)")
      for text in [
        "+ acme/rotate 2.0.0", "signed by ops@example.com", "Rotates keys", "wants publish:STAGING", "v2.0.0",
      ] {
        #expect(added.messages.contains(text), "\(added.messages)")
      }
      let lock = try project.text("apig.lock")
      for text in [
        "request: \"\(source)\"", "commit: \"\(commit)\"", "signer: \"ops@example.com\"", "- \"publish:STAGING\"",
      ] {
        #expect(lock.contains(text), "\(lock)")
      }
      let list = try await command("pkg", "list")
      #expect(
        list.output.contains(
          "acme/rotate   2.0.0     installed   ops@example.com (allowed by the project)   publish:STAGING read"),
        "\(list.output)")
      #expect(try await command("pkg", "verify").output.hasPrefix("ok   acme/rotate"))

      // The next version wants more.
      try PackageFiles.writePackage(
        version: "2.1.0",
        lines: ["summary: Rotates keys", "permissions: [read, \"publish:STAGING\", \"offline:RELEASE\"]"],
        code: "return { n = 2 }", to: server.folder)
      #expect(try await author("pkg", "sign", "--key", key.file).status == 0)
      try await server.commit()
      try await server.git("tag", "v2.1.0")
      let review = try await command("pkg", "update", "acme/rotate", "--review")
      #expect(review.status == 0 && review.messages == "nothing was changed\n")
      for text in [
        "~ acme/rotate 2.0.0 → 2.1.0", "wants offline:RELEASE", "changed init.lua +1 -1", "+return { n = 2 }",
      ] {
        #expect(review.output.contains(text), "\(review.output)")
      }
      let refused = try await command("pkg", "update", "--yes")
      #expect(
        refused.status == 6 && refused.messages.contains("acme/rotate wants offline:RELEASE"), "\(refused.messages)")
      #expect(refused.messages.contains("--accept-permissions"))
      #expect(
        try project.text("apig.lock") == lock && project.text(".apig/pkg/acme/rotate/init.lua") == "return { n = 1 }\n")
      let code = try await command("pkg", "update", "--accept-permissions")
      #expect(code.status == 6 && code.messages.contains("the code of acme/rotate is new"), "\(code.messages)")
      let updated = try await command("pkg", "update", "--accept-permissions", "--yes")
      #expect(updated.status == 0 && updated.output == "updated   acme/rotate   2.1.0\n", "\(updated.messages)")
      #expect(try project.text("apig.lock").contains("offline:RELEASE"))
      #expect(try project.text(".apig/pkg/acme/rotate/init.lua") == "return { n = 2 }\n")
      let again = try await command("pkg", "update", "--yes")
      #expect(again.status == 0 && again.messages.contains("nothing changes"), "\(again.messages)")

      let removed = try await command("pkg", "remove", "acme/rotate")
      #expect(removed.status == 0 && removed.output == "removed   acme/rotate   2.1.0\n")
      #expect(!project.has(".apig/pkg/acme"))
      #expect(try await command("pkg", "list").output.isEmpty)
    }
  }

  @Test func aLockInstallsTheSameElsewhere() async throws {
    try await withPackageProject { project in
      var command = project.command
      try await project.server.publish(version: "1.0.0")
      #expect(try await command("pkg", "add", project.server.source).status == 0)
      try project.remove(".apig", ".cache")
      let fetched = try await command("pkg", "install", "--locked")
      #expect(fetched.status == 0 && fetched.output == "fetched   acme/rotate   1.0.0\n", "\(fetched.messages)")
      #expect(try await command("pkg", "install", "--locked").output.hasPrefix("kept "))

      // Off line: from the cache, from the vendor folder, and from neither.
      try project.remove(".apig")
      #expect(try await command("pkg", "install", "--offline").output.hasPrefix("unpacked "))
      let vendored = try await command("pkg", "pack", "--vendor")
      #expect(vendored.status == 0 && project.has(".apig/vendor/acme/rotate-1.0.0.tar.gz"), "\(vendored.messages)")
      try project.remove(".apig/pkg", ".cache")
      try FileManager.default.removeItem(at: project.server.folder)
      command.variables["PATH"] = "/nonexistent"
      let offline = try await command("pkg", "install", "--locked", "--offline")
      #expect(offline.status == 0 && offline.output.hasPrefix("unpacked "), "\(offline.messages)")
      try project.remove(".apig")
      let nowhere = try await command("pkg", "install", "--offline")
      #expect(nowhere.status != 0 && !project.has(".apig/pkg/acme"), "\(nowhere.messages)")
    }
  }

  @Test func anArchiveThatIsOutOfDateIsNoDeadEnd() async throws {
    try await withPackageProject { project in
      let command = project.command
      let source = project.command.folder.appending(path: "rotate")
      try PackageFiles.writePackage(to: source)
      #expect(try await command("pkg", "add", "./rotate").status == 0)
      #expect(try await command("pkg", "pack", "--vendor").status == 0)
      try PackageFiles.writePackage(code: "return { n = 2 }", to: source)
      #expect(try await command("pkg", "update", "--yes").status == 0)
      try project.remove(".apig/pkg", ".cache")
      let offline = try await command("pkg", "install", "--offline")
      #expect(offline.status == 0, "the source is a folder: \(offline.messages)")
      #expect(offline.messages.contains(".apig/vendor/acme/rotate-1.0.0.tar.gz does not count"), "\(offline.messages)")
      try project.remove(".apig/pkg", ".cache")
      let vendored = try await command("pkg", "pack", "--vendor")
      #expect(vendored.status == 0, "\(vendored.messages)")
      try project.remove("rotate")
      let installed = try await command("pkg", "install", "--locked")
      #expect(installed.status == 0 && installed.output.hasPrefix("unpacked "), "\(installed.messages)")
      #expect(!installed.messages.contains("does not count"))
      // Without anywhere else to look, the damage is told with what to do.
      try project.write("no archive", to: ".apig/vendor/acme/rotate-1.0.0.tar.gz")
      try project.remove(".apig/pkg")
      let damaged = try await command("pkg", "install")
      #expect(damaged.status == 6 && damaged.messages.contains("it is no gzip file"), "\(damaged.messages)")
      #expect(damaged.messages.contains("apig-lua pkg pack --vendor"), "\(damaged.messages)")
    }
  }

  @Test func machinesGetDocuments() async throws {
    try await withPackageProject { project in
      let command = project.command
      try await project.server.publish(version: "1.0.0", lines: ["permissions: [read]"])
      let added = try await command("pkg", "add", "--accept-permissions", "--output", "json", project.server.source)
      let change = try #require(try Document(json: added.output).arrayValue?.first)
      #expect(change["change"] == "added" && change["after"]?["permissions"] == ["read"])
      let listed = try await command("pkg", "list", "--output", "json")
      let list = try #require(try Document(json: listed.output).arrayValue?.first)
      #expect(list["name"] == "acme/rotate" && list["state"] == "installed")
      try project.write("return 9", to: ".apig/pkg/acme/rotate/init.lua")
      let verified = try await command("pkg", "verify", "--output", "json")
      let finding = try #require(try Document(json: verified.output).arrayValue?.first)
      #expect(verified.status == 6 && finding["ok"] == false && finding["error"]?.stringValue != nil)
      let csv = try await command("pkg", "list", "--output", "csv")
      #expect(csv.output.hasPrefix("package,version,state,signer,permissions,source\nacme/rotate,1.0.0,refused,"))
    }
  }

  @Test func packagesOfAUserAreForEveryProject() async throws {
    try await withPackageProject { project in
      let command = project.command
      try await project.server.publish(version: "1.0.0")
      let added = try await command("pkg", "add", "--global", project.server.source)
      #expect(added.status == 0, "\(added.messages)")
      #expect(project.has("data/apig-lua/pkg/acme/rotate/init.lua") && project.has("data/apig-lua/apig.lock"))
      #expect(!project.has("apig.lock"))
      #expect(try await command("pkg", "list", "--global").output.contains("acme/rotate"))
      #expect(try await command("pkg", "list").messages.contains("there are no packages"))
    }
  }

  @Test func whatIsAskedOfAFolderBelowIsTheProjects() async throws {
    try await withPackageProject { project in
      try PackageFiles.writePackage(to: project.command.folder.appending(path: "own/rotate"))
      let below = project.command.folder.appending(path: "own")
      var command = Command(in: below)
      command.variables["XDG_CACHE_HOME"] = project.folder.appending(path: "cache").path
      let added = try await command("pkg", "add", "./rotate")
      #expect(added.status == 0, "\(added.messages)")
      #expect(try project.text("apig.lock").contains("source: \"./own/rotate\""))
      #expect(project.has(".apig/pkg/acme/rotate/init.lua"))
    }
  }

  @Test func mistakesAreToldWithWhatToTypeNext() async throws {
    try await withPackageProject { project in
      let command = project.command
      try await project.server.publish(version: "1.0.0")
      #expect(try await command("pkg", "add", project.server.source).status == 0)
      for (words, status, message) in [
        (["add", "acme/rotate"], 64, "is no source of a package"),
        (["add", "./nothing"], 64, "the folder cannot be read"),
        (["add", project.server.source + "@^9"], 78, "there is 1.0.0"),
        (["add", project.server.source + "-gone"], 69, project.server.source + "-gone"),
        (["add", "https://user:hunter2@example.com/x.tar.gz"], 64, "without user"),
        (["update", "acme/rotat"], 64, "did you mean 'acme/rotate'?"),
        (["remove", "acme/none"], 64, "there is no package acme/none"),
        (["remove", "Acme"], 64, "is no package's name"),
        (["verify", "acme/none"], 64, "./acme/none is a folder"),
        (["pack", "./nothing"], 64, "the folder cannot be read"),
        (["pack", "--vendor", "--out", "x"], 64, "--vendor takes neither"),
        (["sign", project.server.folder.path], 64, "--key FILE"),
        (["install", "--lockd"], 64, "--locked"),
      ] as [([String], Int32, String)] {
        let result = try await command.run(["pkg"] + words)
        #expect(result.status == status, "\(words): \(result.messages)")
        #expect(result.messages.contains(message), "\(words): \(result.messages)")
        #expect(!result.messages.contains("hunter2"))
      }
      try project.write("not an archive", to: "notes.txt")
      let kept = try await command("pkg", "pack", project.server.folder.path, "--out", "notes.txt")
      #expect(try kept.status == 64 && project.text("notes.txt") == "not an archive")
    }
  }
}
