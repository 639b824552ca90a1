internal import GatewayAPI
internal import GatewayScripting
internal import LuaRuntime

/// A script as the rules look at it: its tree, what its names stand for, and the calls that it makes of `apig`.
final class ScriptReading {
  /// Something of `apig` or of the standard library that is not there, or cannot be used so.
  struct Misuse {
    enum Kind {
      /// A field that a table does not have, of those that it has.
      case unknown(String, of: String, known: [String])
      case unknownParameter(String, known: [String])
      /// A field or method that none of the kinds has that the value may be of.
      case unknownField(String, of: [ScriptRecord], isMethod: Bool)
      /// A colon where a dot belongs.
      case method(String)
      /// A dot where a colon belongs.
      case noMethod(String)
      case assignment(String)
    }

    let kind: Kind
    let range: Range<Int>
  }

  let text: SourceText
  let block: Block
  let scopes: Scopes
  let meanings: MeaningResolver
  private(set) var calls: [ScriptCall] = []
  private(set) var misuses: [Misuse] = []
  /// Calls that are statements of their own: nobody gets their results.
  private(set) var callStatements: Set<Range<Int>> = []
  /// Calls of other functions, with what they call.
  private(set) var builtInCalls: [(name: String, arguments: [Expression], range: Range<Int>)] = []

  init(_ text: SourceText, _ block: Block) {
    self.text = text
    self.block = block
    scopes = Scopes(block)
    meanings = MeaningResolver(scopes)
    block.walk { node in
      switch node {
      case .statement(let statement): read(statement)
      case .expression(let expression):
        note(expression.testedExpressions)
        read(expression)
      }
      return true
    }
    misuses.removeAll { misuse in
      switch misuse.kind {
      case .unknownParameter: addsParameters
      case .unknown(let name, let table, _): testedMembers.contains("\(table).\(name)")
      case .unknownField(let name, _, _): addsFields || addedFields.contains(name)
      default: false
      }
    }
  }

  /// Whether it requires modules other than those that it is given.
  private(set) lazy var requiresModules: Bool = builtInCalls.contains { call in
    guard call.name == "require", let argument = call.arguments.first else { return false }
    let name = scopes.value(of: argument)?.text
    return name != "apig" && name != SandboxLibrary.testModule
  }

  func requires(_ module: String) -> Bool {
    builtInCalls.contains { call in
      call.name == "require" && call.arguments.first.flatMap(scopes.value)?.text == module
    }
  }

  /// Functions of the standard library that it asks for before it uses them: `math.pow`.
  private var testedMembers: Set<String> = []

  private var testedRanges: Set<Range<Int>> = []

  private func note(_ tested: [Expression]) {
    for expression in tested {
      testedRanges.insert(expression.range)
      guard case .suffixed(let base, let suffixes) = expression.kind, suffixes.count == 1,
        case .field(let name) = suffixes[0].kind, case .library(let table)? = meanings.meaning(of: base)
      else { continue }
      testedMembers.insert("\(table).\(name.text)")
    }
  }

  private var targets: Set<Range<Int>> = []
  /// Whether the script puts something of its own among the values of its parameters.
  private var addsParameters = false
  /// The names of the fields that the script puts into tables: a record may be among them.
  private var addedFields: Set<String> = []
  /// Whether it puts fields into a record whose names nobody knows.
  private var addsFields = false

  private func read(_ statement: Statement) {
    note(statement.testedExpressions)
    switch statement.kind {
    case .call(let call): callStatements.insert(call.range)
    case .assignment(let written, _):
      targets.formUnion(written.map(\.range))
      written.forEach(noteField)
    case .function(let written, _):
      targets.insert(written.range)
      noteField(written)
    default: break
    }
  }

  /// Takes down which field is written.
  private func noteField(_ target: Expression) {
    guard let (table, suffix) = target.lastSuffix else { return }
    switch suffix.kind {
    case .field(let name): addedFields.insert(name.text)
    case .index(let key):
      if let name = key.nameAsKey {
        addedFields.insert(name.text)
      } else if !key.isNumeric, mayBeRecord(table) {
        addsFields = true
      }
    case .call, .method: break
    }
  }

  /// Whether it is a record, or what a function of the script is given.
  private func mayBeRecord(_ expression: Expression) -> Bool {
    if case .value? = meanings.meaning(of: expression) { return true }
    guard case .name(let name) = expression.kind, let variable = scopes.variable(of: name) else { return false }
    return variable.kind == .parameter || variable.kind == .implicit
  }

  private func read(_ expression: Expression) {
    guard case .suffixed(let base, let suffixes) = expression.kind, var meaning = meanings.meaning(of: base) else {
      return
    }
    let isTarget = targets.contains(expression.range)
    for (index, suffix) in suffixes.enumerated() {
      let shownName = text.text(expression.range.lowerBound..<suffix.nameEnd)
      if isTarget, index == suffixes.count - 1 {
        if let table = meaning.shownTable {
          misuses.append(Misuse(kind: .assignment(table), range: suffix.nameRange))
        } else if case .parameters = meaning {
          addsParameters = true
        }
        return
      }
      let next = meanings.meaning(of: suffix, behind: meaning)
      if let unknown = unknownField(suffix, of: expression, behind: meaning) {
        misuses.append(unknown)
        return
      }
      if let problem = problem(with: suffix, followedBy: suffixes[(index + 1)...].first, behind: meaning, next) {
        misuses.append(Misuse(kind: problem, range: suffix.nameRange))
        return
      }
      readCall(suffix, behind: meaning, shownName, expression.range.lowerBound, suffixes[..<index])
      guard let next else { return }
      meaning = next
    }
  }

  private func readCall(
    _ suffix: Suffix, behind meaning: Meaning, _ shownName: String, _ start: Int, _ before: ArraySlice<Suffix>
  ) {
    let nameRange = start..<(before.last?.range.upperBound ?? suffix.range.lowerBound)
    switch (meaning, suffix.kind) {
    case (.function(let function, let isTwin), .call(let arguments)):
      calls.append(
        ScriptCall(
          function: function, shownName: text.text(nameRange).trimmed, isTwin: isTwin, arguments: arguments,
          nameRange: nameRange, range: start..<suffix.range.upperBound))
    case (.handle, .method(let name, let arguments)):
      guard let function = ScriptFunctionCatalog.function(name.text) else { return }
      calls.append(
        ScriptCall(
          function: function, shownName: shownName, isTwin: false, arguments: arguments,
          nameRange: start..<name.range.upperBound, range: start..<suffix.range.upperBound))
    case (.builtIn(let name), .call(let arguments)):
      builtInCalls.append((name, arguments, start..<suffix.range.upperBound))
      if ["rawset", "setmetatable"].contains(name), arguments.first.map(mayBeRecord) ?? false { addsFields = true }
      // `pcall(apig.publish, {…})` is a call of its first argument with the others.
      guard name == "pcall", let first = arguments.first,
        case .function(let function, let isTwin)? = meanings.meaning(of: first)
      else { return }
      calls.append(
        ScriptCall(
          function: function, shownName: text.text(first.range), isTwin: isTwin,
          arguments: Array(arguments.dropFirst()), nameRange: first.range, range: start..<suffix.range.upperBound))
    default: break
    }
  }

  private func unknownField(_ suffix: Suffix, of expression: Expression, behind meaning: Meaning) -> Misuse? {
    guard case .value(let shape) = meaning, let records = shape.records, !records.isEmpty else { return nil }
    let name: Name
    var isMethod = false
    switch suffix.kind {
    case .field(let field): name = field
    case .method(let method, _): (name, isMethod) = (method, true)
    case .index(let key):
      guard let field = key.nameAsKey else { return nil }
      name = field
    case .call: return nil
    }
    guard !records.contains(where: { $0.memberNames.contains(name.text) }) else { return nil }
    // Records of our own have nil for what they do not have: a script may ask for it.
    let isTested = suffix.range.upperBound == expression.range.upperBound && testedRanges.contains(expression.range)
    guard !isTested || records.contains(where: \.isOfGateway) else { return nil }
    return Misuse(kind: .unknownField(name.text, of: records, isMethod: isMethod), range: name.range)
  }

  private func problem(
    with suffix: Suffix, followedBy following: Suffix?, behind meaning: Meaning, _ next: Meaning?
  ) -> Misuse.Kind? {
    switch (meaning, suffix.kind) {
    case (.module, .field(let name)) where next == nil, (.twins, .field(let name)) where next == nil:
      return .unknown(name.text, of: meaning.shownTable ?? "apig", known: meaning.members)
    case (.facts(let table, let known), .field(let name)) where !known.contains(name.text):
      return .unknown(name.text, of: table, known: known)
    case (.library(let table), .field(let name)):
      let known = SandboxLibrary.tables[table] ?? []
      return known.contains(name.text) ? nil : .unknown(name.text, of: table, known: known.sorted())
    case (.parameters(let known), .field(let name)) where !known.contains(name.text):
      return .unknownParameter(name.text, known: known)
    case (.handle, .method(let name, _)):
      let known = meaning.members
      return known.contains(name.text) ? nil : .unknown(name.text, of: "a gateway", known: known)
    case (.handle, .field(let name)):
      // `pcall(gw.publish, gw, {…})` is right: only a call without the handle goes wrong.
      guard case .call(let arguments)? = following?.kind else { return nil }
      if let first = arguments.first, case .handle? = meanings.meaning(of: first) { return nil }
      return .noMethod(name.text)
    case (.module, .method(let name, _)), (.twins, .method(let name, _)), (.library, .method(let name, _)):
      return .method("\(meaning.shownTable ?? "apig").\(name.text)")
    default: return nil
    }
  }
}

extension Meaning {
  /// The table as scripts write it; nil for what is none, and for what a script may write into.
  fileprivate var shownTable: String? {
    switch self {
    case .module(let path): path.isEmpty ? "apig" : "apig.\(path)"
    case .twins: "apig.try"
    case .facts(let name, _), .library(let name): name
    case .function, .handle, .parameters, .builtIn, .value: nil
    }
  }

  /// What it has.
  fileprivate var members: [String] {
    switch self {
    case .module(let path):
      let prefix = path.isEmpty ? "" : path + "."
      let names = ScriptFunctionCatalog.all.map(\.name).filter { $0.hasPrefix(prefix) }.map {
        String($0.dropFirst(prefix.count).prefix { $0 != "." })
      }
      return path.isEmpty ? names + ["try"] + ScriptFunctionCatalog.values.keys : names
    case .twins, .handle: return ScriptFunctionCatalog.operations.map(\.name)
    default: return []
    }
  }
}

extension Expression {
  /// Whether it is a number in every run: `1`, `#list + 1`.
  fileprivate var isNumeric: Bool {
    switch kind {
    case .integer, .float: true
    case .unary(let sign, _): sign == .length || sign == .minus
    case .operations(_, let operations): operations.allSatisfy { $0.sign == .arithmetic }
    case .parenthesized(let inner): inner.isNumeric
    default: false
    }
  }
}

extension Suffix {
  /// Where the name that it brings stands; where it has none, all of it.
  fileprivate var nameRange: Range<Int> {
    switch kind {
    case .field(let name), .method(let name, _): name.range
    case .index, .call: range
    }
  }

  fileprivate var nameEnd: Int {
    switch kind {
    case .field(let name), .method(let name, _): name.range.upperBound
    case .index, .call: range.lowerBound
    }
  }
}
