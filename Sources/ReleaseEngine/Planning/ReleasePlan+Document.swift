public import GatewayAPI

/// Plans as JSON: versioned, and with a digest of itself.
extension ReleasePlan {
  /// The version of the form that this code writes and reads.
  public static let form = 1

  /// The plan's own digest.
  var digest: String { ContentDigest.hex(body.json) }

  /// What ``init(json:)`` reads.
  public var document: Document {
    var members = body.objectValue ?? [:]
    members["digest"] = .string(digest)
    return .object(members)
  }

  private var body: Document {
    [
      "apig_lua_plan": .integer(Int64(Self.form)), "id": .string(id), "created": .string(createdAt),
      "created_by": .string(createdBy), "script": script.document, "modules": .array(modules.map(\.document)),
      "params": .object(parameters.mapValues(Document.string)),
      "secret_params": .object(secretDigests.mapValues(Document.string)),
      "arguments": .array(arguments.map(Document.string)), "env": Self.text(environment),
      "isolated": .boolean(isIsolated),
      "gateway": ["name": .string(gateway.name), "identity": .string(gateway.identity)],
      "reads": .array(reads.map(\.document)), "changes": .array(changes.map(\.document)),
      "other_changes": .array(otherChanges.map(\.document)),
      "after_apply": .object(labels.mapValues(Document.string)), "seed": .string(String(seed)), "summary": summary,
      "obstacle": Self.text(obstacle),
    ]
  }

  /// - Throws: ``PlanFileError`` for what is no plan, is of another version, or was changed.
  public init(json bytes: [UInt8]) throws(PlanFileError) {
    guard let document = try? Document(json: bytes), case .object(var members) = document else {
      throw PlanFileError(
        message: "is damaged or no plan: it cannot be read as JSON", hint: "make it anew: apig-lua plan … --out FILE")
    }
    guard let form = document["apig_lua_plan"]?.integerValue else {
      throw PlanFileError(message: "is no plan of apig-lua", hint: "apig-lua plan SCRIPT --out FILE writes one")
    }
    guard form == Self.form else {
      throw PlanFileError(
        message: "is a plan of form \(form); this apig-lua reads form \(Self.form)",
        hint: form > Self.form ? "apply it with the apig-lua that made it" : "make it anew: apig-lua plan … --out FILE")
    }
    let stated = document["digest"]?.stringValue
    members["digest"] = nil
    guard let stated, stated == ContentDigest.hex(Document.object(members).json) else {
      throw PlanFileError(
        message: "was damaged or changed since it was saved: its digest does not fit",
        hint: "make it anew: apig-lua plan … --out FILE")
    }
    guard let plan = Self(Document.object(members)) else {
      throw PlanFileError(
        message: "is a plan that lacks what a plan must have", hint: "make it anew: apig-lua plan … --out FILE")
    }
    self = plan
  }

  private init?(_ document: Document) {
    func text(_ name: String) -> String? { document[name]?.stringValue }
    func texts(_ name: String) -> [String: String]? { document[name]?.objectValue?.compactMapValues(\.stringValue) }
    func list<Value>(_ name: String, _ make: (Document) -> Value?) -> [Value]? {
      guard let elements = document[name]?.arrayValue else { return nil }
      let values = elements.compactMap(make)
      return values.count == elements.count ? values : nil
    }
    guard let id = text("id"), let created = text("created"), let author = text("created_by"),
      let script = document["script"].flatMap(Source.init(document:)),
      let modules = list("modules", Source.init(document:)), let parameters = texts("params"),
      let secrets = texts("secret_params"), let arguments = list("arguments", \.stringValue),
      let gateway = document["gateway"], let name = gateway["name"]?.stringValue,
      let identity = gateway["identity"]?.stringValue, let reads = list("reads", PlannedRead.init(document:)),
      let changes = list("changes", PlannedChange.init(document:)),
      let others = list("other_changes", PlannedOtherChange.init(document:)), let labels = texts("after_apply"),
      let seed = text("seed").flatMap(UInt64.init)
    else { return nil }
    self.init(
      id: id, createdAt: created, createdBy: author, script: script, modules: modules, parameters: parameters,
      secretDigests: secrets, arguments: arguments, environment: text("env"),
      isIsolated: document["isolated"]?.booleanValue ?? false, gateway: Target(name: name, identity: identity),
      reads: reads, changes: changes, otherChanges: others, labels: labels, seed: seed,
      summary: document["summary"] ?? .null, obstacle: text("obstacle"))
  }

  fileprivate static func text(_ text: String?) -> Document { text.map(Document.string) ?? .null }
}

extension ReleasePlan.Source {
  var document: Document {
    var members: [String: Document] = ["name": .string(name), "digest": .string(digest)]
    members["path"] = path.map(Document.string)
    members["text"] = text.map(Document.string)
    return .object(members)
  }

  init?(document: Document) {
    guard let name = document["name"]?.stringValue, let digest = document["digest"]?.stringValue else { return nil }
    self.init(
      name: name, path: document["path"]?.stringValue, digest: digest, text: document["text"]?.stringValue)
  }
}

extension PlannedVersion {
  public var document: Document {
    switch self {
    case .none: .null
    case .kept(let id, let number): ["version_id": .string(id), "version_no": ReleasePlan.text(number)]
    case .made(let id): ["after_apply": .string(id)]
    }
  }

  init(document: Document?) {
    if let id = document?["version_id"]?.stringValue {
      self = .kept(id: id, number: document?["version_no"]?.stringValue)
    } else if let id = document?["after_apply"]?.stringValue {
      self = .made(id: id)
    } else {
      self = .none
    }
  }
}

extension PlannedChange {
  public var document: Document {
    var members: [String: Document] = [
      "operation": .string(action.rawValue), "api": .string(apiID), "name": ReleasePlan.text(apiName),
      "env": ReleasePlan.text(environmentID), "env_name": ReleasePlan.text(environmentName), "from": from.document,
      "to": to.document, "where": ReleasePlan.text(place), "undo": .boolean(isUndo),
    ]
    if !drops.isEmpty { members["drops"] = .array(drops.map(Document.string)) }
    if let failure { members["error"] = failure.document }
    return .object(members)
  }

  init?(document: Document) {
    guard let action = document["operation"]?.stringValue.flatMap(Action.init(rawValue:)),
      let apiID = document["api"]?.stringValue
    else { return nil }
    self.init(
      action: action, apiID: apiID, apiName: document["name"]?.stringValue,
      environmentID: document["env"]?.stringValue, environmentName: document["env_name"]?.stringValue,
      from: PlannedVersion(document: document["from"]), to: PlannedVersion(document: document["to"]),
      drops: (document["drops"]?.arrayValue ?? []).compactMap(\.stringValue),
      failure: document["error"].flatMap(GatewayError.init(document:)),
      isUndo: document["undo"]?.booleanValue ?? false, place: document["where"]?.stringValue)
  }
}

extension PlannedOtherChange {
  public var document: Document {
    [
      "operation": .string(operation), "api": ReleasePlan.text(apiID), "name": ReleasePlan.text(apiName),
      "digest": .string(digest), "draft_update_time": ReleasePlan.text(draftUpdate), "where": ReleasePlan.text(place),
    ]
  }

  init?(document: Document) {
    guard let operation = document["operation"]?.stringValue, let digest = document["digest"]?.stringValue else {
      return nil
    }
    self.init(
      operation: operation, apiID: document["api"]?.stringValue, apiName: document["name"]?.stringValue,
      digest: digest, draftUpdate: document["draft_update_time"]?.stringValue, place: document["where"]?.stringValue)
  }
}

extension PlannedRead {
  public var document: Document {
    [
      "api": .string(apiID), "name": ReleasePlan.text(apiName), "group": ReleasePlan.text(groupID),
      "env": .string(environmentID), "env_name": ReleasePlan.text(environmentName),
      "draft_update_time": ReleasePlan.text(draftUpdate), "effective": ReleasePlan.text(effectiveID),
      "effective_no": ReleasePlan.text(effectiveNumber), "publish_id": ReleasePlan.text(publishID),
      "needed_versions": .array(neededVersions.map(Document.string)),
    ]
  }

  init?(document: Document) {
    guard let apiID = document["api"]?.stringValue, let environmentID = document["env"]?.stringValue else {
      return nil
    }
    self.init(
      apiID: apiID, apiName: document["name"]?.stringValue, groupID: document["group"]?.stringValue,
      environmentID: environmentID, environmentName: document["env_name"]?.stringValue,
      draftUpdate: document["draft_update_time"]?.stringValue, effectiveID: document["effective"]?.stringValue,
      effectiveNumber: document["effective_no"]?.stringValue, publishID: document["publish_id"]?.stringValue,
      neededVersions: (document["needed_versions"]?.arrayValue ?? []).compactMap(\.stringValue))
  }
}
