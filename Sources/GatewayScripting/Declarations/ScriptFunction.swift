public import GatewayAPI

/// A function that scripts find in the module `apig`: what it takes, and what calling it means.
///
/// The checks of a run, `apig-lua check` and the manual are made from it.
package struct ScriptFunction: Sendable {
  /// A value by its place in a call.
  package struct Argument: Sendable {
    package let name: String
    package let type: ScriptType
    /// What the value looks like, where the type says little: what is in a list, what a callback gets.
    package let shape: ScriptShape
    /// Whether it may be left out, also before others.
    package let isOptional: Bool
    /// Whether the call's options are in it.
    package let hasOptions: Bool
    /// One sentence.
    package let help: String

    static func value(
      _ name: String, _ type: ScriptType, _ shape: ScriptShape, optional: Bool = false, _ help: String
    ) -> Argument {
      Argument(name: name, type: type, shape: shape, isOptional: optional, hasOptions: false, help: help)
    }

    static func value(_ name: String, _ type: ScriptType, optional: Bool = false, _ help: String) -> Argument {
      value(name, type, .value(type), optional: optional, help)
    }

    /// The options table, by the function's options.
    static let options = options(areOptional: false)
    static let optionalOptions = options(areOptional: true)

    private static func options(areOptional: Bool) -> Argument {
      Argument(
        name: "options", type: .table, shape: .value(.table), isOptional: areOptional, hasOptions: true, help: "")
    }
  }

  /// What a call needs to be granted, by what it is about.
  package enum Need: Sendable, Hashable {
    /// The origin of the URL in an option.
    case origin(option: String)
    /// The secret that the first argument names.
    case secret
    /// The file that the first argument names, for reading or writing it; the script's own folder needs no grant.
    case file(Permission.Kind)
    /// The environment variable that the first argument names.
    case variable
    /// The environment in an option, for changing it in one way; granted unless it is denied.
    case environment(Permission.Kind, options: [String])
  }

  /// As scripts write it behind `apig.`: `publish`, `health.http`.
  package let name: String
  package let summary: String
  package let arguments: [Argument]
  package let options: [ScriptParameter]
  /// What a call returns, in order.
  package var results: [ScriptShape] = []
  /// Whether what it does depends on when it is called, so that a resumed run must find it in its place.
  package var isRecorded = true
  /// Whether it is a function of a gateway's handle too, and of `apig.try`.
  package var isOperation = false
  package var needs: [Need] = []
  /// Groups of options of which a call needs one.
  package var alternatives: [[String]] = []
  /// Of options that are an alternative with one word only: that.
  package var sufficientWords: [String: String] = [:]
  /// Options of which a call takes one at most.
  package var exclusives: [String] = []
  /// Whether behind the arguments others may follow.
  package var isVariadic = false
  /// Whether the table that it takes has names of the script's own.
  package var isDeclaring = false

  init(
    _ name: String, _ summary: String, _ arguments: [Argument] = [.options], options: [ScriptParameter] = [],
    needs: [Need] = []
  ) {
    self.name = name
    self.summary = summary
    self.arguments = arguments
    self.options = options
    self.needs = needs
  }

  /// The same function, which leaves nothing in the journal.
  var unrecorded: ScriptFunction { changed { $0.isRecorded = false } }

  /// The same function, with what it returns.
  func returning(_ results: ScriptShape...) -> ScriptFunction { changed { $0.results = results } }

  func changed(_ change: (inout ScriptFunction) -> Void) -> ScriptFunction {
    var function = self
    change(&function)
    return function
  }

  /// An operation of the gateway, by its declaration.
  init(_ operation: OperationDescriptor) {
    self.init(operation.name, operation.summary, options: ScriptParameter.parameters(of: operation))
    isOperation = true
    results = ScriptShape.results(of: operation)
    for field in operation.fields where field.isRequired && field.defaultValue == nil {
      // An environment that no option names is the command's `--env`.
      guard field.type != .reference(.environment) else { continue }
      var names = [field.scriptName]
      if case .reference(let kind) = field.type {
        names.insert(kind.rawValue, at: 0)
        if kind == .api, operation.batchAction != nil { names += ["apis", "group", "group_id"] }
      }
      alternatives.append(names)
    }
    if operation.batchAction != nil { exclusives = ["api", "api_id", "apis", "group", "group_id"] }
    if let kind = Permission.Kind(changing: operation.name) {
      needs = [.environment(kind, options: ["env", "env_id"])]
    }
  }

  package func option(_ name: String) -> ScriptParameter? { options.first { $0.name == name } }

  /// Whether a call is an error without this option.
  package func demands(_ option: ScriptParameter) -> Bool { alternatives.contains([option.name]) }
}

extension Permission.Kind {
  /// What a script needs to be allowed for an operation; nil for one that no permission is about.
  public init?(changing operation: String) {
    switch operation {
    case "publish": self = .publish
    case "offline": self = .offline
    case "switch_version": self = .switchVersion
    default: return nil
    }
  }
}
