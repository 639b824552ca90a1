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

  /// - Throws: ``UsageError`` when the file is there and is no plan.
  func requireReplaceable() throws {
    try ReplaceableFile(path: path).require("plan") { $0["apig_lua_plan"] != nil }
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
