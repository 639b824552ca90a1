import GatewayAPI
import OpenAPIDiff

/// A Swagger 2.0 document of one operation, as the gateway exports it.
func swagger(_ operation: String, path: String = "/payments/{id}", method: String = "get", more: String = "") -> String
{
  """
  {"swagger": "2.0", "info": {"title": "payments", "version": "1"}, "host": "a.example", \(more)
   "paths": {"\(path)": {"\(method)": \(operation)}}}
  """
}

/// An OpenAPI 3 document of one operation whose request body and answer have the schemas given.
func openAPI(request: String? = nil, response: String? = nil, parameters: String = "[]", components: String = "{}")
  -> String
{
  let body = request.map { "\"requestBody\": {\"content\": {\"application/json\": {\"schema\": \($0)}}}," } ?? ""
  let content = response.map { ", \"content\": {\"application/json\": {\"schema\": \($0)}}" } ?? ""
  return """
    {"openapi": "3.0.0", "info": {"title": "payments", "version": "1"}, "components": {"schemas": \(components)},
     "paths": {"/payments": {"post": {"operationId": "pay-create", \(body) "parameters": \(parameters),
       "responses": {"200": {"description": "ok"\(content)}}}}}}
    """
}

func definition(_ json: String) throws -> OpenAPIDefinition {
  try OpenAPIDefinition(Document(json: Array(json.utf8)))
}

func difference(_ left: String, _ right: String) throws -> DefinitionDiff {
  DefinitionDiff(from: try definition(left), to: try definition(right))
}

extension DefinitionDiff {
  /// Every finding, those that break callers with `!` before them.
  var findings: [String] { changes.flatMap { $0.findings.map { ($0.isBreaking ? "! " : "") + $0.text } } }
}
