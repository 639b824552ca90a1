internal import GatewayAPI

/// What an import does where the document and the gateway differ.
struct ImportRules {
  /// Whether an API that is there keeps what it has, and the document only adds.
  var keepsAPIs = false
  /// The same for what `x-apigateway-` extensions say.
  var keepsExtensions = false
  /// Whether extensions are left aside.
  var isSimple = false
  /// Whether every API gets a mock back end.
  var hasMockBackend = false

  init() {}

  init(_ call: Call) {
    keepsAPIs = call.text("api_mode") == ImportDefinitions.Mode.merge.rawValue
    keepsExtensions = call.text("extend_mode") == ImportDefinitions.Mode.merge.rawValue
    isSimple = call.values["simple_mode"] == true
    hasMockBackend = call.values["mock_mode"] == true
  }
}
