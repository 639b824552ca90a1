internal import GatewayAPI

/// The manual's entry for a function, made from its declaration.
struct FunctionManual: ManualEntry {
  private let function: ScriptFunction
  /// As scripts write it: `apig.publish`, `t.run`, `describe`.
  private let prefix: String
  /// What it is at the gateway; nil for a function of the script's own side.
  private let operation: OperationDescriptor?

  /// - Parameter prefix: what stands before the name in scripts.
  init(_ function: ScriptFunction, prefix: String = "apig.") {
    self.function = function
    self.prefix = prefix
    operation =
      function.isOperation ? OperationCatalog.all.first { $0.name == function.name }?.descriptor : nil
  }

  var name: String { prefix + function.name }

  var summary: String { function.summary }

  /// How it is called, and what comes back.
  var signature: String {
    call + (function.results.isEmpty ? "" : " -> " + function.results.map(\.name).joined(separator: ", "))
  }

  /// How it is called.
  var call: String {
    let options = function.options.map { isDemanded($0) ? $0.name : "[\($0.name)]" }.joined(separator: ", ")
    let arguments = function.arguments.map { argument in
      let shown = argument.hasOptions ? options.isEmpty ? "{}" : "{ \(options) }" : argument.name
      return argument.isOptional ? "[\(shown)]" : shown
    }
    let isBraced = function.arguments.count == 1 && function.arguments[0].hasOptions
    let all = (arguments + (function.isVariadic ? ["…"] : [])).joined(separator: ", ")
    return name + (isBraced ? " { \(options) }" : "(\(all))")
  }

  /// The whole entry, wrapped to a width in columns.
  func text(width: Int) -> String {
    var text = ManualText(width: width)
    text.paragraph(signature, indent: 0, hanging: 4)
    text.gap()
    text.paragraph(summary)
    var items: [(String, String)] = []
    for argument in function.arguments where !argument.hasOptions {
      items.append((argument.name, argument.help + " (\(note(on: argument)))"))
    }
    for option in function.options { items.append((option.name, option.help + " (\(note(on: option)))")) }
    text.gap()
    text.list(items)
    text.gap()
    for line in returns + facts { text.paragraph(line) }
    return text.text
  }

  /// What an editor shows of it, beside its parameters.
  var hover: String { ([summary] + (facts.isEmpty ? [] : [""]) + facts).joined(separator: "\n") }

  /// The entry in Markdown, below a heading.
  func markdown(level: Int) -> String {
    var text = heading(level) + "\n```\n\(signature)\n```\n\n\(summary)\n"
    let rows =
      function.arguments.filter { !$0.hasOptions }.map { ["`\($0.name)`", note(on: $0), $0.help] }
      + function.options.map { ["`\($0.name)`", note(on: $0), $0.help] }
    if !rows.isEmpty { text += "\n" + MarkdownTable(columns: ["name", "type", "meaning"], rows: rows).text }
    for line in returns + facts { text += "\n\(line)\n" }
    return text
  }

  // MARK: - Parts

  private func isDemanded(_ option: ScriptParameter) -> Bool {
    // What the wire demands, a script may leave to another option; then it says so itself.
    option.isRequired || function.demands(option)
  }

  private func note(on argument: ScriptFunction.Argument) -> String {
    argument.shape.name.spacedAlternatives + (argument.isOptional ? "; may be left out" : "")
  }

  private func note(on option: ScriptParameter) -> String {
    var notes = [option.typeName.spacedAlternatives]
    if isDemanded(option) { notes.append("required") }
    if let length = option.field?.maximumLength { notes.append("at most \(length) characters") }
    if let product = option.field?.product { notes.append("\(product.title) only") }
    if case .integer(let bounds?) = option.type, bounds.upperBound < 1_000_000 {
      notes.append("\(bounds.lowerBound) to \(bounds.upperBound)")
    }
    return notes.joined(separator: "; ")
  }

  private var returns: [String] {
    if function.results.isEmpty { return ["Returns nothing."] }
    var lines = ["Returns \(function.results.map(\.name).joined(separator: ", and "))."]
    var seen: Set<String> = []
    for name in function.results.flatMap(\.recordNames) where seen.insert(name).inserted {
      guard let record = ScriptRecordCatalog.record(name) ?? TestDeclarations.records.first(where: { $0.name == name })
      else { continue }
      let fields = record.fields.map(\.name) + record.methods.map { "\($0.name)()" }
      guard !fields.isEmpty else { continue }
      let shown = fields.prefix(12).joined(separator: ", ") + (fields.count > 12 ? ", …" : "")
      lines.append("\(record.name.capitalizedFirst): \(shown); see '\(record.name)'.")
    }
    return lines
  }

  /// What calling it means, at the gateway and for the run.
  private var facts: [String] {
    var facts: [String] = []
    if let operation {
      facts.append(
        operation.effect == .read
          ? "Reads; changes nothing."
          : ["Writes", operation.undo.summary].compactMap(\.self).joined(separator: "; ") + ".")
    }
    for need in function.needs {
      switch need {
      case .origin: facts.append("Needs the permission http:ORIGIN for other servers than the gateway.")
      case .secret: facts.append("Needs the permission secret:NAME.")
      case .file(let kind):
        facts.append("Needs the permission \(kind.rawValue):PATH, but for files below the script's folder.")
      case .variable: facts.append("Needs the permission environ:NAME.")
      case .environment: break
      }
    }
    if let operation {
      for product in GatewayProduct.allCases {
        facts.append("\(product.title): \(operation.method.rawValue) \(operation.path.template(for: product))")
      }
      facts.append("Reference: \"\(operation.reference)\"")
    }
    return facts
  }
}

extension String {
  var capitalizedFirst: String { prefix(1).uppercased() + dropFirst() }

  /// Words of a choice, so that lines can be broken between them.
  var spacedAlternatives: String { replacing("\"|\"", with: "\" | \"") }
}
