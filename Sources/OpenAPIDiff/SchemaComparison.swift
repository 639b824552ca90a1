import GatewayAPI

/// Compares what a caller may send, or what it may get.
///
/// To allow less breaks those who send; to allow more breaks those who read what comes.
struct SchemaComparison {
  enum Direction {
    case request, response
  }

  /// What a difference does to the set of values that a schema allows.
  private enum Effect {
    case narrower, wider
    /// Neither: some values go and others come.
    case other
    /// Nobody notices.
    case none
  }

  private struct Pair: Hashable {
    let left: Document
    let right: Document
  }

  let left: DefinitionReferences
  let right: DefinitionReferences
  let direction: Direction
  private(set) var findings: [DefinitionChange.Finding] = []
  /// Pairs of references that were compared: schemas can contain themselves.
  private var compared: Set<Pair> = []

  init(left: DefinitionReferences, right: DefinitionReferences, direction: Direction) {
    self.left = left
    self.right = right
    self.direction = direction
  }

  /// - Parameter place: what findings begin with: "body.amount".
  mutating func compare(_ before: Document, _ after: Document, at place: String) {
    let isReference = before["$ref"] != nil || after["$ref"] != nil
    if isReference { guard compared.insert(Pair(left: before, right: after)).inserted else { return } }
    let old = ResolvedSchema(before, left)
    let new = ResolvedSchema(after, right)
    compareTypes(old, new, at: place)
    compareValues(old.values, new.values, at: place)
    compareLimits(old, new, at: place)
    compareProperties(old, new, at: place)
    compareItems(old, new, at: place)
    for keyword in ["oneOf", "anyOf"] { compareAlternatives(keyword, old, new, at: place) }
    compareRest(old, new, at: place)
  }

  private mutating func note(_ effect: Effect, _ place: String, _ text: String) {
    let isBreaking =
      switch effect {
      case .narrower: direction == .request
      case .wider: direction == .response
      case .other: true
      case .none: false
      }
    findings.append(DefinitionChange.Finding(text: "\(place): \(text)", isBreaking: isBreaking))
  }

  // MARK: - Values

  private mutating func compareTypes(_ old: ResolvedSchema, _ new: ResolvedSchema, at place: String) {
    if old.types != new.types {
      let shown = "type \(Self.shown(old.types)) → \(Self.shown(new.types))"
      switch (Self.allows(old.types, new.types), Self.allows(new.types, old.types)) {
      case (true, true): note(.none, place, shown)
      case (true, false): note(.narrower, place, shown)
      case (false, true): note(.wider, place, shown)
      case (false, false): note(.other, place, shown)
      }
    }
    let formats = (old.keywords["format"]?.stringValue, new.keywords["format"]?.stringValue)
    guard formats.0 != formats.1 else { return }
    let effect: Effect =
      switch formats {
      case (nil, _), ("int64", "int32"), ("double", "float"): .narrower
      case (_, nil), ("int32", "int64"), ("float", "double"): .wider
      default: .other
      }
    note(effect, place, "format \(formats.0 ?? "any") → \(formats.1 ?? "any")")
  }

  /// Whether one set of types allows all of another; an integer is a number.
  private static func allows(_ types: Set<String>?, _ others: Set<String>?) -> Bool {
    guard let types else { return true }
    guard let others else { return false }
    return others.allSatisfy { types.contains($0) || ($0 == "integer" && types.contains("number")) }
  }

  private static func shown(_ types: Set<String>?) -> String {
    types.map { $0.sorted().joined(separator: "|") } ?? "any"
  }

  private mutating func compareValues(_ old: [Document]?, _ new: [Document]?, at place: String) {
    switch (old, new) {
    case (nil, nil): break
    case (nil, let new?): note(.narrower, place, "only \(new.shown) is allowed")
    // Readers must expect values that they do not know.
    case (_?, nil): note(direction == .response ? .none : .wider, place, "any value is allowed")
    case (let old?, let new?):
      let gone = old.filter { !new.contains($0) }
      let come = new.filter { !old.contains($0) }
      if !gone.isEmpty { note(.narrower, place, "value \(gone.shown) removed") }
      if !come.isEmpty { note(direction == .response ? .none : .wider, place, "value \(come.shown) added") }
    }
  }

  private static let upperLimits = ["maximum", "maxLength", "maxItems", "maxProperties"]
  private static let lowerLimits = ["minimum", "minLength", "minItems", "minProperties"]
  private static let otherLimits = [
    "pattern", "multipleOf", "uniqueItems", "exclusiveMaximum", "exclusiveMinimum", "not",
  ]

  private mutating func compareLimits(_ old: ResolvedSchema, _ new: ResolvedSchema, at place: String) {
    for keyword in Self.upperLimits + Self.lowerLimits {
      let isUpper = Self.upperLimits.contains(keyword)
      // Nothing is shorter than nothing: a least length of 0 is none.
      let unlimited = isUpper ? Double.infinity : keyword == "minimum" ? -Double.infinity : 0
      let before = old.keywords[keyword]?.numericValue ?? unlimited
      let after = new.keywords[keyword]?.numericValue ?? unlimited
      guard before != after else {
        if old.keywords[keyword] != new.keywords[keyword] { note(.none, place, Self.step(keyword, old, new)) }
        continue
      }
      note((after < before) == isUpper ? .narrower : .wider, place, Self.step(keyword, old, new))
    }
    for keyword in Self.otherLimits {
      let before = old.keywords[keyword].flatMap { $0 == false ? nil : $0 }
      let after = new.keywords[keyword].flatMap { $0 == false ? nil : $0 }
      guard before != after else { continue }
      let effect: Effect = before == nil ? .narrower : after == nil ? .wider : direction == .request ? .other : .none
      note(effect, place, Self.step(keyword, old, new))
    }
  }

  // MARK: - Parts

  private mutating func compareProperties(_ old: ResolvedSchema, _ new: ResolvedSchema, at place: String) {
    for name in Set(old.properties.keys).union(new.properties.keys).union(old.required).union(new.required).sorted() {
      let member = "\(place).\(name)"
      let (before, after) = (old.properties[name], new.properties[name])
      // What only the other direction carries is not asked for in this one.
      let silent = direction == .request ? "readOnly" : "writeOnly"
      let wasRequired = old.required.contains(name) && before.map { left.resolved($0)[silent] != true } ?? true
      let isRequired = new.required.contains(name) && after.map { right.resolved($0)[silent] != true } ?? true
      switch (before, after) {
      case (_?, nil):
        let mayStillBeSent = new.keywords["additionalProperties"] != false
        if direction == .request {
          note(mayStillBeSent ? .none : .narrower, member, "removed")
        } else {
          note(wasRequired ? .wider : .none, member, "removed")
        }
        if !wasRequired, isRequired, direction == .request { note(.narrower, member, "is required now") }
      case (nil, _?):
        note(isRequired && direction == .request ? .narrower : .none, member, isRequired ? "added, required" : "added")
      default:
        if !wasRequired, isRequired { note(.narrower, member, "is required now") }
        if wasRequired, !isRequired { note(.wider, member, "is no longer required") }
        if let before, let after { compare(before, after, at: member) }
      }
    }
    compareFurtherProperties(old.keywords["additionalProperties"], new.keywords["additionalProperties"], at: place)
  }

  private mutating func compareFurtherProperties(_ old: Document?, _ new: Document?, at place: String) {
    switch (old ?? true, new ?? true) {
    case (true, true), (false, false): break
    case (_, false): note(.narrower, place, "further members are no longer allowed")
    // More members than before disturb no reader.
    case (false, _): note(direction == .response ? .none : .wider, place, "further members are allowed")
    case (let old, let new): compare(old == true ? [:] : old, new == true ? [:] : new, at: place + ".*")
    }
  }

  private mutating func compareItems(_ old: ResolvedSchema, _ new: ResolvedSchema, at place: String) {
    guard old.keywords["items"] != nil || new.keywords["items"] != nil else { return }
    compare(old.keywords["items"] ?? [:], new.keywords["items"] ?? [:], at: place + "[]")
  }

  /// Alternatives that both sides name by one reference, or at the same place, are compared; of others only their
  /// number.
  private mutating func compareAlternatives(
    _ keyword: String, _ old: ResolvedSchema, _ new: ResolvedSchema, at place: String
  ) {
    var before = old.keywords[keyword]?.arrayValue ?? []
    var after = new.keywords[keyword]?.arrayValue ?? []
    guard !before.isEmpty || !after.isEmpty else { return }
    guard !before.isEmpty, !after.isEmpty else {
      return note(before.isEmpty ? .narrower : .wider, place, "\(keyword) \(before.isEmpty ? "added" : "removed")")
    }
    for alternative in before where after.contains(alternative) {
      compare(alternative, alternative, at: "\(place) (\(alternative.schemaName))")
      before.removeAll { $0 == alternative }
      after.removeAll { $0 == alternative }
    }
    if before.count == after.count {
      for (old, new) in zip(before, after) { compare(old, new, at: "\(place) (\(new.schemaName))") }
      return
    }
    let gone = before.map(\.schemaName).joined(separator: ", ")
    let come = after.map(\.schemaName).joined(separator: ", ")
    if !before.isEmpty { note(.narrower, place, "\(keyword) without \(gone)") }
    if !after.isEmpty { note(.wider, place, "\(keyword) with \(come)") }
  }

  /// What changes no value: texts, examples, extensions.
  private mutating func compareRest(_ old: ResolvedSchema, _ new: ResolvedSchema, at place: String) {
    let read = Set(
      Self.upperLimits + Self.lowerLimits + Self.otherLimits
        + [
          "type", "nullable", "x-nullable", "format", "enum", "const", "items", "additionalProperties", "oneOf",
          "anyOf",
        ])
    let keywords = Set(old.keywords.keys).union(new.keywords.keys).subtracting(read)
    for keyword in keywords.sorted() where old.keywords[keyword] != new.keywords[keyword] {
      note(.none, place, Self.step(keyword, old, new))
    }
  }

  private static func step(_ keyword: String, _ old: ResolvedSchema, _ new: ResolvedSchema) -> String {
    "\(keyword) \(old.keywords[keyword].shown) → \(new.keywords[keyword].shown)"
  }
}

extension Document {
  fileprivate var numericValue: Double? {
    switch self {
    case .integer(let value): Double(value)
    case .number(let value): value
    default: nil
    }
  }

  fileprivate var schemaName: String {
    self["$ref"]?.stringValue?.split(separator: "/").last.map(String.init) ?? self["title"]?.stringValue
      ?? self["type"]?.stringValue ?? "schema"
  }
}
