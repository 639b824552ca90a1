import Foundation
import GatewayTestSupport
import Testing

/// What somebody changed on the way is refused, with the reason, and nothing is lost by it.
@Suite(.timeLimit(.minutes(10))) struct PackageTamperingTests {
  @Test func aByteOfAFileOrOfTheLock() async throws {
    try await withPackageProject { project in
      let command = project.command
      try await project.server.publish(version: "1.0.0", lines: ["permissions: [read]"])
      #expect(try await command("pkg", "add", project.server.source, "--accept-permissions").status == 0)
      try project.write("return { n = 2 }\n", to: ".apig/pkg/acme/rotate/init.lua")
      let file = try await command("pkg", "verify")
      #expect(file.status == 6 && file.output.hasPrefix("refused "), "\(file.output)")
      #expect(file.messages.contains("acme/rotate 1.0.0 is not what was locked: its files have the digest"))
      #expect(file.messages.contains("apig-lua pkg install puts back what was"))
      #expect(try await command("pkg", "install").output.hasPrefix("unpacked "))
      #expect(try await command("pkg", "verify").status == 0)

      let lock = try project.text("apig.lock")
      for (old, new) in [("- \"read\"", "- \"export\""), ("version: \"1.0.0\"", "version: \"1.0.1\"")] {
        try project.write(lock.replacing(old, with: new), to: "apig.lock")
        for verb in ["verify", "install", "list", "update"] {
          let result = try await command("pkg", verb)
          #expect(result.status == 6, "\(verb): \(result.messages)")
          #expect(result.messages.contains("the entry of acme/rotate was changed since apig-lua wrote it"))
        }
        #expect(try project.text("apig.lock") == lock.replacing(old, with: new), "it is left as it is")
      }
      try project.write(lock.replacing("lock: 1", with: "lock: 1\n<<<<<<< HEAD"), to: "apig.lock")
      let broken = try await command("pkg", "verify")
      #expect(broken.status == 78 && broken.messages.contains("apig.lock:"), "\(broken.messages)")
    }
  }

  @Test func whatIsInstalledAndNotLocked() async throws {
    try await withPackageProject { project in
      let command = project.command
      let none = try await command("pkg", "install", "--locked")
      #expect(none.status == 6 && none.messages.contains("there is no "), "\(none.messages)")
      try await project.server.publish(version: "1.0.0")
      #expect(try await command("pkg", "add", project.server.source).status == 0)
      try PackageFiles.writePackage("evil/extra", to: project.command.folder.appending(path: ".apig/pkg/evil/extra"))
      let verified = try await command("pkg", "verify")
      #expect(
        verified.status == 6 && verified.messages.contains("evil/extra is installed, and apig.lock does not have it"))
      #expect(try await command("pkg", "install", "--locked").status == 6)
      let warned = try await command("pkg", "install")
      #expect(warned.status == 0 && warned.messages.contains("warning: evil/extra is installed and in no lock"))
    }
  }

  @Test func anArchive() async throws {
    try await withPackageProject { project in
      let command = project.command
      try PackageFiles.writePackage(to: project.server.folder)
      #expect(try await command("pkg", "pack", project.server.folder.path).status == 0)
      let name = "acme-rotate-1.0.0.tar.gz"
      #expect(try await command("pkg", "add", name).status == 0)
      var bytes = [UInt8](try Data(contentsOf: command.folder.appending(path: name)))
      let place = try #require(bytes.firstRange(of: Array("n = 1".utf8)))
      bytes[place.lowerBound] = UInt8(ascii: "m")
      try Data(bytes).write(to: command.folder.appending(path: name))
      let damaged = try await command("pkg", "verify", name)
      #expect(damaged.status == 6 && damaged.messages.contains("\(name): it is damaged"), "\(damaged.messages)")
      // Made anew with other content, it is no longer what was locked.
      try PackageFiles.writePackage(code: "return 'evil'", to: project.server.folder)
      #expect(try await command("pkg", "pack", project.server.folder.path, "--out", name).status == 0)
      let other = try await command("pkg", "verify", name)
      #expect(other.status == 6 && other.messages.contains("its files have the digest"), "\(other.messages)")
      let review = try await command("pkg", "update", "--review")
      #expect(review.output.contains("the version is the same, and the files are not"), "\(review.output)")
      try project.remove(".apig", ".cache")
      let install = try await command("pkg", "install")
      #expect(install.status == 6 && install.messages.contains("is not what was locked"), "\(install.messages)")
      #expect(!project.has(".apig/pkg/acme"))
    }
  }

  @Test func aMovedTag() async throws {
    try await withPackageProject { project in
      let command = project.command
      let first = try await project.server.publish(version: "1.0.0")
      #expect(try await command("pkg", "add", project.server.source + "@v1.0.0").status == 0)
      try PackageFiles.writePackage(code: "return 'evil'", to: project.server.folder)
      let second = try await project.server.commit()
      try await project.server.git("tag", "-f", "v1.0.0")
      let reason = "the tag refs/tags/v1.0.0 has moved: apig.lock has commit \(first), it is \(second) now"
      let update = try await command("pkg", "update", "--yes")
      #expect(update.status == 6 && update.messages.contains(reason), "\(update.messages)")
      try project.remove(".apig", ".cache")
      let install = try await command("pkg", "install", "--locked")
      #expect(install.status == 6 && install.messages.contains(reason), "\(install.messages)")
      #expect(!project.has(".apig/pkg/acme"))
    }
  }

  @Test func anotherSigner() async throws {
    try await withPackageProject { project in
      let (server, command) = (project.server, project.command)
      let ops = try await SigningKey("ops", in: project.folder),
        other = try await SigningKey("other", in: project.folder)
      try project.write(
        ops.allowed("ops@example.com") + other.allowed("other@example.com"), to: ".apig/allowed_signers")
      func publish(_ version: String, _ key: SigningKey?) async throws {
        try PackageFiles.writePackage(version: version, to: server.folder)
        try? FileManager.default.removeItem(at: server.folder.appending(path: "package.sig"))
        if let key { #expect(try await command("pkg", "sign", server.folder.path, "--key", key.file).status == 0) }
        try await server.commit()
        try await server.git("tag", "v" + version)
      }
      try await publish("1.0.0", ops)
      #expect(try await command("pkg", "add", server.source).status == 0)
      try await publish("1.1.0", other)
      let refused = try await command("pkg", "update", "--yes", "--accept-permissions")
      #expect(refused.status == 6, "\(refused.messages)")
      #expect(refused.messages.contains("acme/rotate was signed by ops@example.com"), "\(refused.messages)")
      #expect(refused.messages.contains("signed by other@example.com") && refused.messages.contains("--accept-signer"))
      try await publish("1.2.0", nil)
      let unsigned = try await command("pkg", "update", "--yes", "--accept-permissions")
      #expect(unsigned.status == 6 && unsigned.messages.contains("and is not signed now"), "\(unsigned.messages)")
      #expect(try project.text("apig.lock").contains("version: \"1.0.0\""))
      #expect(try await command("pkg", "update", "--yes", "--accept-signer").status == 0)
      #expect(try project.text("apig.lock").contains("version: \"1.2.0\""))
    }
  }

  /// The user's settings of git can name programs, and so can variables: while packages are fetched, none of them run.
  @Test func nothingOfTheUsersGitRuns() async throws {
    try await withPackageProject { project in
      try PackageFiles.write([".gitattributes": "*.lua filter=evil diff=evil\n"], to: project.server.folder)
      try await project.server.publish(version: "1.0.0")
      let mark = project.folder.appending(path: "ran").path
      let hook = project.folder.appending(path: "hooks/reference-transaction").path
      try PackageFiles.write(["hooks/reference-transaction": "#!/bin/sh\ntouch \(mark)\n"], to: project.folder)
      try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: hook)
      try project.write(
        """
        [core]
          fsmonitor = touch \(mark)
          hooksPath = \(project.folder.path)/hooks
          sshCommand = touch \(mark)
          askPass = touch \(mark)
        [filter "evil"]
          smudge = touch \(mark)
          process = touch \(mark)
          required = true
        [credential]
          helper = "!touch \(mark)"
        [uploadpack]
          packObjectsHook = touch \(mark)
        [url "git+file:///nowhere"]
          insteadOf = file://
        """, to: ".gitconfig")
      var command = project.command
      command.variables["GIT_SSH_COMMAND"] = "touch \(mark)"
      command.variables["GIT_EXTERNAL_DIFF"] = "touch \(mark)"
      command.variables["GIT_CONFIG_COUNT"] = "1"
      command.variables["GIT_CONFIG_KEY_0"] = "core.hooksPath"
      command.variables["GIT_CONFIG_VALUE_0"] = project.folder.path + "/hooks"
      // The settings are found, and they would run something.
      try await project.server.git("-c", "core.hooksPath=\(project.folder.path)/hooks", "tag", "probe")
      try #require(FileManager.default.fileExists(atPath: mark))
      try FileManager.default.removeItem(atPath: mark)
      let added = try await command("pkg", "add", project.server.source)
      #expect(added.status == 0, "\(added.messages)")
      let unknown = try await command("pkg", "add", "git+ssh://git@127.0.0.1:9/acme/rotate")
      #expect(unknown.status == 69, "\(unknown.messages)")
      #expect(!FileManager.default.fileExists(atPath: mark))
    }
  }

  /// Nor do those of the repository that the project itself is.
  @Test func nothingOfTheProjectsGitRuns() async throws {
    try await withPackageProject { project in
      try await project.server.publish(version: "1.0.0")
      let folder = project.command.folder
      let mark = project.folder.appending(path: "ran").path
      let url = project.server.source.dropFirst("git+".count)
      try await Programs.run("git", ["init", "-q"], in: folder)
      try await Programs.run(
        "git", ["config", "remote.\(url).uploadpack", "touch \(mark); git-upload-pack"], in: folder)
      // The settings are found, and they would run something.
      try await Programs.run("git", ["-c", "protocol.file.allow=always", "ls-remote", String(url)], in: folder)
      try #require(FileManager.default.fileExists(atPath: mark))
      try FileManager.default.removeItem(atPath: mark)
      try await Programs.run("git", ["config", "url.file:///nowhere/.insteadOf", "file:///"], in: folder)
      let added = try await project.command("pkg", "add", project.server.source)
      #expect(added.status == 0, "\(added.messages)")
      try project.remove(".apig", ".cache")
      #expect(try await project.command("pkg", "install").status == 0)
      #expect(!FileManager.default.fileExists(atPath: mark))
    }
  }

  @Test func aLockThatWasEmptiedHidesNoPackageOfTheProject() async throws {
    try await withPackageProject { project in
      let command = project.command
      try await project.server.publish(version: "1.0.0", code: "return { whose = 'the user' }")
      #expect(try await command("pkg", "add", "--global", project.server.source).status == 0)
      try await project.server.publish(version: "1.1.0", code: "return { whose = 'the project' }")
      #expect(try await command("pkg", "add", project.server.source).status == 0)
      let script = "print(require('acme.rotate').whose)"
      #expect(try await command("-e", script).output == "the project\n")
      try project.write("lock: 1\n", to: "apig.lock")
      for words in [["-e", script], ["pkg", "install", "--locked"], ["pkg", "list"]] {
        let result = try await command.run(words)
        #expect(result.status == 6 && result.messages.contains("it is not whole"), "\(words): \(result.messages)")
        #expect(!result.output.contains("the user"))
      }
    }
  }

  @Test func aSignerWhomOnlyTheProjectAllowsWhereThePolicyDemandsSignatures() async throws {
    try await withPackageProject { project in
      let command = project.command
      let key = try await SigningKey("throwaway", in: project.folder)
      try PackageFiles.writePackage(code: "return { ran = 'ran' }", to: project.server.folder)
      #expect(try await command("pkg", "sign", project.server.folder.path, "--key", key.file).status == 0)
      try await project.server.commit()
      try project.write(key.allowed("ci@corp.example"), to: ".apig/allowed_signers")
      let added = try await command("pkg", "add", project.server.source + "@main")
      #expect(added.status == 0 && added.messages.contains("(allowed by the project)"), "\(added.messages)")
      #expect(try await command("pkg", "verify").output.contains("(allowed by the project)"))
      try project.write("require_signed: true\n", to: ".config/apig-lua/policy.yaml")
      let script = "print(require('acme.rotate').ran)"
      for words in [["pkg", "add", project.server.source + "@main"], ["pkg", "verify"], ["-e", script]] {
        let result = try await command.run(words)
        #expect(result.status == 6, "\(words): \(result.messages)")
        #expect(
          result.messages.contains("(allowed by the project), and the policy is require_signed"), "\(result.messages)")
        #expect(!result.output.contains("ran"))
      }
      try project.write(key.allowed("ci@corp.example"), to: ".config/apig-lua/allowed_signers")
      let run = try await command("-e", script)
      #expect(run.status == 0 && run.output == "ran\n", "\(run.messages)")
    }
  }

  @Test func anUnsignedPackageWhereThePolicyDemandsSignatures() async throws {
    try await withPackageProject { project in
      let (server, command) = (project.server, project.command)
      try await server.publish(version: "1.0.0")
      #expect(try await command("pkg", "add", server.source).status == 0)
      try project.write("require_signed: true\n", to: ".config/apig-lua/policy.yaml")
      for words in [["add", server.source], ["install"], ["verify"], ["update", "--yes"]] {
        let result = try await command.run(["pkg"] + words)
        #expect(
          result.status == 6 && result.messages.contains("the policy is require_signed"), "\(words): \(result.messages)"
        )
      }
      try project.write("require_signd: true\n", to: ".config/apig-lua/policy.yaml")
      let broken = try await command("pkg", "list")
      #expect(broken.status == 78 && broken.messages.contains("did you mean 'require_signed'?"), "\(broken.messages)")
    }
  }
}
