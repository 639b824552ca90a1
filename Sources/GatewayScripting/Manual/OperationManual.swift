public import GatewayAPI

/// The manual's entry for an operation, made from its declaration.
public struct OperationManual: Sendable {
  private let operation: OperationDescriptor

  public init(_ operation: OperationDescriptor) { self.operation = operation }

  /// The names that have an entry, in the manual's order.
  public static var names: [String] { OperationCatalog.all.map { $0.descriptor.name } }

  /// The entry for a name, with or without `apig.` before it; nil when there is none.
  public init?(named name: String) {
    let name = name.hasPrefix("apig.") ? String(name.dropFirst("apig.".count)) : name
    guard let operation = OperationCatalog.all.first(where: { $0.descriptor.name == name }) else { return nil }
    self.init(operation.descriptor)
  }

  /// One line for a list: name and summary.
  public var line: (name: String, summary: String) { (operation.name, operation.summary) }

  /// The whole entry, for a terminal of 120 columns.
  public var text: String {
    let parameters = ScriptParameter.parameters(of: operation)
    let signature = parameters.map { $0.isRequired ? $0.name : "[\($0.name)]" }.joined(separator: ", ")
    var text = "apig.\(operation.name) { \(signature) }\n\n\(operation.summary)\n"
    let width = parameters.map(\.name.count).max() ?? 0
    if !parameters.isEmpty { text += "\n" }
    for parameter in parameters {
      let padding = String(repeating: " ", count: width - parameter.name.count + 2)
      text += "  \(parameter.name)\(padding)\(parameter.help) (\(note(on: parameter)))\n"
    }
    text += "\n\(returns)\n\(effect)\n"
    for product in GatewayProduct.allCases {
      text += "\(product.title): \(operation.method.rawValue) \(operation.path.template(for: product))\n"
    }
    return text + "Reference: \"\(operation.reference)\"\n"
  }

  private func note(on parameter: ScriptParameter) -> String {
    var notes = [parameter.typeName]
    if parameter.isRequired { notes.append("required") }
    if let length = parameter.field?.maximumLength { notes.append("at most \(length) characters") }
    if let product = parameter.field?.product { notes.append("\(product.title) only") }
    return notes.joined(separator: "; ")
  }

  private var effect: String {
    guard operation.effect == .write else { return "Reads; changes nothing." }
    return ["Writes", operation.undo.summary].compactMap(\.self).joined(separator: "; ") + "."
  }

  private var returns: String {
    switch operation.output {
    case .nothing: "Returns nothing."
    case .record(let schema): "Returns a record (\(schema.name)): \(names(of: schema))."
    case .page(let schema): "Returns a list of records (\(schema.name)): \(names(of: schema))."
    case .batch: "Returns { success, failure }, a list of records each."
    case .file: "Returns the document as a string, or as a table with as = \"table\"."
    }
  }

  private func names(of schema: RecordSchema) -> String {
    let names = schema.fields.map(\.name)
    return names.count > 12 ? names.prefix(12).joined(separator: ", ") + ", …" : names.joined(separator: ", ")
  }
}
