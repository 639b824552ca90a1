public import ArgumentParser
internal import Foundation
public import GatewayAPI
internal import ReleaseEngine

/// `apig-lua api export`: the definitions that an environment runs, as an OpenAPI document.
struct APIExportCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export", abstract: "Writes the definitions that an environment runs, as an OpenAPI document.",
    usage: "apig-lua api export (--group GROUP | API...) --env ENV [--define WHAT] [--format FORMAT] [--out FILE]",
    discussion: "apig-lua drift compares such a file with an environment, or with another.")

  @OptionGroup var flags: EngineFlags

  @Option(
    help: ArgumentHelp("API group to export; of named APIs their own.", valueName: "name"),
    completion: LiveCompletion.groups)
  var group: String?

  @Option(help: "What is defined: spec (front end), proxy (with back end), all (with policies too), dev (drafts too).")
  var define: Export.Define = .spec

  @Option(help: "json or yaml; what the file's name says unless given, else json.")
  var format: Export.Format?

  @Option(help: ArgumentHelp("File to write; standard output if none is given.", valueName: "file"))
  var out: String?

  @Argument(help: ArgumentHelp("Only these APIs of the group.", valueName: "api"), completion: LiveCompletion.apis)
  var apis: [String] = []

  func validate() throws {
    if group == nil, apis.isEmpty { throw ValidationError("name a group with --group, or APIs") }
  }

  func run() async throws {
    try await reporting(flags.options) { settings, style in
      try flags.options.refuseNarrowing(hint: "name the APIs to export")
      guard let environment = settings.environment else { throw EmbeddedPlaybook.missingEnvironment }
      let format = try format ?? Self.format(settings, out)
      try out.map { try ReplaceableFile(path: $0).requireDefinition() }
      let (bytes, name) = try await withReadingGateways(settings, for: .export) { open in
        let run = try await open(nil)
        var export = Export()
        let group: (id: String, name: String)
        (group, export.apiIDs) = try await subject(run)
        export.groupID = group.id
        export.environmentID = try await run.names.id(of: .environment, named: environment)
        export.define = define
        export.format = format
        return (try await run.perform(export).bytes, group.name)
      }
      guard let out else {
        StandardStream.output.write(bytes + (bytes.last == UInt8(ascii: "\n") ? [] : [UInt8(ascii: "\n")]))
        return .ok
      }
      try ReplaceableFile(path: out).write(bytes)
      if !settings.isQuiet {
        StandardStream.error.write("\(style.good) \(out): \(name) as \(environment) runs it\n")
      }
      return .ok
    }
  }

  /// The group, and the IDs of the only APIs of it; nil for all.
  private func subject(_ run: ReleaseRun) async throws -> (group: (id: String, name: String), apiIDs: [String]?) {
    var records: [APIDefinition] = []
    for api in apis {
      records.append(try await run.perform(GetAPI(apiID: try await run.names.id(of: .api, named: api))))
    }
    let ids = records.compactMap(\.id)
    if let group { return (try await run.found(.group, group), ids.isEmpty ? nil : ids) }
    let groups = Set(records.compactMap { $0.document["group_id"]?.stringValue })
    guard let id = groups.first, groups.count == 1 else {
      throw UsageError(
        message: "the APIs are of \(groups.count) groups, and a document is of one", hint: "export them one by one")
    }
    return ((id, records[0].document["group_name"]?.stringValue ?? id), ids)
  }

  private static func format(_ settings: Settings, _ file: String?) throws -> Export.Format {
    switch settings.output {
    case .yaml: return .yaml
    case .ndjson, .csv, .markdown:
      throw UsageError(message: "a definition is no \(settings.output.rawValue)", hint: "--format json or yaml")
    default: return file.map { $0.hasSuffix(".yaml") || $0.hasSuffix(".yml") } ?? false ? .yaml : .json
    }
  }
}

extension Export.Define: ExpressibleByArgument {}
extension Export.Format: ExpressibleByArgument {}
