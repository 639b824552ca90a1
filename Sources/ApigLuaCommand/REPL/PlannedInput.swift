internal import GatewayAPI
internal import ReleaseEngine

/// What is wanted of what was typed.
enum InputForm: Sendable {
  /// Its values, the first of which is `_` from then on.
  case values
  case type, json
}

/// An input that was planned and worked, to be typed again when the plan is applied.
struct PlannedInput: Sendable {
  /// As typed; several lines are one input.
  let text: String
  let form: InputForm
  /// For calls that named none.
  let environment: String?
  /// Its places in the plan's changes.
  let changes: Range<Int>
  /// Its places in the plan's other changes.
  let others: Range<Int>
  /// Requests elsewhere that it would send, and that change something there; files that it would write.
  let requests: [PlannedRequest]

  var changesSomething: Bool { !changes.isEmpty || !others.isEmpty || !requests.isEmpty }

  /// The first line, for people.
  var title: String {
    let lines = text.split(separator: "\n")
    return ((lines.first.map(String.init) ?? "") + (lines.count > 1 ? " …" : "")).withoutControlCharacters
  }
}

/// A request elsewhere that was planned: by its method and URL. What is in it may tell of what exists only by then. Also
/// a file that is to be written, by its path.
struct PlannedRequest: Sendable, Hashable {
  private let operation: String
  private let target: String?
  private let queryDigest: String?
  /// "POST https://…", for people.
  let title: String

  init(_ call: RecordedCall) {
    operation = call.operation
    target = (call.arguments["url"] ?? call.arguments["path"])?.stringValue
    queryDigest = call.arguments["query_digest"]?.stringValue
    title = call.title
  }
}
