internal import GatewayAPI

/// Every function of the module `apig`, in the order manuals list them.
package enum ScriptFunctionCatalog {
  package static let all = OperationCatalog.all.map { ScriptFunction($0.descriptor) } + besidesOperations

  /// Those that the gateway has no part in, or that are made of several operations: a script begins without the
  /// operations' declarations.
  static let besidesOperations: [ScriptFunction] =
    [
      .select, .effective, .gateway, .each, .parallel, .withRollback, .waves, .step, .wait, .waitUntil, .sorted,
      .exit, .now, .id, .confirm, .secret, .readFile, .writeFile, .environ, .healthHTTP, .healthCheck,
    ] + ScriptFunction.http + [.playbook, .params] + ScriptFunction.output

  /// Those of `apig.try` and of a gateway's handle.
  package static let operations = all.filter(\.isOperation)

  /// What is no function: by name, what it holds, where that is known.
  package static let values: [String: [String]] = ["run": ScriptRecord.run.fields.map(\.name)]

  package static func function(_ name: String) -> ScriptFunction? { byName[name] }

  private static let byName = Dictionary(uniqueKeysWithValues: all.map { ($0.name, $0) })
}
