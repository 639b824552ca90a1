internal import Foundation
internal import GatewayAPI
internal import LuaIsolation
internal import LuaRuntime

/// What `doctor` finds on this machine.
struct LocalChecks: Sendable {
  let settings: Settings

  func all() async -> [Check] {
    await [program(), configuration(), localGateway(), sandbox()] + crashes()
  }

  private func program() async -> Check {
    let chunk = LuaChunk(name: "version", source: "return _VERSION")
    let values = try? await LuaEngine(output: { _ in }).run(chunk)
    let lua = values?.first?.stringValue.map { ", \($0)" } ?? ""
    return .fine("program", "apig-lua \(ApigLua.version)\(lua)")
  }

  private func configuration() -> Check {
    guard !settings.configurationFiles.isEmpty else { return .fine("configuration", "no file; the defaults hold") }
    return .fine("configuration", settings.configurationFiles.joined(separator: ", "))
  }

  /// Looks at the data file without opening it as a database: a running gateway holds it.
  private func localGateway() -> Check {
    let name = "local gateway"
    do {
      let path = try RunningLocalGateway.dataFile(settings.variables)
      guard FileManager.default.fileExists(atPath: path) else {
        return .fine(name, "its data file \(path) is made by the first run")
      }
      guard let file = FileHandle(forReadingAtPath: path), FileManager.default.isWritableFile(atPath: path) else {
        throw ConfigurationError(
          place: path, message: "the data file of the local gateway cannot be read and written",
          hint: "XDG_DATA_HOME moves it")
      }
      defer { try? file.close() }
      let magic = try file.read(upToCount: 16) ?? Data()
      guard magic.isEmpty || magic == Data("SQLite format 3\0".utf8) else {
        throw ConfigurationError(
          place: path, message: "the data file of the local gateway is no database",
          hint: "apig-lua local reset makes it anew; XDG_DATA_HOME moves it")
      }
      return .fine(name, "its data file is \(path)")
    } catch {
      return .failed(name, error)
    }
  }

  /// Nothing, where nothing ever crashed.
  private func crashes() -> [Check] {
    guard let folder = try? CrashFile.folder(settings.variables), let last = CrashFile.names(in: folder).last else {
      return []
    }
    return [
      .warning(
        "crashes", "apig-lua was ended by bugs of its own; what is known is in \(folder)",
        hint: "please report them, the last with \(last); then remove the files")
    ]
  }

  private func sandbox() async -> Check {
    let name = "sandbox (--isolate)"
    do {
      let confinement = try await LuaWorker().confinement()
      guard confinement.hasSystemCallFilter else {
        return .warning(
          name, "resource limits, no filter of system calls",
          hint: "this kernel forbids seccomp; scripts of others are held by Lua's sandbox and the limits alone")
      }
      return .fine(name, "resource limits and a filter of system calls")
    } catch {
      return .failed(name, error)
    }
  }
}
