public import GatewayAPI
public import ReleaseEngine

/// Which APIs of a gateway are meant: the conditions of `apig.select`, all of which must hold.
///
/// Conditions that the gateway can judge go to it. A page of 500 tells for 500 APIs what is published where, so none of
/// the others costs a request per API but ``changedIn``, and that only where times leave open whether a draft is what
/// runs: see `DraftComparison`.
public struct APIFilter: Sendable, Hashable {
  /// ID of the only group.
  public var groupID: String?
  public var tag: String?
  /// The form of their names: `*` stands for any text, `?` for one character.
  public var name: String?
  /// ID of an environment that runs them.
  public var publishedIn: String?
  /// ID of an environment that does not run their drafts.
  public var changedIn: String?
  public var narrowing = Narrowing()

  public init() {}

  /// - Throws: what the gateway answers.
  public func apis(of run: ReleaseRun) async throws -> [API] {
    var list = ListAPIs()
    list.groupID = groupID
    // ROMA Connect's list knows no tags.
    if run.product == .apigw { list.tags = tag }
    let pattern = name.map(Glob.init)
    list.name = pattern?.longestText
    list.environmentID = publishedIn
    let found = try await run.all(list).items.filter { api in
      if let tag, api.document["tags"]?.arrayValue?.contains(.string(tag)) != true { return false }
      return narrowing.admits(api) && pattern?.matches(api.name ?? "") ?? true
    }
    guard let changedIn else { return found }
    let standings = try await DraftComparison(gateway: run).standings(of: found, in: changedIn)
    return zip(found, standings).filter { $0.1 != .same }.map(\.0)
  }
}
