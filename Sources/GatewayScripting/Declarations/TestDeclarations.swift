internal import GatewayAPI

/// What files of tests find beside `apig`: the module `apig.test`, and busted's words.
package enum TestDeclarations {
  package static let moduleName = "apig.test"

  /// The functions of the module.
  package static let functions: [ScriptFunction] = [
    gateway, run, resume, rollback, plan, everyCrash,
  ]

  package static let records: [ScriptRecord] = [testGateway, fault, testRun, testPlan, journalEntry, wait]

  /// Busted's words, which are globals of a file of tests.
  package static let words: [ScriptFunction] =
    blocks.flatMap { names, summary in names.map { ScriptFunction($0, summary, [blockName, body]) } }
    + hooks.flatMap { names, summary in names.map { ScriptFunction($0, summary, [body]) } }
    + [
      ScriptFunction("pending", "A test that is not there yet.", [blockName, optionalBody]),
      ScriptFunction("finally", "Runs behind the test that it stands in.", [body]),
    ]

  /// What `assert` has, behind words without a meaning of their own and before `not`: assert.is_not.equal.
  package static let assertions: [ScriptFunction] = [
    assertion("equal", "The same value, or the very same table.", [expected, actual]),
    assertion("same", "Tables that hold the same, however deep.", [expected, actual]),
    assertion("near", "Numbers that differ by no more than a tolerance.", [expected, actual, tolerance]),
    assertion("matches", "Text that matches a Lua pattern.", [pattern, actual]),
    assertion("error", "A function that raises; an error like this, where one is given.", [failing, optionalError]),
    assertion(
      "error_matches", "A function that raises an error whose text matches a Lua pattern.", [failing, pattern]),
    assertion("is_true", "true itself.", [actual]), assertion("is_false", "false itself.", [actual]),
    assertion("is_nil", "nil.", [actual]), assertion("truthy", "Neither nil nor false.", [actual]),
    assertion("falsy", "nil or false.", [actual]), assertion("is_string", "A string.", [actual]),
    assertion("is_number", "A number.", [actual]), assertion("is_table", "A table.", [actual]),
    assertion("is_boolean", "true or false.", [actual]), assertion("is_function", "A function.", [actual]),
  ]

  /// Of each function of the module, and of faults: the names of its options.
  package static let optionNames: [String: [String]] = Dictionary(
    uniqueKeysWithValues: functions.map { ($0.name, $0.options.map(\.name)) } + [("fault", faultOptions.map(\.name))])

  // MARK: - The module

  private static let gateway = ScriptFunction(
    "gateway", "Opens a local gateway of the test's own.", [.optionalOptions],
    options: [
      .option("group", .string, "Name of its group; default payments."),
      .option("apis", .any, "How many APIs, 1 to 1000, or a list of their names; default 8."),
      .option("published", .names, "How many of them run, by environment: { RELEASE = 38 }."),
      .option("changed", .integer(0...1000), "How many are to be released: those that run nowhere among them."),
      .option("history", .integer(1...10), "Versions of each API that runs; default 1."),
      .option("seed", .string, "A seed in YAML instead: see apig-lua local seed --help."),
      .option("propagation", .duration, "How long after a change calls see it."),
    ]
  ).returning(.record("test gateway"))

  private static let going: [ScriptParameter] = [
    .option("answers", .any, "What confirmations are answered with: true, false, or a list; default true."),
    .option("crash_at", .integer(1...1_000_000), "The entry of the journal behind which the run is stopped."),
    .option("on_wait", .function, "Called when the run waits; gets { seconds, reason }."),
    .option("secrets", .names, "Secrets that the run may have, by name."),
  ]

  private static let beginning: [ScriptParameter] =
    going + [
      .option("allow", .list, "Permissions, as with --allow."),
      .option("deny", .list, "Permissions that it has not, as with --deny."),
      .option("env", .string, "The default environment."),
      .option("only", .list, "Only APIs whose names have one of these forms."),
      .option("skip", .list, "No APIs whose names have one of these forms."),
      .option("concurrency", .integer(1...1000), "Most requests in flight at once."),
      .option("assume", .list, "Of plans: what goes wrong, as with --assume."),
    ]

  private static let scriptAndGateway: [ScriptFunction.Argument] = [
    .value(
      "script", .file, .either([.string, .value(.table)]), "File of the playbook, or { code = \"…\", name = \"…\" }."),
    .value(
      "params", .any,
      .either([
        .optional(.map(.any)), .function([.named("gateway", .record("test gateway"))], returns: .map(.any)),
      ]), "Its parameters by name, nil, or a function that returns them."),
    .value("gateway", .table, .record("test gateway"), "What t.gateway returned."),
    .optionalOptions,
  ]

  private static let run = ScriptFunction(
    "run", "Runs a playbook on a gateway of the test. What it waits for is not waited for.", scriptAndGateway,
    options: beginning
  ).returning(.record("test run"))

  private static let formerRun = ScriptFunction.Argument.value(
    "run", .table, .record("test run"), "What t.run returned.")

  private static let resume = ScriptFunction(
    "resume", "Goes on with a run that was stopped.", [formerRun, .optionalOptions], options: going
  ).returning(.record("test run"))

  // An undo asks nothing and runs no script.
  private static let rollback = ScriptFunction(
    "rollback", "Undoes what a run changed.", [formerRun, .optionalOptions],
    options: going.filter { $0.name == "crash_at" }
  ).returning(.record("test run"))

  private static let plan = ScriptFunction(
    "plan", "Plans a playbook, and changes nothing.", scriptAndGateway, options: beginning
  ).returning(.record("test plan"))

  private static let everyCrash = ScriptFunction(
    "every_crash",
    "Stops a run behind each entry of its journal in turn, resumes it, and wants the end that it has unstopped.",
    [
      scriptAndGateway[0], scriptAndGateway[1],
      .value(
        "make_gateway", .function, .function([], returns: .record("test gateway")), "Opens a gateway for each try."),
      .optionalOptions,
    ], options: beginning
  ).returning(.record("test run"))

  // MARK: - Records

  private static let faultOptions: [ScriptParameter] = [
    .option("op", .string, "The operation that fails: \"publish\"."),
    .option("probe", .any, "Calls of published APIs fail: true, or from which health check of a run on."),
    .option("any", .boolean, "Every operation fails."),
    .option("path", .string, "Of probes: only this path."),
    .option("status", .integer(100...599), "The HTTP status that is answered."),
    .option("drop", .boolean, "The connection ends without an answer."),
    .option("throttle", .boolean, "Status 429, to be tried again after a second."),
    .option("stale", .duration, "Reads show the state of so long ago."),
    .option("cut", .integer(0...1_000_000), "The connection ends after so many bytes of the body."),
    .option("latency", .duration, "How long requests wait first."),
    .option("when", .choice(["before", "after"]), "Whether it fails before or after the change is made."),
    .option("times", .integer(1...1_000_000), "How often at most."),
    .option("from", .integer(1...1_000_000), "From the how manieth request on."),
    .option("api", .string, "Only requests for this API."),
    .option("p", .number, "The share of requests that fail, 0 to 1."),
    .option("seed", .integer(nil), "What the chance of p begins with."),
    .option("retry_after", .any, "Seconds that Retry-After says."),
    .option("code", .string, "The error code in the answer."),
    .option("body", .string, "The body of the answer."),
  ]

  private static let fault = ScriptRecord(
    "fault", "What is to go wrong: one of op, probe and any, and what happens.",
    faultOptions.map { .field($0.name, .optional(.value($0.type)), $0.help) })

  private static let testGateway = ScriptRecord(
    "test gateway", "A local gateway of a test's own; apig's operations are methods, and change it as someone else.",
    [
      .field("name", .string, "Its name."),
      .field("origin", .string, "Where it listens: http://127.0.0.1:PORT."),
    ],
    methods: [
      ScriptFunction(
        "fault", "Makes it fail, in the words of apig-lua local fault or as a table.",
        [
          .value(
            "fault", .file, .either([.string, .record("fault")]), "{ op = \"publish\", status = 500, times = 1 }.")
        ]),
      ScriptFunction("clear_faults", "Takes all faults away.", []),
      ScriptFunction(
        "url", "Returns the address of a path that can be probed; a published API is added where there is none.",
        [
          .value("path", .string, "Begins with /."),
          .value("answer", .any, optional: true, "What it answers with: text, or a table as JSON."),
        ]
      ).returning(.string),
      ScriptFunction(
        "snapshot", "Returns what an environment runs: version numbers by the APIs' names.",
        [
          .value("env", .string, "Name of the environment."),
          .value("moment", .choice(["before", "now"]), optional: true, "Before the first run, or now; default now."),
        ]
      ).returning(.map(.string)),
      ScriptFunction(
        "state", "Returns what is the same in gateways that went through the same, for assert.same.", []
      ).returning(.value(.table)),
      ScriptFunction(
        "requests", "Returns the requests it got: { operation, method, path, status, … } each.",
        [.value("operation", .string, optional: true, "Only of this operation.")]
      ).returning(.list(.map(.any))),
      ScriptFunction(
        "advance", "Lets time pass on its clock.", [.value("time", .duration, "\"90s\".")]),
      ScriptFunction(
        "foreign", "Makes changes as someone else.",
        [.value("changes", .table, .map(.value(.table)), "{ publish = { api = \"pay-a\", env = \"RELEASE\" } }.")]
      ).returning(.any),
      ScriptFunction(
        "change", "Changes the draft of an API, so that it is to be released.",
        [.value("api", .reference(.api), "Name, ID or record.")]
      ).returning(.record(APIDefinition.schema.name)),
    ] + ScriptFunctionCatalog.operations)

  private static let testRun = ScriptRecord(
    "test run", "How a run under test ended: its result document, and what only tests want to know.",
    [
      .field("run", .string, "Its ID."),
      .field("outcome", .string, "changed, unchanged, rolled_back, partly_done, refused, crashed, …"),
      .field("exit", .integer, "The exit code."),
      .field("value", .any, "What the script returned."),
      .field("error", .optional(.map(.any)), "What it failed with: kind, message, where, …"),
      .field("gateway", .record("test gateway"), "The gateway it ran on."),
      .field("env", .optional(.string), "The default environment."),
      .field("started", .string, "When it began, RFC 3339 in UTC."),
      .field("seconds", .number, "How long it took, on the gateway's clock."),
      .field("waited_for_limit", .number, "Seconds that requests were held back."),
      .field("requests", .integer, "How many requests it sent."),
      .field("retries", .integer, "How many of them again."),
      .field("summary", .map(.integer), "How many APIs: changed, unchanged, failed, undone, undo_failed, unknown."),
      .field("apis", .list(.map(.any)), "Each API: api, name, env, before, after, state, error."),
      .field("others", .list(.map(.any)), "Other changes: operation, count, state."),
      .field("output", .list(.any), "What it printed and reported."),
      .field("logs", .list(.string), "What it logged: \"info: …\"."),
      .field("questions", .list(.string), "What it asked people."),
      .field("journal", .list(.record("journal entry")), "What its journal holds."),
      .field("crashed", .boolean, "Whether crash_at stopped it."),
      .field("is_undoing", .boolean, "Whether an undo had begun."),
      .field("text", .optional(.string), "What apig.exit said."),
    ])

  private static let testPlan = ScriptRecord(
    "test plan", "A plan, as apig-lua plan --out writes it, and how planning ended.",
    [
      .field("exit", .integer, "The exit code of apig-lua plan."),
      .field("error", .optional(.map(.any)), "What planning failed with."),
      .field("logs", .list(.string), "What the script logged: \"info: …\"."),
      .field("changes", .list(.map(.any)), "Each change: operation, api, name, env, before, after, undo."),
      .field("other_changes", .list(.map(.any)), "Changes that are no publication: operation, api, name."),
      .field("summary", .any, "What the script returned."),
      .field("obstacle", .optional(.string), "Why it cannot be applied."),
    ])

  private static let journalEntry = ScriptRecord(
    "journal entry", "One line of a run's journal.",
    [
      .field("kind", .string, "What was written down: intent, outcome, read, …"),
      .field("operation", .string, "The operation it is about."),
      .field("title", .string, "The same for people."),
    ])

  private static let wait = ScriptRecord(
    "wait", "What on_wait gets.",
    [
      .field("seconds", .number, "How long the run waits."),
      .field("reason", .optional(.string), "What for."),
    ])

  // MARK: - Words

  private static let blocks: [([String], String)] = [
    (["describe", "context", "insulate", "expose"], "A block of tests."),
    (["it", "spec", "test"], "A test."),
  ]

  private static let hooks: [([String], String)] = [
    (["setup", "lazy_setup", "strict_setup"], "Runs before the tests of the block."),
    (["teardown", "lazy_teardown", "strict_teardown"], "Runs behind the tests of the block."),
    (["before_each"], "Runs before each test of the block."),
    (["after_each"], "Runs behind each test of the block."),
  ]

  private static let blockName = ScriptFunction.Argument.value("name", .string, "What it is about.")
  private static let body = ScriptFunction.Argument.value(
    "f", .function, .function([], returns: nil), "What is to be done.")
  private static let optionalBody = ScriptFunction.Argument.value(
    "f", .function, .function([], returns: nil), optional: true, "What is to be done once.")

  private static let expected = ScriptFunction.Argument.value("expected", .any, "What it is to be.")
  private static let actual = ScriptFunction.Argument.value("actual", .any, "What it is.")
  private static let tolerance = ScriptFunction.Argument.value("tolerance", .number, "The greatest difference.")
  private static let pattern = ScriptFunction.Argument.value("pattern", .string, "A Lua pattern.")
  private static let failing = ScriptFunction.Argument.value(
    "f", .function, .function([], returns: .any), "What is to raise.")
  private static let optionalError = ScriptFunction.Argument.value(
    "expected", .any, optional: true, "The error's text, or some of its fields.")

  private static func assertion(
    _ name: String, _ summary: String, _ arguments: [ScriptFunction.Argument]
  ) -> ScriptFunction {
    ScriptFunction(
      name, summary, arguments + [.value("note", .any, optional: true, "Put before what is said when it fails.")])
  }
}
