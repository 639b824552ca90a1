internal import GatewayAPI
internal import OpenAPIDiff

extension ScriptRecord {
  // MARK: - The gateway's answers

  static let batchResult = ScriptRecord(
    "batch result", "What became of several APIs.",
    [
      .field("success", .list(.record(Publication.schema.name)), "Of each API that was changed: what it runs now."),
      .field("failure", .list(.record(BatchFailure.schema.name)), "Of each API that was not: why."),
      .field(
        "unchanged", .optional(.records(API.schema.name)), "APIs that if_changed left out; only publish and offline."),
    ])

  static let handle = ScriptRecord(
    "gateway handle", "Another gateway: its operations are methods.", methods: ScriptFunctionCatalog.operations)

  /// What lists of the gateway's records can do beside being lists.
  static func list(of record: String) -> ScriptRecord {
    var methods: [ScriptFunction] = [
      ScriptFunction("ids", "Returns the IDs of the items.", []).returning(.list(.string)),
      ScriptFunction("names", "Returns the names of the items.", []).returning(.list(.string)),
      ScriptFunction(
        "filter", "Returns a list of the items for which a function returns true.",
        [
          .value(
            "predicate", .function, .function([.named("item", .record(record))], returns: .any),
            "Gets each item.")
        ]
      ).returning(.records(record)),
    ]
    if record == APIVersion.schema.name { methods += versionMethods }
    return ScriptRecord(
      RecordClasses.listName(ofRecords: record),
      "A list, fetched page by page as it is read; #list reads to its end.",
      [
        .field("total", .optional(.integer), "How many there are, as the gateway says."),
        .field("complete", .optional(.boolean), "Whether all have been read."),
      ], methods: methods)
  }

  private static let versionMethods: [ScriptFunction] = [
    ScriptFunction("effective", "Returns the version in effect.", []).returning(.optional(.record("version"))),
    ScriptFunction(
      "effective_at", "Returns the version that was in effect at a moment, and how that is known.",
      [
        .value("moment", .time, "RFC 3339, or \"2 hours ago\"."),
        .value(
          "api", .table, .record(API.schema.name), optional: true, "The API as a list gives it, where it is known."),
      ]
    ).returning(.optional(.record("version")), .choice(PastVersion.Certainty.allCases.map(\.rawValue))),
    ScriptFunction(
      "find", "Returns the version with a number or an ID.",
      [.value("wanted", .any, .either([.string, .integer]), "Its version_no or version_id.")]
    ).returning(.optional(.record("version"))),
  ]

  // MARK: - What functions return

  static let wave = ScriptRecord(
    "wave", "A part of a list that is released at once.",
    [
      .field("items", .list(.any), "The items of this wave."),
      .field("index", .integer, "Which wave it is, from 1."),
      .field("count", .integer, "How many waves there are."),
      .field("label", .string, "\"2/4\"."),
      .field("first", .boolean, "Whether it is the first."),
      .field("last", .boolean, "Whether it is the last."),
    ])

  static let httpAnswer = ScriptRecord(
    "http answer", "What another server answered.",
    [
      .field("status", .integer, "HTTP status."),
      .field("headers", .map(.string), "Headers by their names in lower case."),
      .field("body", .string, "The body as it came."),
    ],
    methods: [ScriptFunction("json", "Reads the body as JSON; raises invalid where it is none.", []).returning(.any)])

  static let healthNumbers = ScriptRecord(
    "health numbers", "What probes measured; times in seconds.",
    [
      .field("samples", .integer, "How many probes were sent."),
      .field("failures", .integer, "How many of them failed."),
      .field("p50", .number, "The time that half of them took at most."),
      .field("p95", .number, "The time that 95 of 100 took at most."),
      .field("max", .number, "The longest time."),
      .field("first_failure", .optional(.record("probe failure")), "The first one that failed."),
    ])

  static let probeFailure = ScriptRecord(
    "probe failure", "A probe that failed.",
    [
      .field("time", .string, "When, RFC 3339 in UTC."),
      .field("text", .string, "Why."),
      .field("status", .optional(.integer), "HTTP status, where there was an answer."),
    ])

  static let difference = ScriptRecord(
    "difference", "What differs between two exports, histories or tables.",
    [
      .field("changes", .list(.record("change")), "One for each operation that differs."),
      .field("breaking", .integer, "How many of them break callers."),
      .field("text", .string, "All of it for people; empty when nothing differs."),
    ])

  static let change = ScriptRecord(
    "change", "What differs at one place.",
    [
      .field("kind", .choice(DefinitionChange.Kind.allCases.map(\.rawValue)), "What became of it."),
      .field("method", .optional(.string), "Request method, in definitions."),
      .field("path", .string, "Request path, or the path into a table."),
      .field("api", .optional(.string), "Name of the API, where it is known."),
      .field("breaking", .boolean, "Whether it breaks callers."),
      .field("what", .list(.string), "What differs, a sentence each."),
      .field("left_version_no", .optional(.string), "In histories: the version on the left."),
      .field("right_version_no", .optional(.string), "In histories: the version on the right."),
    ])

  static let secret = ScriptRecord(
    "secret", "A value that only headers and bodies of requests open; it prints as its name.")

  static let run = ScriptRecord(
    "run", "What apig.run tells of the run.",
    [
      .field("id", .string, "Its ID: r-01KAX4."),
      .field("mode", .choice(["run", "plan"]), "Whether changes are made or only planned."),
      .field("user", .string, "Who runs it: ops@jump1."),
      .field("started_at", .string, "When it began, RFC 3339 in UTC."),
      .field("gateway", .string, "Name of the gateway it works on."),
      .field("env", .optional(.string), "Name of the environment for calls that name none."),
      .field("params", .optional(.map(.any)), "Values of the parameters, once apig.params declared them."),
    ])

  static let parameter = ScriptRecord(
    "parameter", "How apig.params declares a parameter.",
    ParameterDeclaration.options.map { .field($0.name, .optional(.value($0.type)), $0.help) })

  // MARK: - Errors

  package static let error = ScriptRecord(
    "error", "What a failed call raises, and what apig.try returns behind nil.",
    [
      .field("kind", .choice(GatewayError.Kind.allCases.map(\.rawValue)), "The class of the failure: decide by it."),
      .field("message", .string, "What happened."),
      .field("code", .optional(.string), "The gateway's own code: APIG.3002."),
      .field("hint", .optional(.string), "What to do next."),
      .field("operation", .optional(.string), "The operation that failed."),
      .field("api", .optional(.string), "Name or ID of the API it happened to."),
      .field("env", .optional(.string), "The environment it happened in."),
      .field("gateway", .optional(.string), "The gateway it happened on."),
      .field("status", .optional(.integer), "HTTP status of the answer."),
      .field("attempts", .optional(.integer), "How often the request was sent."),
      .field("request_id", .optional(.string), "X-Request-Id of the answer."),
      .field("retryable", .boolean, "Whether the same call may succeed later."),
      .field(
        "result", .optional(.either([.record("batch result"), .record("health numbers")])),
        "Both lists of a batch; the numbers of a health check."),
      .field(
        "rolled_back", .optional(.either([.boolean, .list(.record("undo failure"))])),
        "Behind with_rollback: true, or what could not be undone."),
      .field("where", .string, "The script's line: release.lua:21."),
      .field("traceback", .string, "The calls that led there."),
    ])

  static let undoFailure = ScriptRecord(
    "undo failure", "An API that an undo could not put back.",
    [
      .field("api", .string, "Name of the API, or its ID."),
      .field("api_id", .string, "Its ID."),
      .field("env_id", .optional(.string), "ID of the environment."),
      .field("message", .string, "Why."),
    ])
}
