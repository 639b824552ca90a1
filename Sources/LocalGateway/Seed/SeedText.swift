internal import DocumentYAML
internal import GatewayAPI
internal import Yams

extension Seed {
  /// The YAML form, which ``init(yaml:file:now:)`` reads back.
  ///
  /// - Throws: when a text cannot be written as YAML.
  public func yaml() throws -> String {
    let root = Self.mapping([
      ("environments", .sequence(Node.Sequence(environments.map(Self.node)))),
      ("groups", .sequence(Node.Sequence(groups.map(Self.node)))),
    ])
    return "# What a local gateway holds: apig-lua local seed FILE reads it back.\n" + (try YAMLText.text(of: root))
  }

  private static func node(_ environment: Environment) -> Node {
    mapping([
      ("name", text(environment.name)), ("id", text(environment.id)), ("remark", text(environment.remark)),
      ("created", text(environment.created?.text)),
    ])
  }

  private static func node(_ group: Group) -> Node {
    mapping([
      ("name", text(group.name)), ("id", text(group.id)), ("remark", text(group.remark)),
      ("created", text(group.created?.text)), ("changed", text(group.changed?.text)),
      ("apis", .sequence(Node.Sequence(group.apis.map(node)))),
    ])
  }

  private static func node(_ api: API) -> Node {
    mapping([
      ("name", text(api.name)), ("id", text(api.id)), ("created", text(api.created?.text)),
      ("changed", text(api.changed?.text)), ("definition", YAMLText.node(of: .object(api.definition))),
      ("history", api.versions.isEmpty ? nil : .sequence(Node.Sequence(api.versions.map(node)))),
    ])
  }

  private static func node(_ version: Version) -> Node {
    mapping([
      ("env", text(version.environment)), ("time", text(version.time?.text)), ("remark", text(version.remark)),
      ("effective", version.isEffective.map { YAMLText.node(of: .boolean($0)) }),
      ("effective_since", text(version.effectiveSince?.text)), ("id", text(version.id)),
      ("number", text(version.number)), ("publish_id", text(version.publishID)),
      ("definition", version.definition.map { YAMLText.node(of: .object($0)) }),
    ])
  }

  private static func text(_ text: String?) -> Node? { text.map { YAMLText.node(of: .string($0)) } }

  /// Members in the order given, without those that are nil.
  private static func mapping(_ members: [(String, Node?)]) -> Node {
    Node(members.compactMap { name, node in node.map { (Node(name), $0) } })
  }
}
