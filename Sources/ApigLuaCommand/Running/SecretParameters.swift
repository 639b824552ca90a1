internal import GatewayAPI
internal import GatewayScripting
internal import LuaRuntime
internal import ReleaseEngine

/// The values that were given for parameters which a script declares as secret: nothing keeps them, so that whoever
/// goes on with a run or applies a plan gives them again.
struct SecretParameters: Sendable {
  /// By the parameters' names.
  let values: [String: String]

  init(values: [String: String] = [:]) { self.values = values }

  /// Whether all that was given is among them, for want of knowing better. No parameter has a space in its name.
  var areAll: Bool { values.keys.contains { $0.contains(" ") } }

  /// Finds them by running the script up to its declarations.
  ///
  /// - Parameter given: what the command line gives the script.
  /// - Throws: ``UsageError`` for a script that declares them too late to keep them secret; ``ParameterError`` for what
  ///   the script does not declare.
  init(in given: ParameterValues, of chunk: LuaChunk, runner: ScriptRunner, settings: Settings) async throws {
    let context = ScriptContext(
      mode: .describe,
      facts: RunFacts(
        id: "r-0000000000", user: "", startedAt: Timestamp.now().text, gateway: settings.gatewayName,
        environment: settings.environment),
      output: SilentOutput(), run: { _ in throw CancellationError() })
    guard !given.arguments.isEmpty || !given.named.isEmpty else {
      self.init()
      return
    }
    let description: PlaybookDescription
    do { description = try await runner.describe(chunk, in: context) } catch {
      if error is CancellationError { throw error }
      // Most likely it fails when it is run, too; which of them it would have called secret nobody knows.
      self.init(allOf: given)
      return
    }
    try self.init(in: given, description: description, chunk: chunk)
  }

  /// - Throws: as the other one.
  init(in given: ParameterValues, description: PlaybookDescription, chunk: LuaChunk) throws {
    if description.isCutOff, Self.mayDeclareSecrets(chunk) {
      throw UsageError(
        message: "\(chunk.name) turns to the gateway before it says which of its parameters are secret",
        hint: "apig.params comes first in a script: what was given for them would be written down")
    }
    let secrets = description.parameters.filter(\.isSecret).map(\.name)
    let texts = secrets.isEmpty ? [:] : try description.texts(of: given)
    self.init(values: texts.filter { secrets.contains($0.key) && !$0.value.isEmpty })
  }

  private init(allOf given: ParameterValues) {
    let arguments = given.arguments.enumerated().map { ("argument \($0.offset + 1)", $0.element) }
    let named = given.named.map { ($0.name.replacing("-", with: "_"), $0.value) }
    values = Dictionary(arguments + named) { _, last in last }.filter { !$0.value.isEmpty }
  }

  /// Whether there may be such a declaration anywhere in a script that is not known to the end.
  private static func mayDeclareSecrets(_ chunk: LuaChunk) -> Bool {
    let text = String(decoding: chunk.source, as: UTF8.self)
    return text.contains(/params["'\]\s]*[({]/) && text.contains("secret")
  }

  /// The words behind the script, as the script itself sees them.
  func arguments(_ given: ParameterValues) -> [String] { areAll ? given.arguments : closed(given).arguments }

  /// What was given, with marks for what is secret: for people and the journal.
  func closed(_ given: ParameterValues) -> ParameterValues {
    given.replacing(values.map { (text: $0.value, with: SecretText.mark($0.key)) })
  }

  /// What of the given can be typed again, and the names of the parameters that are left out, as they hold secrets; nil
  /// for a secret that is no parameter's value alone.
  func typed(_ given: ParameterValues) -> (ParameterValues, leftOut: [String])? {
    func isSecret(_ word: String) -> Bool { values.values.contains { word.contains($0) } }
    var rest = ParameterValues(named: given.named.filter { !isSecret($0.value) })
    var leftOut = given.named.filter { isSecret($0.value) }.map(\.name)
    for word in given.arguments {
      guard isSecret(word) else {
        rest.arguments.append(word)
        continue
      }
      // `--token=…` or `--token …`.
      guard let option = word.hasPrefix("--") && word.contains("=") ? word : rest.arguments.popLast(),
        let name = option.split(separator: "=").first, name.hasPrefix("--"), !isSecret(String(name))
      else { return nil }
      leftOut.append(String(name.dropFirst(2)))
    }
    return (rest, leftOut)
  }

  /// What was given, out of what ``closed(_:)`` made of it.
  func opened(_ closed: ParameterValues) -> ParameterValues {
    closed.replacing(values.map { (text: SecretText.mark($0.key), with: $0.value) })
  }

  /// What tells whether the same is given again.
  ///
  /// - Parameter salt: of the plan or the run.
  func digests(_ salt: String) -> [String: String] { values.mapValues { ContentDigest.salted($0, with: salt) } }
}

extension ParameterValues {
  /// Longer texts first: one secret may be part of another.
  fileprivate func replacing(_ pairs: [(text: String, with: String)]) -> ParameterValues {
    let pairs = pairs.sorted { ($0.text.count, $0.text) > ($1.text.count, $1.text) }
    func replaced(_ word: String) -> String { pairs.reduce(word) { $0.replacing($1.text, with: $1.with) } }
    return ParameterValues(
      arguments: arguments.map(replaced), named: named.map { (name: $0.name, value: replaced($0.value)) })
  }
}
