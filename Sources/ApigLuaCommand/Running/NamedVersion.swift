internal import GatewayAPI
internal import ReleaseEngine

/// One definition of an API, as it is named on the command line.
struct NamedVersion: Sendable {
  /// The draft is called so where a version is expected.
  static let draft = "draft"

  /// "draft", or the version's number.
  let label: String
  let definition: APIDefinition

  /// Reads it.
  ///
  /// - Parameters:
  ///   - name: `draft`, a number, an ID, or -1 for the one before; nil for the one in effect.
  ///   - api: the API's ID and name.
  ///   - environment: the ID and name of the environment whose versions count; nil for those of all.
  /// - Throws: ``GatewayError`` of kind `not_found` or `usage`; ``UsageError`` where an environment is needed.
  init(
    _ name: String?, of api: (id: String, name: String), in environment: (id: String, name: String)?, on run: ReleaseRun
  ) async throws {
    if name == Self.draft {
      label = Self.draft
      definition = try await run.perform(GetAPI(apiID: api.id))
      return
    }
    let history = try await run.all(History(apiID: api.id, environmentID: environment?.id)).items
    let version: APIVersion
    if let name {
      version = try VersionSelector(name).select(from: history, api: api.name, environment: environment?.name)
    } else {
      guard let environment else {
        throw UsageError(message: "the environment is missing", hint: "add --env RELEASE, or name versions")
      }
      guard let effective = history.first(where: \.isEffective) else {
        throw GatewayError(
          kind: .notFound, message: "\(api.name) is not published in \(environment.name)",
          hint: "apig-lua api list --env \(environment.name.shellQuoted) lists what is")
      }
      version = effective
    }
    guard let id = version.versionID else {
      throw GatewayError(kind: .unavailable, message: "the gateway's history names a version without an ID")
    }
    label = version.versionNumber ?? id
    definition = try await run.perform(GetVersion(versionID: id))
  }
}

extension VersionSelector {
  /// - Parameter text: an ID, a number, or -1 for the one before the one in effect.
  fileprivate init(_ text: String) {
    if NameDirectory.isIdentifier(text) {
      self = .id(text)
    } else if let steps = Int(text), steps < 0 {
      self = .stepsBack(Int(clamping: steps.magnitude))
    } else {
      self = .number(text)
    }
  }
}

extension ReleaseRun {
  /// The ID and the name of what is named by either.
  ///
  /// - Throws: ``GatewayError`` of kind `not_found`, with a suggestion.
  func found(_ kind: ResourceKind, _ text: String) async throws -> (id: String, name: String) {
    let id = try await names.id(of: kind, named: text)
    return (id, await names.name(of: kind, id: id) ?? text)
  }
}
