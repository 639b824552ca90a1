import Foundation
import GatewayAPI
import LocalGateway
import Testing

@Suite(.timeLimit(.minutes(5))) struct GatewayStateTests {
  private static let base = LocalGatewayHarness.base

  @Test func pagingClampsNumbersAndCountsAll() async throws {
    try await LocalGatewayHarness.with { gateway in
      for (query, size) in [
        ("limit=0", 11), ("limit=-1", 11), ("limit=501", 11), ("limit=4", 4), ("offset=-5", 11), ("offset=9", 2),
      ] {
        let page = try await gateway.send("GET", Self.base + "/apis?\(query)&made_up=ignored")
        #expect(page.status == 200)
        #expect(page.document["total"] == 11 && page.document["size"]?.integerValue == size, "\(query)")
      }
    }
  }

  @Test func theDemoHasThreeAPIsToPublish() async throws {
    try await LocalGatewayHarness.with { gateway in
      let groups = try await gateway.send("GET", Self.base + "/api-groups?name=payments&precise_search=name")
      let group = try #require(groups.document["groups"]?.arrayValue?.first?["id"]?.stringValue)
      let list = try await gateway.send("GET", Self.base + "/apis?group_id=\(group)")
      let apis = (list.document["apis"]?.arrayValue ?? []).map(API.init(document:))
      #expect(apis.count == 8)
      let changed = apis.filter { $0.hasChanged(in: GatewayEnvironment.releaseID) }.compactMap(\.name)
      #expect(changed == ["pay-create", "pay-refund", "pay-webhook"])
      #expect(apis.filter { $0.publishing(in: GatewayEnvironment.releaseID) != nil }.count == 7)
    }
  }

  @Test func versionLabelsAreLocalTimeAndNeverTheSame() async throws {
    let moment = Timestamp(seconds: 1_596_418_560)
    try await LocalGatewayHarness.with({ $0.now = { moment } }) { gateway in
      let api = try await gateway.apiID("pay-webhook")
      for _ in 0..<3 { #expect(try await gateway.publish(api).status == 201) }
      let history = try await gateway.send("GET", Self.base + "/apis/publish/\(api)")
      let numbers = history.document["api_versions"]?.arrayValue?.compactMap { $0["version_no"]?.stringValue }
      #expect(numbers == ["20200803093602", "20200803093601", "20200803093600"])
    }
  }

  @Test func aVersionLabelIsNotUsedAgainWhenItsVersionIsGone() async throws {
    let moment = Timestamp(seconds: 1_596_418_560)
    try await LocalGatewayHarness.with({ $0.now = { moment } }) { gateway in
      let api = try await gateway.apiID("pay-webhook")
      for _ in 0..<13 { #expect(try await gateway.publish(api).status == 201) }
      let history = try await gateway.send("GET", Self.base + "/apis/publish/\(api)")
      let numbers = history.document["api_versions"]?.arrayValue?.compactMap { $0["version_no"]?.stringValue }
      #expect(numbers == (3...12).reversed().map { "202008030936\($0 < 10 ? "0" : "")\($0)" })
    }
  }

  @Test func concurrentPublishesLeaveTenVersionsAndOneInEffect() async throws {
    try await LocalGatewayHarness.with { gateway in
      let api = try await gateway.apiID("pay-webhook")
      let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
        for _ in 0..<40 { group.addTask { try await gateway.publish(api).status } }
        return try await group.reduce(into: []) { $0.append($1) }
      }
      #expect(statuses == Array(repeating: 201, count: 40))
      let history = try await gateway.send("GET", Self.base + "/apis/publish/\(api)?env_name=RELEASE&limit=500")
      let versions = (history.document["api_versions"]?.arrayValue ?? []).map(APIVersion.init(document:))
      #expect(versions.count == 10)
      #expect(versions.filter(\.isEffective).count == 1 && versions[0].isEffective)
      #expect(Set(versions.compactMap(\.versionNumber)).count == 10)
    }
  }

  /// Writes that come together share a commit: one that fails must take none of the others with it, nor be answered
  /// with what another came to.
  @Test func concurrentPublishesFailEachForItself() async throws {
    try await LocalGatewayHarness.with { gateway in
      let api = try await gateway.apiID("pay-webhook")
      let answers = try await withThrowingTaskGroup(of: (number: Int, LocalGatewayHarness.Answer).self) { group in
        for number in 0..<60 {
          // Every third names an API that nobody has, each another one.
          let named = number % 3 == 0 ? String(repeating: "0", count: 30) + String(10 + number) : api
          group.addTask { (number, try await gateway.publish(named)) }
        }
        return try await group.reduce(into: [:]) { $0[$1.number] = $1.1 }
      }
      for (number, answer) in answers {
        #expect(answer.status == (number % 3 == 0 ? 404 : 201), "\(number)")
        guard number % 3 == 0 else { continue }
        #expect(answer.document["error_msg"]?.stringValue?.contains("\(10 + number)") == true, "\(number)")
      }
      let published = answers.values.compactMap { $0.document["version_id"]?.stringValue }
      #expect(Set(published).count == 40)
      let history = try await gateway.send("GET", Self.base + "/apis/publish/\(api)?limit=500")
      let versions = (history.document["api_versions"]?.arrayValue ?? []).map(APIVersion.init(document:))
      #expect(versions.count == 10)
      #expect(Set(versions.compactMap(\.versionID)).isSubset(of: published))
    }
  }

  @Test func aBatchKeepsItsOrderAndCountsDuplicatesOnce() async throws {
    try await LocalGatewayHarness.with { gateway in
      let one = try await gateway.apiID("pay-quote")
      let two = try await gateway.apiID("pay-create")
      let nobody = String(repeating: "0", count: 32)
      let body =
        "{\"apis\":[\"\(one)\",\"\(nobody)\",\"\(two)\",\"\(one)\"],\"env_id\":\"\(GatewayEnvironment.releaseID)\"}"
      let answer = try await gateway.send("POST", Self.base + "/apis/publish?action=online", body)
      #expect(answer.status == 200)
      #expect(answer.document["success"]?.arrayValue?.compactMap { $0["api_id"]?.stringValue } == [one, two])
      #expect(answer.document["failure"]?.arrayValue?.compactMap { $0["api_id"]?.stringValue } == [nobody])
    }
  }

  @Test func twoGatewaysOnOneFileSeeEachOthersChangesAndAllSurvives() async throws {
    let path = FileManager.default.temporaryDirectory.appending(path: "gateway-\(UUID().uuidString)/data.db").path
    defer { try? FileManager.default.removeItem(atPath: URL(filePath: path).deletingLastPathComponent().path) }
    let configuration = LocalGatewayConfiguration(storage: .file(path))
    let versions = try await withLocalGateway(configuration) { first in
      try await withLocalGateway(configuration) { second in
        let (one, two) = (LocalGatewayHarness(url: first), LocalGatewayHarness(url: second))
        let api = try await one.apiID("pay-webhook")
        let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
          for gateway in [one, two, one, two] { group.addTask { try await gateway.publish(api).status } }
          return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(statuses == [201, 201, 201, 201])
        return try await two.send("GET", Self.base + "/apis/publish/\(api)").document
      }
    }
    #expect(versions["total"] == 4)
    let later = try await withLocalGateway(configuration) { url in
      let gateway = LocalGatewayHarness(url: url)
      let api = try await gateway.apiID("pay-webhook")
      return try await gateway.send("GET", Self.base + "/apis/publish/\(api)").document
    }
    #expect(later == versions)
  }

  @Test func anImportOfAnExportGivesTheSameAPIs() async throws {
    try await LocalGatewayHarness.with { gateway in
      let groups = try await gateway.send("GET", Self.base + "/api-groups?name=payments")
      let group = try #require(groups.document["groups"]?.arrayValue?.first?["id"]?.stringValue)
      for (format, version) in [("json", "2.0"), ("yaml", "2.0"), ("json", "3.0"), ("yaml", "3.0")] {
        let wanted: Document = [
          "group_id": .string(group), "env_id": .string(GatewayEnvironment.releaseID), "define": "dev", "version": "1",
          "type": .string(format),
        ]
        let ask = wanted.jsonText
        let exported = try await gateway.send("POST", Self.base + "/openapi/export?oas_version=\(version)", ask)
        #expect(exported.status == 200)
        let form = [
          "--B", "Content-Disposition: form-data; name=\"is_create_group\"", "", "true", "--B",
          "Content-Disposition: form-data; name=\"file_name\"; filename=\"a.\(format)\"", "",
          String(decoding: exported.body, as: UTF8.self), "--B--", "",
        ].joined(separator: "\r\n")
        let report = try await gateway.send(
          "POST", Self.base + "/openapi/import", form, contentType: "multipart/form-data; boundary=B")
        #expect(report.status == 200, "\(report.document.jsonText)")
        #expect(report.document["success"]?.arrayValue?.count == 8)
        #expect(report.document["failure"] == [])
        let made = try #require(report.document["group_id"]?.stringValue)
        let again = try await gateway.send(
          "POST", Self.base + "/openapi/export?oas_version=\(version)", ask.replacing(group, with: made))
        #expect(try paths(again.body, format) == paths(exported.body, format), "\(format) \(version)")
      }
    }
  }

  /// The part of an export that tells of APIs, in one form.
  private func paths(_ bytes: [UInt8], _ format: String) throws -> String {
    let text = String(decoding: bytes, as: UTF8.self)
    guard format == "yaml" else { return try #require(try Document(json: bytes)["paths"]).jsonText }
    // Members are sorted: the paths stand between two others of the top level.
    let lines = text.split(separator: "\n")
    let start = try #require(lines.firstIndex { $0.hasPrefix("paths:") })
    return lines[start...].dropFirst().prefix { $0.hasPrefix(" ") }.joined(separator: "\n")
  }
}
