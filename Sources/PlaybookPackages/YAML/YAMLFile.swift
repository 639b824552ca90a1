internal import GatewayAPI

/// Reads the parts of one file, with line and column in every complaint.
struct YAMLFile {
  /// Its name, for messages.
  let name: String

  /// The values of a text that is one mapping.
  ///
  /// - Parameters:
  ///   - bytes: of the file.
  ///   - maximumSize: of it, in bytes.
  /// - Throws: ``PackageError`` of kind `malformed`.
  func root(_ bytes: [UInt8], maximumSize: Int) throws(PackageError) -> YAMLNode {
    guard bytes.count <= maximumSize else {
      throw PackageError(.malformed, place: name, "it is larger than \(maximumSize >> 10) KiB")
    }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw PackageError(.malformed, place: name, "it is no UTF-8 text")
    }
    guard let root = try YAMLComposer.compose(text, file: name) else {
      throw PackageError(.malformed, place: name, "it holds nothing")
    }
    return root
  }

  /// The members of a mapping.
  ///
  /// - Parameters:
  ///   - what: for messages: "the file", "'dependencies'".
  ///   - keys: the names that it may have; nil for any.
  func members(
    of node: YAMLNode, _ what: String, keys: [String]?
  ) throws(PackageError) -> [(name: String, value: YAMLNode)] {
    guard case .mapping(let members) = node.content else { throw wrong(node, "\(what) must hold names and values") }
    var found: [(name: String, value: YAMLNode)] = []
    for (key, value) in members {
      let name = key.text ?? ""
      if let keys, !keys.contains(name) {
        throw wrong(
          key, "\(what) has no '\(name.shownName)'",
          hint: Suggestion.closest(to: name, in: keys).map { "did you mean '\($0)'?" }
            ?? "it takes \(keys.joined(separator: ", "))")
      }
      found.append((name, value))
    }
    return found
  }

  func text(_ node: YAMLNode, _ key: String) throws(PackageError) -> String {
    guard let text = node.text, !text.isEmpty else { throw wrong(node, "'\(key)' must be text") }
    return text
  }

  func list(_ node: YAMLNode, _ key: String) throws(PackageError) -> [YAMLNode] {
    guard case .sequence(let elements) = node.content else {
      throw wrong(node, "'\(key)' must be a list", hint: "write \(key): [\"…\"]")
    }
    return elements
  }

  func texts(_ node: YAMLNode, _ key: String) throws(PackageError) -> [String] {
    var texts: [String] = []
    for element in try list(node, key) { texts.append(try text(element, "an entry of \(key)")) }
    return texts
  }

  func boolean(_ node: YAMLNode, _ key: String) throws(PackageError) -> Bool {
    switch node.text {
    case "true"?: return true
    case "false"?: return false
    default: throw wrong(node, "'\(key)' must be true or false")
    }
  }

  /// What a text stands for, where reading it may fail: the error gets the place.
  func value<Value>(
    _ node: YAMLNode, _ key: String, _ read: (String) throws(PackageError) -> Value
  ) throws(PackageError) -> Value {
    let text = try text(node, key)
    do throws(PackageError) {
      return try read(text)
    } catch {
      throw wrong(node, error.message, hint: error.hint)
    }
  }

  /// The permissions of a list, in their order, each once.
  func permissions(_ node: YAMLNode, _ key: String) throws(PackageError) -> [Permission] {
    var permissions: [Permission] = []
    for element in try list(node, key) {
      let text = try text(element, "an entry of \(key)")
      // They are shown to people who decide on them.
      guard !text.hasInvisibleCharacters else { throw wrong(element, "a permission holds invisible characters") }
      let permission: Permission
      do throws(PermissionError) {
        permission = try Permission(text)
      } catch {
        throw wrong(element, error.message, hint: error.hint)
      }
      guard !permission.kind.isAboutFiles || !permission.object.split(separator: "/").contains("..") else {
        throw wrong(element, "the path of a permission leads upwards", hint: "write it from the root, or without ..")
      }
      guard !permissions.contains(permission) else {
        throw wrong(element, "'\(permission)' stands there more than once")
      }
      permissions.append(permission)
    }
    return permissions
  }

  func wrong(_ node: YAMLNode, _ message: String, hint: String? = nil) -> PackageError {
    PackageError(.malformed, place: "\(name):\(node.line):\(node.column)", message, hint: hint)
  }

  func missing(_ key: String, _ hint: String) -> PackageError {
    PackageError(.malformed, place: name, "'\(key)' is missing", hint: hint)
  }
}
