internal import GatewayAPI
internal import LuaRuntime
internal import OpenAPIDiff
internal import ReleaseEngine

/// The host functions that compare what a script has already: definitions, histories, moments.
struct ComparisonLibrary: Sendable {
  let recorder: RunRecorder

  var functions: [LuaHostFunction] {
    [
      .sync("diff") { call in [try difference(call[0], call[1])] },
      .sync("effective_at") { call in try effective(call) },
    ]
  }

  // MARK: - diff

  private enum Subject {
    case definition(OpenAPIDefinition)
    case history([APIVersion])
    case value(Document)

    var title: String {
      switch self {
      case .definition: "a definition"
      case .history: "a history"
      case .value: "a table"
      }
    }
  }

  private func difference(_ left: LuaValue, _ right: LuaValue) throws(GatewayError) -> LuaValue {
    let subjects = (try subject(left, 1), try subject(right, 2))
    let diff: DefinitionDiff
    switch subjects {
    case (.definition(let left), .definition(let right)): diff = DefinitionDiff(from: left, to: right)
    case (.history(let left), .history(let right)): diff = DefinitionDiff(fromHistory: left, to: right)
    case (.value(let left), .value(let right)): diff = DefinitionDiff(fromValue: left, to: right)
    default:
      throw CallOptions.usage(
        "'diff' compares two of a kind, not \(subjects.0.title) with \(subjects.1.title)",
        "two exports, two histories or two tables")
    }
    var result = LuaTable()
    result["changes"] = .table(LuaTable(sequence: diff.changes.map { LuaValue($0.document) }))
    result["breaking"] = .integer(Int64(diff.breakingCount))
    result["text"] = .text(diff.text)
    return .table(result)
  }

  private func subject(_ value: LuaValue, _ position: Int) throws(GatewayError) -> Subject {
    let document: Document
    switch value {
    case .string(let text):
      do {
        document = try Document(json: text.bytes)
      } catch {
        throw CallOptions.usage(
          "argument #\(position) of 'diff' is no JSON: \(error)", "export it with format = \"json\"")
      }
      guard OpenAPIDefinition.isDefinition(document) else {
        throw CallOptions.usage(
          "argument #\(position) of 'diff' is no OpenAPI document", "pass what apig.export returns")
      }
    case .table(let table):
      do {
        document = try Document(value)
      } catch {
        throw CallOptions.usage(
          "argument #\(position) of 'diff' cannot be compared: \(error.path) is \(error.reason)", nil)
      }
      if table.className == RecordClasses.listName(of: APIVersion.schema) {
        return .history((document.arrayValue ?? []).map(APIVersion.init(document:)))
      }
    default:
      throw CallOptions.usage(
        "bad argument #\(position) to 'diff' (string or table expected, got \(value.typeName))", nil)
    }
    guard OpenAPIDefinition.isDefinition(document) else { return .value(document) }
    do {
      return .definition(try OpenAPIDefinition(document))
    } catch {
      throw CallOptions.usage("argument #\(position) of 'diff' is no OpenAPI document: \(error.reason)", nil)
    }
  }

  // MARK: - effective_at

  /// Takes a list of versions, a moment and, where it is known, the API as a list gives it.
  private func effective(_ call: LuaCall) throws -> [LuaValue] {
    guard let text = call[1].stringValue else {
      throw CallOptions.usage("bad argument #1 to 'effective_at' (time expected, got \(call[1].typeName))", nil)
    }
    let relative = Timestamp(text) == nil ? try recorder.time(CallOrigin(call)) : nil
    guard let moment = Timestamp(text) ?? relative.flatMap({ Timestamp(ago: text, now: $0) }) else {
      throw CallOptions.usage(
        "bad argument #1 to 'effective_at' ('\(text)' is no time)",
        "write 2026-11-20T10:00:00Z or \"2 hours ago\"")
    }
    var api: API?
    if !call[2].isNil {
      guard case .table(let record) = call[2], record.className == API.schema.name,
        let document = try? Document(call[2])
      else {
        throw CallOptions.usage(
          "bad argument #2 to 'effective_at' (a record of apig.select or apig.apis expected)", nil)
      }
      api = API(document: document)
    }
    let versions = (try? Document(call[0]))?.arrayValue ?? []
    let found = try PastVersion.find(
      at: moment, in: versions.map(APIVersion.init(document:)),
      isComplete: call[0].tableValue?["complete"].booleanValue ?? false, api: api)
    return [found.index.map { .integer(Int64($0 + 1)) } ?? .nil, .text(found.certainty.rawValue)]
  }
}
