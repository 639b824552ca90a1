internal import Foundation
internal import GatewayAPI
internal import GatewayClient
internal import GatewayCredentials
internal import GatewayScripting
internal import Yams

/// `apig.yaml` of a project, or `config.yaml` of the user.
struct ConfigurationFile: Sendable {
  let path: String
  var defaultGateway: String?
  /// Where that is written: "apig.yaml:1:18".
  var defaultGatewayPlace: String?
  var gateways: [String: GatewayProfile] = [:]
  /// Credentials; in the user's own file only.
  var profiles: [String: CredentialProfile] = [:]
  /// What scripts may do, and what not, each with its place.
  var allowed: [(permission: Permission, place: String)] = []
  var denied: [(permission: Permission, place: String)] = []

  /// The files in force, the nearest first: the project's, then the user's.
  ///
  /// - Throws: ``ConfigurationError`` with file, line and column.
  static func load(variables: EnvironmentVariables, folder: String) throws -> [ConfigurationFile] {
    var files: [ConfigurationFile] = []
    if let project = projectFile(from: folder) { files.append(try ConfigurationFile(path: project, isUsers: false)) }
    if let user = try? variables.folder("XDG_CONFIG_HOME", default: ".config") + "/config.yaml",
      FileManager.default.fileExists(atPath: user)
    {
      files.append(try ConfigurationFile(path: user, isUsers: true))
    }
    return files
  }

  /// The project's folder; the one given where there is no project.
  static func projectFolder(from folder: String) -> String {
    projectFile(from: folder).map { URL(filePath: $0).deletingLastPathComponent().standardizedFileURL.path } ?? folder
  }

  /// `apig.yaml`, searched upwards to the repository's root.
  private static func projectFile(from folder: String) -> String? {
    // An absolute path without dots, as the system tells the working folder; the root is empty here.
    guard folder.hasPrefix("/") else { return nil }
    var folder = folder == "/" ? "" : folder
    while true {
      let file = folder + "/apig.yaml"
      if FileManager.default.fileExists(atPath: file) { return file }
      let isRoot = folder.isEmpty || FileManager.default.fileExists(atPath: folder + "/.git")
      guard !isRoot, let slash = folder.lastIndex(of: "/") else { return nil }
      folder = String(folder[..<slash])
    }
  }

  private init(path: String, isUsers: Bool) throws {
    self.path = path
    let reader = ConfigurationReader(path: path, file: URL(filePath: path).lastPathComponent)
    let text: String
    do {
      text = try String(contentsOfFile: path, encoding: .utf8)
    } catch {
      throw ConfigurationError(place: path, message: "the file cannot be read as UTF-8 text")
    }
    guard let root = try reader.compose(text) else { return }
    let keys = ["default_gateway", "gateways", "profiles", "permissions"]
    for (key, value) in try reader.members(of: root, "the file", keys: keys) {
      switch key {
      case "default_gateway":
        defaultGateway = try reader.text(value, key)
        defaultGatewayPlace = reader.place(of: value)
      case "profiles":
        guard isUsers else {
          throw reader.wrong(
            value, "'profiles' holds credentials, and \(reader.file) is for everyone",
            hint: "write them into ~/.config/apig-lua/config.yaml; 'profile: NAME' under a gateway refers to one")
        }
        for (name, node) in try reader.members(of: value, key, keys: nil) {
          profiles[name] = try reader.credentialProfile(name, node)
        }
      case "permissions":
        for (list, node) in try reader.members(of: value, key, keys: ["allow", "deny"]) {
          let permissions = try reader.permissions(node, list)
          if list == "allow" { allowed += permissions } else { denied += permissions }
        }
      case "gateways":
        for (name, node) in try reader.members(of: value, key, keys: nil) {
          gateways[name] = try reader.gateway(name, node)
        }
      default: break
      }
    }
  }
}

/// Reads the parts of one file, with line and column in every complaint.
struct ConfigurationReader {
  let path: String
  /// Its name, for messages.
  let file: String

  func compose(_ text: String) throws -> Node? {
    do {
      return try Yams.compose(yaml: text)
    } catch let error as YamlError {
      // The error's own description quotes the line, which may hold a secret.
      switch error {
      case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
        .composer(_, let problem, let mark, _):
        throw ConfigurationError(place: "\(file):\(mark.line):\(mark.column)", message: "this is no YAML: \(problem)")
      case .reader(let problem, _, _, _):
        throw ConfigurationError(place: file, message: "this is no YAML: \(problem)")
      case .duplicatedKeysInMapping(let names, let context):
        throw ConfigurationError(
          place: "\(file):\(context.mark.line):\(context.mark.column)",
          message: "'\(names.joined(separator: ", "))' stands there more than once")
      default: throw ConfigurationError(place: file, message: "this is no YAML")
      }
    }
  }

  func members(of node: Node, _ what: String, keys: [String]?) throws -> [(String, Node)] {
    guard let mapping = node.mapping else { throw wrong(node, "\(what) must hold names and values") }
    return try mapping.map { key, value in
      guard let name = key.string else { throw wrong(key, "a name must be text") }
      if let keys, !keys.contains(name) {
        throw wrong(
          key, "\(what) has no '\(name)'",
          hint: Suggestion.closest(to: name, in: keys).map { "did you mean '\($0)'?" }
            ?? "it takes \(keys.joined(separator: ", "))")
      }
      return (name, value)
    }
  }

  func text(_ node: Node, _ key: String) throws -> String {
    guard let scalar = node.scalar, !scalar.string.isEmpty else { throw wrong(node, "'\(key)' must be text") }
    return scalar.string
  }

  func gateway(_ name: String, _ node: Node) throws -> GatewayProfile {
    if name == GatewayProfile.localName {
      throw wrong(node, "the name 'local' is taken: it is the gateway of this machine")
    }
    var profile = GatewayProfile(name: name, place: place(of: node))
    let keys = [
      "endpoint", "region", "project_id", "instance", "instance_name", "product", "profile", "iam_endpoint", "rate",
      "propagation", "envs",
    ]
    for (key, value) in try members(of: node, "gateway '\(name)'", keys: keys) {
      profile.places[key] = place(of: value)
      switch key {
      case "endpoint": profile.endpoint = try url(value, key)
      case "iam_endpoint": profile.identityEndpoint = try url(value, key)
      case "profile": profile.profile = try text(value, key)
      case "instance_name": profile.instanceName = try text(value, key)
      case "region": profile.region = try text(value, key)
      case "project_id": profile.projectID = try text(value, key)
      case "instance": profile.instance = try text(value, key)
      case "product":
        let word = try text(value, key)
        guard let product = GatewayProduct(rawValue: word) else {
          throw wrong(value, "'product' cannot be '\(word)'", hint: "apigw (API Gateway) or apic (ROMA Connect)")
        }
        profile.product = product
      case "rate":
        let text = try text(value, key)
        guard let rate = RequestRate(text) else {
          throw wrong(value, "'rate' cannot be '\(text)'", hint: "write it as 5/s or 300/min")
        }
        profile.rate = rate
      case "propagation":
        let text = try text(value, key)
        guard let duration = Duration(text: text) else {
          throw wrong(value, "'propagation' cannot be '\(text)'", hint: "write it as 10s")
        }
        profile.propagation = duration
      case "envs": profile.environments = try environments(value)
      default: break
      }
    }
    return profile
  }

  func url(_ node: Node, _ key: String) throws -> String {
    let text = try text(node, key)
    guard let url = URL(string: text), let scheme = url.scheme, ["http", "https"].contains(scheme), url.host != nil
    else { throw wrong(node, "'\(key)' is no URL: '\(text)'", hint: "write https://HOST") }
    return text
  }

  func place(of node: Node) -> String { node.mark.map { "\(file):\($0.line):\($0.column)" } ?? file }

  func wrong(_ node: Node, _ message: String, hint: String? = nil) -> ConfigurationError {
    ConfigurationError(place: place(of: node), message: message, hint: hint)
  }
}
