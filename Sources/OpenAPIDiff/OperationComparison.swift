import GatewayAPI

/// Compares one operation as both sides define it.
struct OperationComparison {
  private let left: DefinitionReferences
  private let right: DefinitionReferences
  private(set) var findings: [DefinitionChange.Finding] = []

  init(
    _ old: DefinedOperation, _ new: DefinedOperation, left: DefinitionReferences, right: DefinitionReferences
  ) {
    self.left = left
    self.right = right
    compareMethods(old.key.method, new.key.method)
    compareParameters(old, new)
    compareBodies(old.body, new.body)
    compareResponses(old.responses, new.responses)
    compareSecurity(old.security, new.security)
    compareExtensions(old.extensions, new.extensions)
    compareTexts("", old.rest, new.rest)
  }

  private mutating func note(_ text: String, breaking: Bool = false) {
    findings.append(DefinitionChange.Finding(text: text, isBreaking: breaking))
  }

  private mutating func compareMethods(_ old: String, _ new: String) {
    if old != new { note("method \(old) → \(new)", breaking: new != OperationKey.anyMethod) }
  }

  private mutating func compareSchemas(
    _ old: Document, _ new: Document, _ direction: SchemaComparison.Direction, at place: String
  ) {
    var comparison = SchemaComparison(left: left, right: right, direction: direction)
    comparison.compare(old, new, at: place)
    findings += comparison.findings
  }

  // MARK: - Requests

  private mutating func compareParameters(_ old: DefinedOperation, _ new: DefinedOperation) {
    for key in Set(old.parameters.keys).union(new.parameters.keys).sorted() {
      switch (old.parameters[key], new.parameters[key]) {
      case (let before?, nil): note("\(before.title) removed")
      case (nil, let after?):
        // A path's parameters are in the path, whether they are declared or not.
        let isAsked = after.isRequired && after.location != "path"
        note("\(after.title) added\(isAsked ? ", required" : "")", breaking: isAsked)
      case (let before?, let after?): compare(before, after)
      case (nil, nil): break
      }
    }
  }

  private mutating func compare(_ old: DefinedOperation.Parameter, _ new: DefinedOperation.Parameter) {
    if old.name != new.name { note("\(old.title) is now named \(new.name)") }
    if !old.isRequired, new.isRequired { note("\(new.title) is required now", breaking: true) }
    if old.isRequired, !new.isRequired { note("\(new.title) is no longer required") }
    for member in Set(old.form.keys).union(new.form.keys).sorted() where old.form[member] != new.form[member] {
      let isWider = member == "allowEmptyValue" && old.form[member] == nil
      note(
        "\(new.title): \(member) \(old.form[member].shown) → \(new.form[member].shown)", breaking: !isWider)
    }
    compareSchemas(old.schema, new.schema, .request, at: new.title)
    compareTexts(new.title, old.rest, new.rest)
  }

  private mutating func compareBodies(_ old: DefinedOperation.Body?, _ new: DefinedOperation.Body?) {
    switch (old, new) {
    case (nil, nil): break
    case (_?, nil): note("body removed", breaking: true)
    case (nil, let new?): note("body added\(new.isRequired ? ", required" : "")", breaking: new.isRequired)
    case (let old?, let new?):
      if !old.isRequired, new.isRequired { note("body is required now", breaking: true) }
      if old.isRequired, !new.isRequired { note("body is no longer required") }
      for type in Set(old.media.keys).union(new.media.keys).sorted() {
        switch (old.media[type], new.media[type]) {
        case (_?, nil): note("body: media type \(type) removed", breaking: true)
        case (nil, _?): note("body: media type \(type) added")
        case (let before?, let after?): compareSchemas(before, after, .request, at: Self.place("body", type, new.media))
        case (nil, nil): break
        }
      }
      compareTexts("body", old.rest, new.rest)
    }
  }

  // MARK: - Responses

  private mutating func compareResponses(
    _ old: [String: DefinedOperation.Response], _ new: [String: DefinedOperation.Response]
  ) {
    for status in Set(old.keys).union(new.keys).sorted() {
      let title = "response \(status)"
      switch (old[status], new[status]) {
      case (_?, nil): note("\(title) removed", breaking: Self.isAwaited(status, new))
      case (nil, _?): note("\(title) added")
      case (let before?, let after?): compare(before, after, title)
      case (nil, nil): break
      }
    }
  }

  /// Whether callers live by a status that is no longer defined: errors nobody waits for, and a range or the default
  /// may stand for it.
  private static func isAwaited(_ status: String, _ new: [String: DefinedOperation.Response]) -> Bool {
    guard !status.hasPrefix("4"), !status.hasPrefix("5") else { return false }
    guard let first = status.first, first.isNumber else { return true }
    return new["default"] == nil && !new.keys.contains { $0.uppercased() == "\(first)XX" }
  }

  private mutating func compare(
    _ old: DefinedOperation.Response, _ new: DefinedOperation.Response, _ title: String
  ) {
    for type in Set(old.media.keys).union(new.media.keys).sorted() {
      switch (old.media[type], new.media[type]) {
      case (_?, nil): note("\(title): media type \(type) removed", breaking: true)
      case (nil, _?): note("\(title): media type \(type) added")
      case (let before?, let after?): compareSchemas(before, after, .response, at: Self.place(title, type, new.media))
      case (nil, nil): break
      }
    }
    for name in Set(old.headers.keys).union(new.headers.keys).sorted() {
      let (before, after) = (old.headers[name].map(left.resolved), new.headers[name].map(right.resolved))
      switch (before, after) {
      case (let before?, nil): note("\(title): header \(name) removed", breaking: before["required"] == true)
      case (nil, _?): note("\(title): header \(name) added")
      case (let before?, let after?):
        compareSchemas(
          before["schema"] ?? before, after["schema"] ?? after, .response, at: "\(title): header \(name)")
      case (nil, nil): break
      }
    }
    compareTexts(title, old.rest, new.rest)
  }

  /// The media type is told where there are several.
  private static func place(_ title: String, _ type: String, _ media: [String: Document]) -> String {
    media.count > 1 ? "\(title) (\(type))" : title
  }

  // MARK: - The rest

  private mutating func compareSecurity(_ old: Set<Set<SecurityNeed>>, _ new: Set<Set<SecurityNeed>>) {
    guard old != new else { return }
    let isBreaking = !old.allSatisfy { had in new.contains { $0.isSubset(of: had) } }
    note("security \(Self.shown(old)) → \(Self.shown(new))", breaking: isBreaking)
  }

  private static func shown(_ alternatives: Set<Set<SecurityNeed>>) -> String {
    alternatives.map { $0.isEmpty ? "none" : $0.map(\.name).sorted().joined(separator: " and ") }.sorted()
      .joined(separator: " or ")
  }

  /// What the gateway adds: of most callers notice nothing.
  private mutating func compareExtensions(_ old: [String: Document], _ new: [String: Document]) {
    for name in Set(old.keys).union(new.keys).sorted() where old[name] != new[name] {
      let isBreaking =
        switch name {
        case "x-apigateway-auth-type": (new[name] ?? "NONE") != "NONE"
        case "x-apigateway-request-type": new[name] == "private"
        case "x-apigateway-match-mode": old[name] == "SWA"
        case "x-apigateway-cors": old[name] == true
        default: false
        }
      guard !isBreaking, let before = old[name], let after = new[name], before.objectValue != nil else {
        note("\(name) \(old[name].shown) → \(new[name].shown)", breaking: isBreaking)
        continue
      }
      for difference in ValueDifference.all(from: before, to: after, at: name) { note(difference.text) }
    }
  }

  private mutating func compareTexts(_ place: String, _ old: [String: Document], _ new: [String: Document]) {
    for member in Set(old.keys).union(new.keys).sorted() where old[member] != new[member] {
      let deprecates = member == "deprecated" && new[member] == true
      note(
        (place.isEmpty ? "" : "\(place): ")
          + (deprecates ? "deprecated" : "\(member) \(old[member].shown) → \(new[member].shown)"))
    }
  }
}

extension DefinedOperation.Parameter {
  /// "query parameter limit"
  fileprivate var title: String { "\(location) parameter \(name)" }
}
