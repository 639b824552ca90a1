internal import GatewayAPI
internal import Yams

extension ConfigurationReader {
  /// The entries of a gateway's `envs:`.
  func environments(_ node: Node) throws -> [EnvironmentProfile] {
    try members(of: node, "'envs'", keys: nil).map { name, node in
      var environment = EnvironmentProfile(name: name, place: place(of: node))
      for (key, value) in try members(of: node, "environment '\(name)'", keys: ["id", "protect", "promote_from"]) {
        switch key {
        case "id": environment.id = try text(value, key)
        case "promote_from":
          let source = try text(value, key)
          guard source != name else { throw wrong(value, "'promote_from' of '\(name)' is '\(name)' itself") }
          environment.promoteFrom = source
        case "protect":
          let word = try text(value, key)
          guard let protection = EnvironmentProfile.Protection(rawValue: word) else {
            throw wrong(value, "'protect' cannot be '\(word)'", hint: "none, confirm or type-name")
          }
          environment.protection = protection
        default: break
        }
      }
      return environment
    }
  }

  /// One list of `permissions:`, each with its place.
  func permissions(_ node: Node, _ key: String) throws -> [(permission: Permission, place: String)] {
    guard let list = node.sequence else {
      throw wrong(node, "'\(key)' must be a list", hint: "write \(key): [\"http:https://HOST\"]")
    }
    return try list.map { entry in
      let text = try text(entry, key)
      do {
        return (try Permission(text), place(of: entry))
      } catch let error as PermissionError {
        throw wrong(entry, error.message, hint: error.hint)
      }
    }
  }
}
