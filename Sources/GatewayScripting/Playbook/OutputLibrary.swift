internal import DocumentYAML
internal import GatewayAPI
internal import LuaRuntime

/// The host functions that write: log, reports, JSON, YAML.
struct OutputLibrary: Sendable {
  let output: any ScriptOutput

  var functions: [LuaHostFunction] {
    [
      .sync("log") { call in
        output.log(ScriptLogLevel(rawValue: call[0].stringValue ?? "") ?? .info, text(call[1]))
        return []
      },
      .sync("report_table") { call in
        output.report(ReportTable(columns: strings(call[0]), rows: rows(call[1])))
        return []
      },
      .sync("report_markdown") { call in
        output.report(markdown: text(call[0]))
        return []
      },
      .sync("report_value") { call in
        output.report(value: try document(call[0], of: "report.value"))
        return []
      },
      .sync("json_encode") { call in [.text(try document(call[0], of: "json.encode").jsonText)] },
      .sync("json_decode") { call in [try decode(call[0])] },
      .sync("yaml_encode") { call in [.text(try yaml(of: call[0]))] },
      .sync("yaml_decode") { call in [try decodeYAML(call[0])] },
    ]
  }

  private func text(_ value: LuaValue) -> String {
    guard case .string(let text) = value else { return "" }
    return text.description
  }

  private func strings(_ list: LuaValue) -> [String] { list.tableValue?.sequence.map(text) ?? [] }

  private func rows(_ list: LuaValue) -> [[String]] { list.tableValue?.sequence.map(strings) ?? [] }

  private func document(_ value: LuaValue, of function: String) throws(GatewayError) -> Document {
    do {
      return try Document(value)
    } catch {
      throw CallOptions.usage("'\(function)' cannot write \(error.path): \(error.reason)", nil)
    }
  }

  private func decode(_ value: LuaValue) throws(GatewayError) -> LuaValue {
    guard case .string(let text) = value else {
      throw CallOptions.usage("bad argument #1 to 'json.decode' (string expected, got \(value.typeName))", nil)
    }
    do {
      return LuaValue(try Document(json: text.bytes))
    } catch {
      throw CallOptions.usage("'json.decode': \(error)", nil)
    }
  }

  private func yaml(of value: LuaValue) throws(GatewayError) -> String {
    let written = try document(value, of: "yaml.encode")
    do {
      return try YAMLText.text(of: written)
    } catch {
      throw CallOptions.usage("'yaml.encode' cannot write that: \(YAMLText.reason(error))", nil)
    }
  }

  private func decodeYAML(_ value: LuaValue) throws(GatewayError) -> LuaValue {
    guard case .string(let text) = value else {
      throw CallOptions.usage("bad argument #1 to 'yaml.decode' (string expected, got \(value.typeName))", nil)
    }
    guard text.count <= ScriptSurroundings.maximumFileSize, let yaml = text.string else {
      throw CallOptions.usage(
        "'yaml.decode' reads UTF-8 text of at most \(ScriptSurroundings.maximumFileSize >> 20) MiB", nil)
    }
    do {
      return try YAMLText.document(from: yaml).map { LuaValue($0) } ?? .nil
    } catch {
      throw CallOptions.usage("'yaml.decode': \(YAMLText.reason(error))", nil)
    }
  }
}
