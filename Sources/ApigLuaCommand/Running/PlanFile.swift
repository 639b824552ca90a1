internal import Foundation
internal import GatewayAPI
internal import LuaRuntime
internal import ReleaseEngine

/// Plans in files.
struct PlanFile: Sendable {
  let path: String

  /// - Throws: ``UsageError`` for what is no plan that can be applied.
  func read() throws -> ReleasePlan {
    let bytes: [UInt8]
    do {
      bytes = try TextFile.read(path)
    } catch {
      throw UsageError(message: "\(path) \(error.reason)", hint: "apig-lua plan SCRIPT --out \(path) writes one")
    }
    do {
      return try ReleasePlan(json: bytes)
    } catch {
      throw UsageError(message: "\(path) \(error.message)", hint: error.hint)
    }
  }

  /// Refuses to replace what is no plan: a slip of the hand must not cost a script.
  ///
  /// - Throws: ``UsageError``.
  func requireReplaceable() throws {
    guard FileManager.default.fileExists(atPath: path) else { return }
    let document = (try? TextFile.read(path)).flatMap { try? Document(json: $0) }
    guard document?["apig_lua_plan"] != nil else {
      throw UsageError(message: "\(path) is there already and is no plan", hint: "--out takes a new file, or a plan's")
    }
  }

  /// Writes all of it, or nothing.
  ///
  /// - Throws: ``UsageError`` when the file cannot be written.
  func write(_ plan: ReleasePlan) throws {
    do {
      try Data((plan.document.jsonText + "\n").utf8).write(to: URL(filePath: path), options: .atomic)
    } catch {
      throw UsageError(
        message: "\(path) cannot be written: \((error as NSError).localizedDescription)",
        hint: "--out takes a file in a folder that exists")
    }
  }
}
