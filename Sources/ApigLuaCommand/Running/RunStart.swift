internal import GatewayAPI
internal import GatewayScripting
internal import LuaRuntime
internal import ReleaseEngine

extension ParameterValues {
  /// As they are typed.
  var words: [String] { named.flatMap { ["-p", "\($0.name)=\($0.value)"] } + arguments }
}

/// What the journal keeps of how a run began: all that is needed to begin it again.
struct RunStart: Sendable {
  /// The script as it was.
  var chunk: LuaChunk
  /// Its file, absolute; nil for a line or standard input.
  var path: String?
  /// The entry point of a package that it is: `acme/rotate`.
  var entryPoint: String?
  /// The words behind the script, and `-p`.
  var parameters: ParameterValues
  /// Those that the journal does not keep.
  var secrets = SecretParameters()
  /// What the journal keeps of them, by name.
  private(set) var secretDigests: [String: String] = [:]
  /// Of `math.random`.
  var seed: UInt64
  /// Flags that decide how the run goes about it: they hold for a resumed run too, unless it is given others.
  var flags: [String: String] = [:]
  /// The moment it began, to which relative times refer; with a plan, that of the plan.
  var startedAt: String
  /// The plan that it carries out, if it does.
  var plan: ReleasePlan?

  init(
    chunk: LuaChunk, path: String?, entryPoint: String? = nil, parameters: ParameterValues, seed: UInt64,
    flags: [String: String],
    startedAt: String, plan: ReleasePlan? = nil, secrets: SecretParameters = SecretParameters()
  ) {
    self.chunk = chunk
    self.path = path
    self.entryPoint = entryPoint
    self.parameters = parameters
    self.seed = seed
    self.flags = flags
    self.startedAt = startedAt
    self.plan = plan
    self.secrets = secrets
    secretDigests = secrets.digests(String(seed))
  }

  /// The words behind the script as people may see them.
  var shownParameters: ParameterValues { secrets.closed(parameters) }

  /// Takes up the secret parameters, which the journal does not keep.
  ///
  /// - Parameters:
  ///   - given: by name.
  ///   - run: the run that goes on.
  /// - Throws: ``UsageError`` for one that is missing, another than it was, or none of the run's.
  mutating func open(with given: [(name: String, value: String)], run: String) throws {
    var values: [String: String] = [:]
    for (name, value) in given {
      let name = name.replacing("-", with: "_")
      guard let digest = secretDigests[name] else {
        throw UsageError(
          message: "'\(name)' is no secret parameter of \(run): the run goes on with what it was given",
          hint: secretDigests.isEmpty
            ? "it has none" : "it has \(secretDigests.keys.sorted().joined(separator: ", "))")
      }
      guard ContentDigest.salted(value, with: String(seed)) == digest else {
        throw UsageError(
          message: "the secret parameter '\(name)' is another one than \(run) was given: nothing was done",
          hint: "give the same; to use another, apig-lua rollback \(run) or begin a new run")
      }
      values[name] = value
    }
    let missing = secretDigests.keys.filter { values[$0] == nil }.sorted()
    guard missing.isEmpty else {
      throw UsageError(
        message: "\(run) needs its secret parameter\(missing.count == 1 ? "" : "s") "
          + missing.joined(separator: ", ") + ", which the journal does not keep",
        hint: "apig-lua resume \(missing.map { "-p \($0)=…" }.joined(separator: " ")) \(run)")
    }
    secrets = SecretParameters(values: values)
    parameters = secrets.opened(parameters)
  }

  /// What the script gets as `...`.
  var arguments: [String] { secrets.arguments(parameters) }

  /// The script and its parameters as they can be typed again; nil for what is no file. Secrets are left out and
  /// named behind them.
  ///
  /// - Parameter folder: where they are typed.
  func words(in folder: String) -> String? {
    guard let script = entryPoint ?? path else { return nil }
    let file = script.hasPrefix(folder + "/") ? String(script.dropFirst(folder.count + 1)) : script
    guard let (parameters, names) = secrets.typed(parameters) else { return nil }
    let words = ([file] + parameters.words).map(\.shellQuoted).joined(separator: " ")
    return names.isEmpty ? words : words + " (and \(names.map { "-p \($0)=…" }.joined(separator: " ")))"
  }

  /// What was typed for the script: its name, or the line itself.
  var commandName: String {
    guard chunk.name == ScriptSource.line("").name else { return entryPoint ?? chunk.name }
    let line = String(decoding: chunk.source, as: UTF8.self).split(whereSeparator: \.isNewline).first.map(String.init)
    let text = line ?? ""
    return "-e '\(text.count > 60 ? text.prefix(59) + "…" : text)'"
  }

  var document: Document {
    let parameters = shownParameters
    return [
      "script": [
        "name": .string(chunk.name), "path": path.map(Document.string) ?? .null,
        "entry_point": entryPoint.map(Document.string) ?? .null,
        "digest": .string(ContentDigest.hex(chunk.source)),
        "text": .string(String(decoding: chunk.source, as: UTF8.self)),
      ],
      "arguments": .array(parameters.arguments.map(Document.string)),
      "parameters": .array(parameters.named.map { ["name": .string($0.name), "value": .string($0.value)] }),
      "secrets": .object(secretDigests.mapValues(Document.string)), "seed": .string(String(seed)),
      "flags": .object(flags.mapValues(Document.string)),
      "started_at": .string(startedAt), "plan": plan?.document ?? .null,
    ]
  }

  init?(document: Document) {
    guard let script = document["script"], let name = script["name"]?.stringValue,
      let text = script["text"]?.stringValue, let seed = document["seed"]?.stringValue.flatMap(UInt64.init),
      let startedAt = document["started_at"]?.stringValue
    else { return nil }
    var plan: ReleasePlan?
    if let recorded = document["plan"], recorded != .null {
      // Without its plan the run would go on unguarded.
      guard let readable = try? ReleasePlan(json: recorded.json) else { return nil }
      plan = readable
    }
    let named = (document["parameters"]?.arrayValue ?? []).compactMap { entry in
      entry["name"]?.stringValue.map { (name: $0, value: entry["value"]?.stringValue ?? "") }
    }
    self.init(
      chunk: LuaChunk(name: name, source: Array(text.utf8)), path: script["path"]?.stringValue,
      entryPoint: script["entry_point"]?.stringValue,
      parameters: ParameterValues(
        arguments: (document["arguments"]?.arrayValue ?? []).compactMap(\.stringValue), named: named),
      seed: seed, flags: (document["flags"]?.objectValue ?? [:]).compactMapValues(\.stringValue),
      startedAt: startedAt, plan: plan)
    secretDigests = (document["secrets"]?.objectValue ?? [:]).compactMapValues(\.stringValue)
  }
}
