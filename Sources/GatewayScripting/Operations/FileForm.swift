internal import GatewayAPI
internal import LuaRuntime

/// In which form a script wants a file that the gateway answers: as it came, or parsed.
struct FileForm: Sendable {
  private let isTable: Bool

  /// - Throws: `GatewayError` of kind `usage`.
  init(_ options: CallOptions, of descriptor: OperationDescriptor) throws(GatewayError) {
    guard case .file = descriptor.output else {
      isTable = false
      return
    }
    isTable = try options.choice("as", default: "string") == "table"
    if isTable, let format = options["format"].stringValue, format != "json" {
      throw CallOptions.usage("as = \"table\" needs format = \"json\", not \"\(format)\"", "leave 'format' out")
    }
  }

  func adjust(_ values: inout [String: Document]) {
    if isTable { values["type"] = "json" }
  }

  /// - Throws: `GatewayError` of kind `unavailable` for a file that is no JSON.
  func value(of result: LuaValue) throws(GatewayError) -> LuaValue {
    guard isTable, case .string(let text) = result else { return result }
    do {
      return LuaValue(try Document(json: text.bytes))
    } catch {
      throw GatewayError(kind: .unavailable, message: "the exported file is no JSON: \(error)")
    }
  }
}
