internal import GatewayAPI
internal import GatewayScripting
internal import LuaRuntime
internal import ReleaseEngine
internal import RunJournal

/// The script of a run that goes on: the file as it is now, beside what the journal keeps of it.
struct ResumedSource: Sendable {
  let chunk: LuaChunk
  let modules: LuaModuleFolder?
  /// The package whose entry point the script is.
  private(set) var package: ScriptPackage?
  /// What is not as it was: "release.lua has changed".
  private var changes: [String] = []

  var hasChanged: Bool { !changes.isEmpty }

  /// - Parameter packages: those that scripts may use now.
  init(_ start: RunStart, of earlier: EarlierRun, packages: LockedPackages) async throws {
    let named = start.entryPoint ?? start.path
    let source = try await named.map(ScriptSource.file)?.resolved(in: packages)
    modules = source?.moduleFolder
    package = source?.package
    // What lies under its name by now is another thing, with other rights.
    if let entryPoint = start.entryPoint, package == nil {
      throw UsageError(
        message: "\(entryPoint) is not among the locked packages any more: nothing was done",
        hint: "put it back: apig-lua pkg install")
    }
    do {
      chunk = LuaChunk(name: start.chunk.name, source: try source?.chunk().source ?? start.chunk.source)
      if chunk.source != start.chunk.source { changes.append("\(start.chunk.name) has changed since") }
    } catch {
      chunk = start.chunk
      changes.append("\(named ?? start.chunk.name) cannot be read any more")
    }
    for module in earlier.modules where start.path != nil {
      let source = try? modules?.source(of: module.name)?.source
      if source.map({ ContentDigest.hex($0) }) != module.digest {
        changes.append("module '\(module.name)' has changed since")
      }
    }
    let used = Dictionary(earlier.packages.map { ($0.name, $0.digest) }) { first, _ in first }
    for (name, digest) in used.sorted(by: { $0.key < $1.key }) {
      if try await packages.package(name).digest != digest { changes.append("package \(name) has changed since") }
    }
  }

  func refusal(of record: RunRecord) -> UsageError {
    UsageError(
      message: "\(changes.joined(separator: ", ")): nothing was done",
      hint: "put it back, or apig-lua resume \(record.id) --accept-change, which first looks whether it still does the "
        + "same; apig-lua rollback \(record.id) undoes the run")
  }
}
