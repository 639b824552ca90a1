import Foundation
import GatewayAPI
import GatewayTestSupport
import Testing

@testable import PlaybookPackages

/// The organisation's policy: what it says, and that it only narrows.
@Suite struct PolicyTests {
  private func policy(_ text: String) throws -> OrganisationPolicy {
    try OrganisationPolicy(Array(text.utf8), place: "policy.yaml")
  }

  private func moment(_ text: String) throws -> Date {
    try #require(try? Date(text, strategy: .iso8601))
  }

  @Test func everythingThatAPolicySaysHolds() throws {
    let policy = try policy(
      """
      require_signed: true
      operations: [read, publish]
      environments: [STAGING, "TEST-*"]
      groups: ["payments*"]
      max_apis: 50
      """)
    #expect(policy.requiresSigned && policy.maximumAPIs == 50)
    #expect(policy.allows(.read) && policy.allows(.publish) && !policy.allows(.offline) && !policy.allows(.secret))
    #expect(policy.allowsChanges(inEnvironment: "STAGING") && policy.allowsChanges(inEnvironment: "TEST-7"))
    #expect(!policy.allowsChanges(inEnvironment: "RELEASE"))
    #expect(policy.allowsChanges(inGroup: "payments-eu") && !policy.allowsChanges(inGroup: "orders"))
  }

  @Test func twoPoliciesAllowWhatBothDo() throws {
    let both = try policy("operations: [read, publish]\nenvironments: [A, B]\nmax_apis: 50")
      .narrowed(by: try policy("operations: [publish, offline]\nenvironments: [B, C]\nmax_apis: 10"))
    #expect(both.operations == [.publish] && both.maximumAPIs == 10)
    #expect(!both.allowsChanges(inEnvironment: "A") && both.allowsChanges(inEnvironment: "B"))
    #expect(!both.allowsChanges(inEnvironment: "C"))
    let none = OrganisationPolicy()
    #expect(none.narrowed(by: both) == both && both.narrowed(by: none) == both)
    #expect(try policy("require_signed: true").narrowed(by: policy("require_signed: false")).requiresSigned)
  }

  @Test(arguments: [
    ("2026-11-20T08:59:00Z", false), ("2026-11-20T09:00:00Z", true), ("2026-11-20T16:59:59Z", true),
    ("2026-11-20T17:00:00Z", false), ("2026-11-21T12:00:00Z", false), ("2026-11-22T12:00:00Z", false),
  ]) func officeHoursAreThoseOfTheirZone(_ time: String, _ isAllowed: Bool) throws {
    // Berlin is an hour ahead in November.
    let policy = try policy("hours: [{ days: mon-fri, from: \"10:00\", to: \"18:00\", zone: Europe/Berlin }]")
    #expect(policy.allowsChanges(at: try moment(time)) == isAllowed)
  }

  @Test func aPolicyThatLeadsNowhereIsOneThatCannotBeRead() async throws {
    try await withTemporaryFolder { folder in
      let path = folder.appending(path: "policy.yaml").path
      #expect(try OrganisationPolicy(files: [path]) == OrganisationPolicy())
      try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: "/nonexistent")
      let error = try #require(throws: PackageError.self) { try OrganisationPolicy(files: [path]) }
      #expect(error.kind == .malformed && error.place == path)
    }
    let error = try #require(throws: PackageError.self) { try policy("hours: [{ from: \"08:00\", to: \"08:00\" }]") }
    #expect(error.message.contains("the same time"), "\(error)")
  }

  @Test(arguments: [
    ("2026-11-20T21:59:00Z", false), ("2026-11-20T22:00:00Z", true), ("2026-11-21T01:59:00Z", true),
    ("2026-11-21T02:00:00Z", false), ("2026-11-21T22:30:00Z", false), ("2026-11-20T01:00:00Z", false),
  ]) func hoursOverMidnightBelongToTheDayTheyBeginOn(_ time: String, _ isAllowed: Bool) throws {
    let policy = try policy("hours: [{ days: fri, from: \"22:00\", to: \"02:00\" }]")
    #expect(policy.allowsChanges(at: try moment(time)) == isAllowed)
  }

  @Test(arguments: [
    ("operations: [publsh]", "policy.yaml:1:14", "did you mean 'publish'?"),
    ("operation: [read]", "policy.yaml:1:1", "did you mean 'operations'?"),
    ("max_apis: many", "policy.yaml:1:11", nil), ("max_apis: -1", "policy.yaml:1:11", nil),
    ("require_signed: maybe", "policy.yaml:1:17", nil), ("environments: RELEASE", "policy.yaml:1:15", nil),
    ("hours: [{ days: someday }]", "policy.yaml:1:17", nil), ("hours: [{ from: \"25:00\" }]", "policy.yaml:1:17", nil),
    ("hours: [{ zone: Mars/Olympus }]", "policy.yaml:1:17", nil),
    ("hours: [{ form: \"1:00\" }]", "policy.yaml:1:11", nil),
  ]) func aMistakeIsToldWithItsPlace(_ text: String, _ place: String, _ hint: String?) throws {
    let error = try #require(throws: PackageError.self) { try policy(text) }
    #expect(error.kind == .malformed && error.place == place, "\(error)")
    if let hint { #expect(error.hint == hint) }
  }

  @Test func aFileThatIsNotThereAllowsEverythingAndABrokenOneNothing() async throws {
    try await withTemporaryFolder { folder in
      let path = folder.appending(path: "policy.yaml").path
      #expect(try OrganisationPolicy(files: [path]) == OrganisationPolicy())
      try "max_apis: 3".write(toFile: path, atomically: true, encoding: .utf8)
      #expect(try OrganisationPolicy(files: [path, path]).maximumAPIs == 3)
      try "max_apis".write(toFile: path, atomically: true, encoding: .utf8)
      let error = try #require(throws: PackageError.self) { try OrganisationPolicy(files: [path]) }
      #expect(error.place == path + ":1:1")
      #expect(throws: PackageError.self) { try OrganisationPolicy(files: [folder.path]) }
    }
  }
}
