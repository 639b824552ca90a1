internal import GatewayAPI

/// Every kind of record that scripts get, in the order manuals list them.
package enum ScriptRecordCatalog {
  package static let all: [ScriptRecord] =
    RecordClasses.schemas.map { ScriptRecord($0) } + lists + [
      .batchResult, .handle, .wave, .httpAnswer, .healthNumbers, .probeFailure, .difference, .change, .secret, .run,
      .parameter, .error, .undoFailure,
    ]

  /// The lists with methods: one for each kind of record that the gateway lists.
  package static let lists = RecordClasses.schemas.filter { !$0.listName.isEmpty }.map {
    ScriptRecord.list(of: $0.name)
  }

  package static func record(_ name: String) -> ScriptRecord? { all.first { $0.name == name } }
}
