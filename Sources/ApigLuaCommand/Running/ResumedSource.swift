internal import GatewayAPI
internal import LuaRuntime
internal import ReleaseEngine
internal import RunJournal

/// The script of a run that goes on: the file as it is now, beside what the journal keeps of it.
struct ResumedSource: Sendable {
  let chunk: LuaChunk
  let modules: LuaModuleFolder?
  /// What is not as it was: "release.lua has changed".
  private var changes: [String] = []

  var hasChanged: Bool { !changes.isEmpty }

  /// - Parameter modules: the names and digests of those that the run loaded.
  init(_ start: RunStart, modules: [(name: String, digest: String)]) throws {
    guard let path = start.path else {
      chunk = start.chunk
      self.modules = nil
      return
    }
    let file = ScriptSource.file(path)
    self.modules = file.moduleFolder
    do {
      chunk = LuaChunk(name: start.chunk.name, source: try file.chunk().source)
      if chunk.source != start.chunk.source { changes.append("\(start.chunk.name) has changed since") }
    } catch {
      chunk = start.chunk
      changes.append("\(path) cannot be read any more")
    }
    for module in modules {
      let source = try? self.modules?.source(of: module.name)?.source
      if source.map({ ContentDigest.hex($0) }) != module.digest {
        changes.append("module '\(module.name)' has changed since")
      }
    }
  }

  func refusal(of record: RunRecord) -> UsageError {
    UsageError(
      message: "\(changes.joined(separator: ", ")): nothing was done",
      hint: "put it back, or apig-lua resume \(record.id) --accept-change, which first looks whether it still does the "
        + "same; apig-lua rollback \(record.id) undoes the run")
  }
}
