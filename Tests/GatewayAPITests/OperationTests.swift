import GatewayAPI
import Testing

@Suite struct OperationTests {
  private let address = GatewayAddress(projectID: "p0", product: .apigw, instanceID: "i0")
  private let id = "5f918d104dc84480a75166ba99efff21"

  @Test func everyDeclarationIsSound() {
    let descriptors = OperationCatalog.all.map { $0.descriptor }
    #expect(Set(descriptors.map(\.name)).count == descriptors.count)
    for descriptor in descriptors {
      #expect(!descriptor.summary.isEmpty && descriptor.summary.hasSuffix("."), "\(descriptor.name)")
      #expect(descriptor.effect == .read || descriptor.method != .get, "\(descriptor.name)")
      #expect(Set(descriptor.fields.map(\.name)).count == descriptor.fields.count, "\(descriptor.name)")
      for field in descriptor.fields { #expect(field.help.hasSuffix("."), "\(descriptor.name).\(field.name)") }
      for product in GatewayProduct.allCases {
        let template = descriptor.path.template(for: product)
        let parameters = template.split(separator: "/").filter { $0.hasPrefix("{") }.map { $0.dropFirst().dropLast() }
        let fields = descriptor.fields.filter { $0.location == .path }.map(\.name)
        #expect(
          Set(parameters.map(String.init)).subtracting(["project_id", "instance_id"]) == Set(fields),
          "\(descriptor.name) on \(product)")
      }
    }
  }

  @Test func publishIsTheDocumentedRequest() throws {
    let request = try Publish(apiID: id, environmentID: "DEFAULT_ENVIRONMENT_RELEASE_ID", remark: "r").request(
      for: address)
    #expect(request.method == .post)
    #expect(request.path == "/v2/p0/apigw/instances/i0/apis/action")
    #expect(request.query.isEmpty)
    #expect(
      request.body
        == .json([
          "action": "online", "api_id": .string(id), "env_id": "DEFAULT_ENVIRONMENT_RELEASE_ID", "remark": "r",
        ]))
    #expect(request.isWrite)
  }

  @Test func aMissingFieldIsNamedAndNothingIsMade() {
    let error = #expect(throws: GatewayError.self) { try Publish(apiID: id, environmentID: "").request(for: address) }
    #expect(error?.kind == .usage)
    #expect(error?.message == "'publish' needs 'env_id'")
  }

  @Test func aRemarkMayHave255CharactersAndNotOneMore() throws {
    let fits = String(repeating: "é", count: 255)
    _ = try Publish(apiID: id, environmentID: "e", remark: fits).request(for: address)
    let error = #expect(throws: GatewayError.self) {
      try Publish(apiID: id, environmentID: "e", remark: fits + "x").request(for: address)
    }
    #expect(error?.message.contains("256") == true)
  }

  @Test func aBatchTakesAThousandAndNotOneMore() throws {
    let ids = (0..<1001).map { _ in id }
    _ = try Batch(action: .online, apiIDs: Array(ids.dropLast()), environmentID: "e").request(for: address)
    #expect(throws: GatewayError.self) {
      try Batch(action: .online, apiIDs: ids, environmentID: "e").request(for: address)
    }
    let empty = #expect(throws: GatewayError.self) {
      try Batch(action: .online, apiIDs: [], environmentID: "e").request(for: address)
    }
    #expect(empty?.message == "'apis' is an empty list")
  }

  @Test(arguments: ["../x", "a/b", "a?b", "a b", "é", "a\r\nX: y", String(repeating: "a", count: 65)])
  func whatIsNoIDNeverReachesAPath(_ text: String) {
    let error = #expect(throws: GatewayError.self) { try GetAPI(apiID: text).request(for: address) }
    #expect(error?.kind == .usage)
  }

  @Test func aFieldOfTheOtherProductIsRefused() {
    var batch = Batch(action: .online, apiIDs: [id], environmentID: "e")
    batch.groupID = "g"
    let roma = GatewayAddress(projectID: "p0", product: .apic, instanceID: "i0")
    let error = #expect(throws: GatewayError.self) { try batch.request(for: roma) }
    #expect(error?.message == "ROMA Connect has no 'group_id' in 'batch'")
  }

  @Test func anExportBearsAConstantVersionUnlessToldOtherwise() throws {
    let request = try Export(groupID: "g", environmentID: "e").request(for: address)
    guard case .json(let body) = request.body else { return #expect(Bool(false), "no JSON body") }
    #expect(body["version"] == "1.0")
  }

  @Test func gatewaysHaveADifferentPathOnROMAConnect() throws {
    let roma = GatewayAddress(projectID: "p0", product: .apic, instanceID: "i0")
    #expect(try ListGateways().request(for: roma).path == "/v2/p0/instances")
    #expect(try ListGateways().request(for: address).path == "/v2/p0/apigw/instances")
  }

  @Test func anImportIsAForm() throws {
    func form(_ operation: ImportDefinitions) throws -> (type: String, text: String) {
      guard case .bytes(let bytes, let type) = try operation.request(for: address).body else { return ("", "") }
      return (type, String(decoding: bytes, as: UTF8.self))
    }
    let (type, text) = try form(ImportDefinitions("swagger: \"2.0\"", into: id))
    let boundary = try #require(type.split(separator: "boundary=").last)
    #expect(type.hasPrefix("multipart/form-data; boundary="))
    #expect(text.hasPrefix("--\(boundary)\r\n") && text.hasSuffix("\r\n--\(boundary)--\r\n"))
    #expect(text.contains("name=\"group_id\"\r\n\r\n\(id)\r\n"))
    #expect(text.contains("name=\"is_create_group\"\r\n\r\nfalse\r\n"))
    #expect(text.contains("filename=\"definitions.yaml\"") && text.contains("\r\n\r\nswagger: \"2.0\"\r\n"))
    #expect(!text.contains("api_mode"))
    var new = ImportDefinitions("{}")
    new.mode = .merge
    let other = try form(new).text
    #expect(other.contains("name=\"is_create_group\"\r\n\r\ntrue\r\n") && other.contains("\r\n\r\nmerge\r\n"))
    #expect(other.contains("filename=\"definitions.json\""))
    // A document that holds a boundary gets another one.
    let nested = try form(ImportDefinitions(text, into: id))
    #expect(nested.type != type)
    #expect(throws: GatewayError.self) { try ImportDefinitions("").request(for: address) }
  }
}
