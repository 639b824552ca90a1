internal import ArgumentParser
internal import GatewayAPI
internal import GatewayScripting
internal import ReleaseEngine

/// Which APIs a command is about: what `apig.select` can tell apart without Lua.
struct SelectionOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Only this API group.", valueName: "name"), completion: LiveCompletion.groups)
  var group: String?

  @Option(help: ArgumentHelp("Only APIs with this tag.", valueName: "tag"))
  var tag: String?

  @Option(help: ArgumentHelp("Only names of this form: * stands for any text, ? for one character.", valueName: "glob"))
  var name: String?

  @Option(
    help: ArgumentHelp("Only APIs whose drafts are not what this environment runs.", valueName: "env"),
    completion: LiveCompletion.environments)
  var changedIn: String?

  var isEmpty: Bool { group == nil && tag == nil && name == nil && changedIn == nil }

  /// The same with IDs for names.
  ///
  /// - Parameter publishedIn: the environment that runs them, by name or ID.
  /// - Throws: what the gateway answers; for unknown names, with a suggestion.
  func filter(_ run: ReleaseRun, _ settings: Settings, publishedIn: String? = nil) async throws -> APIFilter {
    var filter = APIFilter()
    if let group { filter.groupID = try await run.names.id(of: .group, named: group) }
    if let publishedIn { filter.publishedIn = try await run.names.id(of: .environment, named: publishedIn) }
    if let changedIn { filter.changedIn = try await run.names.id(of: .environment, named: changedIn) }
    filter.tag = tag
    filter.name = name
    filter.narrowing = settings.narrowing
    return filter
  }
}
