internal import GatewayAPI

extension ScriptFunction {
  /// What a call may take at most of something that is counted.
  private static let most = 1_000_000

  // MARK: - Choosing

  static let select = ScriptFunction(
    "select", "Lists the APIs that meet every condition given.", [.optionalOptions],
    options: [
      .option("group", .reference(.group), "Only this group's APIs."),
      .option("tag", .string, "Only APIs with this tag."),
      .option("name", .string, "Only names of this form: * stands for any text, ? for one character."),
      .option("published_in", .reference(.environment), "Only APIs that are published there."),
      .option(
        "changed_in", .reference(.environment),
        "Only APIs whose draft differs from what runs there, or that do not run."),
      // The prelude takes these out and carries them out in Lua.
      .option("match", .string, "Only names that match this Lua pattern."),
      .option("where", .function, "Only APIs for which it returns true."),
      .option("sort_by", .order, "Order: a field, or what a function returns for an API."),
    ]
  ).returning(.records(API.schema.name)).changed { $0.isOperation = true }

  static let effective = ScriptFunction(
    "effective", "Tells the version that an environment runs, of one API or of each of several.",
    options: [
      .option("api", .reference(.api), "API to look at."),
      .option("api_id", .id(.api), "The same by ID, never looked up."),
      .option("apis", .list, "Several APIs: a list with false where nothing runs."),
      .option("env", .reference(.environment), "Environment to look at."),
      .option("env_id", .id(.environment), "The same by ID, never looked up."),
    ]
  ).returning(
    .either([
      .optional(.record(APIVersion.schema.name)), .list(.either([.record(APIVersion.schema.name), .boolean])),
    ])
  ).changed {
    $0.isOperation = true
    $0.alternatives = [["api", "api_id", "apis"]]
    $0.exclusives = ["api", "api_id", "apis"]
  }

  package static let gateway = ScriptFunction(
    "gateway", "Returns a handle on another gateway: its operations are the handle's methods.",
    [.value("name", .string, "A name of apig.yaml, or local.")]
  ).returning(.record("gateway handle")).unrecorded

  // MARK: - Flow

  static let each = ScriptFunction(
    "each", "Runs a function for each item, several at once; returns the results in the list's order.",
    [
      .value("list", .list, .list(.generic("T")), "The items."), .optionalOptions,
      .value(
        "f", .function,
        .function([.named("item", .generic("T")), .named("index", .integer)], returns: .optional(.generic("R"))),
        "Gets each item and its place."),
    ],
    options: [
      .option("concurrency", .integer(1...most), "How many at once; default 8."),
      .option("on_failure", .choice(OnFailure.words), "What becomes of failures; default \"raise\"."),
    ]
  ).returning(.list(.generic("R")))

  static let parallel = ScriptFunction(
    "parallel", "Runs some functions at once; returns their results in the list's order.",
    [
      .value(
        "functions", .list, .list(.function([], returns: .optional(.generic("R")))), "Functions without arguments.")
    ]
  ).returning(.list(.generic("R")))

  static let withRollback = ScriptFunction(
    "with_rollback", "Runs a function; when it raises, what it changed is undone and the error goes on.",
    [
      .optionalOptions,
      .value("f", .function, .function([], returns: .optional(.generic("R"))), "What may have to be undone."),
    ]
  ).returning(.generic("R"))

  static let waves = ScriptFunction(
    "waves", "Goes through a list in growing parts: counts, or cumulative percentages.",
    [
      .value("list", .list, "The items."),
      .value("shares", .list, .list(.either([.integer, .string])), "Cumulative: { 1, \"10%\", \"100%\" }."),
    ]
  ).returning(.function([], returns: .optional(.record("wave"))))

  static let step = ScriptFunction(
    "step", "Runs a function under a name, which groups output and journal.",
    [
      .value("name", .string, "Shown, and kept."),
      .value("f", .function, .function([], returns: .optional(.generic("R"))), "What the step does."),
    ]
  ).returning(.generic("R"))

  static let wait = ScriptFunction(
    "wait", "Waits; a resumed run waits only what is left.",
    options: [
      .option("time", .duration, "How long."),
      .option("reason", .string, "Shown; \"propagation\" alone waits for what the gateway takes."),
    ]
  ).changed {
    $0.alternatives = [["time", "reason"]]
    $0.sufficientWords = ["reason": propagation]
  }

  /// The reason of a wait that needs no time.
  static let propagation = "propagation"

  static let waitUntil = ScriptFunction(
    "wait_until", "Calls a function again and again, until it returns what is true.",
    [
      .options,
      .value(
        "f", .function, .function([], returns: .optional(.generic("R"))),
        "Called until it returns neither nil nor false."),
    ],
    options: [
      .option("timeout", .duration, required: true, "When it is given up."),
      .option("every", .duration, "Time between two calls; default 2s."),
    ]
  ).returning(.generic("R")).changed { $0.alternatives = [["timeout"]] }

  static let sorted = ScriptFunction(
    "sorted", "Goes through a table in the order of its keys: the same in every run.",
    [.value("values", .table, .map(.generic("T")), "Its keys are strings or numbers.")]
  ).returning(.function([], returns: .any)).unrecorded

  static let exit = ScriptFunction(
    "exit", "Ends the script: \"ok\", \"differences\" or \"failed\".",
    [
      .value(
        "code", .choice(ScriptExit.Code.allCases.map(\.rawValue)), optional: true, "What becomes of it; default ok."),
      .value("text", .string, optional: true, "Shown to people."),
    ]
  ).unrecorded

  static let now = ScriptFunction("now", "Tells the run's time, RFC 3339.", []).returning(.string)
  static let id = ScriptFunction("id", "Makes an ID that no other run has.", []).returning(.string)

  // MARK: - People and other servers

  static let confirm = ScriptFunction(
    "confirm", "Asks a person to go on; refused, it raises.",
    options: [
      .option("text", .string, required: true, "What is about to be done."),
      .option("env", .reference(.environment), "The environment that it is about."),
      .option("default", .boolean, "What an empty answer means; default false."),
    ]
  ).returning(.boolean).changed { $0.alternatives = [["text"]] }

  static let secret = ScriptFunction(
    "secret", "Returns a secret that only headers and bodies of requests open.",
    [.value("name", .string, "As the grant names it: --allow secret:NAME.")], needs: [.secret]
  ).returning(.record("secret"))

  // MARK: - Files and variables

  private static let filePath = Argument.value(
    "path", .string, "A relative one begins at the script's folder; a package's, at the project's.")

  static let readFile = ScriptFunction(
    "file.read", "Reads a file of at most \(ScriptSurroundings.maximumFileSize >> 20) MiB.", [filePath],
    needs: [.file(.readFile)]
  ).returning(.string)

  static let writeFile = ScriptFunction(
    "file.write", "Writes a whole file; a plan does not write it, and no rollback takes it back.",
    [filePath, .value("text", .string, "What the file holds from then on; a secret is its name there.")],
    needs: [.file(.writeFile)]
  )

  static let environ = ScriptFunction(
    "environ", "Tells an environment variable; nil when it is not set. Credentials are no scripts' business.",
    [.value("name", .string, "As the grant names it: --allow environ:NAME.")], needs: [.variable]
  ).returning(.optional(.string))

  // MARK: - Health

  static let healthHTTP = ScriptFunction(
    "health.http", "Probes a URL; raises when too many probes fail or are too slow.",
    options: [
      .option("url", .url, required: true, "What is asked, by GET."),
      .option("samples", .integer(1...most), "How many probes; default 10."),
      .option("every", .duration, "Time between two; default 1s."),
      .option("expect", .statuses, "Statuses that are good; default 200 to 299."),
      .option("max_failures", .integer(0...most), "How many may fail; default none."),
      .option("p95", .duration, "The longest that 95 of 100 may take."),
      .option("body", .string, "What the answer's body is to hold."),
      .option("headers", .names, "Headers to send."),
      .option("timeout", .duration, "Longest wait for one answer; default 10s."),
    ], needs: [.origin(option: "url")]
  ).returning(.record("health numbers")).changed { $0.alternatives = [["url"]] }

  static let healthCheck = ScriptFunction(
    "health.check", "A check of the script's own: raises unless its function returns what is true.",
    [
      .value("name", .string, "Shown, and kept."),
      .value(
        "f", .function, .function([], returns: .any), "Returns what is true, or false and a reason."),
    ]
  ).returning(.any)

  static let http: [ScriptFunction] = HTTPMethod.ofScripts.map(http)

  /// `apig.http.get` and its like.
  static func http(_ method: HTTPMethod) -> ScriptFunction {
    var options: [ScriptParameter] = [
      .option("url", .url, required: true, "What is asked."),
      .option("headers", .names, "Headers to send."),
      .option("query", .names, "What is put behind the URL."),
      .option("timeout", .duration, "Longest wait for the answer; default 30s."),
    ]
    if method != .get {
      options += [
        .option("json", .any, "The body, as JSON."),
        .option("body", .string, "The body as it is."),
      ]
    }
    return ScriptFunction(
      "http.\(method.rawValue.lowercased())", "Sends a request to another server: { status, headers, body, json() }.",
      options: options, needs: [.origin(option: "url")]
    ).returning(.record("http answer")).changed {
      $0.alternatives = [["url"]]
      if method != .get { $0.exclusives = ["json", "body"] }
    }
  }

  // MARK: - The playbook

  static let playbook = ScriptFunction(
    "playbook", "What the script says of itself.",
    options: [
      .option("name", .string, "Its name."),
      .option("version", .string, "Its version."),
      .option("summary", .string, "One sentence."),
      .option("permissions", .list, "What it needs to be allowed."),
    ]
  ).unrecorded

  static let params = ScriptFunction(
    "params", "Declares the script's parameters; returns their values.",
    [.value("declarations", .table, .map(.record("parameter")), "By name: { group = { type = \"group\" } }.")]
  ).returning(.map(.any)).unrecorded.changed { $0.isDeclaring = true }

  // MARK: - Output

  static let output: [ScriptFunction] =
    ScriptLogLevel.allCases.map { level in
      ScriptFunction(
        "log.\(level.rawValue)", "Writes a line to the log.", [.value("format", .any, "As of string.format.")]
      )
      .unrecorded.changed { $0.isVariadic = true }
    } + [
      ScriptFunction(
        "report.table", "Shows rows as a table: a column for each path into a row.",
        [
          .value("rows", .list, "Records, or tables."),
          .value("columns", .list, .list(.string), "Names of fields; \"error.code\" is one inside of another."),
        ]
      ).unrecorded,
      ScriptFunction("report.markdown", "Shows text in Markdown.", [.value("text", .string, "Markdown.")])
        .unrecorded,
      ScriptFunction("report.value", "Shows a value.", [.value("value", .any, "What JSON can hold.")]).unrecorded,
      ScriptFunction("json.encode", "Writes a value as JSON.", [.value("value", .any, "What JSON can hold.")])
        .returning(.string).unrecorded,
      ScriptFunction("json.decode", "Reads JSON.", [.value("text", .string, "JSON.")]).returning(.any).unrecorded,
      ScriptFunction("yaml.encode", "Writes a value as YAML.", [.value("value", .any, "What JSON can hold.")])
        .returning(.string).unrecorded,
      ScriptFunction(
        "yaml.decode", "Reads YAML 1.2: yes and 12:30 are texts, and a key must be one.",
        [.value("text", .string, "One document.")]
      ).returning(.any).unrecorded,
      ScriptFunction(
        "diff", "Tells what differs between two exports, histories or tables: { changes, breaking, text }.",
        [
          .value("left", .comparable, "What was."), .value("right", .comparable, "What is."),
        ]
      ).returning(.record("difference")).unrecorded,
    ]
}

extension HTTPMethod {
  /// Those that scripts may use.
  static let ofScripts: [HTTPMethod] = [.get, .post, .put, .delete]
}
