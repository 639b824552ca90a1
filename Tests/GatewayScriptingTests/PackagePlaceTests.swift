import GatewayAPI
import ReleaseEngine
import Testing

@testable import GatewayScripting

/// Who is at work where, and who waits for whom.
@Suite struct PackagePlaceTests {
  @Test func aStateActsOnlyWhereItWasAskedTo() throws {
    let asked = AskedBranches(script: "")
    try asked.enter("/3.1", by: "acme/one")
    // It called the script back, which called another package.
    try asked.enter("/3.1/5.1", by: "")
    try asked.enter("/3.1/5.1/2.1", by: "acme/two")
    let places = ["", "/3", "/3.1", "/3.1/1.4", "/3.1/5.1", "/3.1/5.1/1.1", "/3.1/5.1/2.1/7.1", "/3.10"]
    #expect(places.map { asked.isAsked("acme/one", in: $0) } == [false, false, true, true, false, false, false, false])
    #expect(
      places.map { asked.isAsked("acme/two", in: $0) } == [false, false, false, false, false, false, true, false])
    #expect(throws: GatewayError.self) { try asked.begin("acme/one", in: "/3.1/5.1/1.1") }
    #expect(throws: GatewayError.self) { try asked.enter("/3.1", by: "acme/two") }
    try asked.begin("acme/one", in: "/3.1/1.4")
    #expect(asked.hasCalls("acme/one"))
    asked.end("acme/one")
    #expect(!asked.hasCalls("acme/one"))
    asked.leave("/3.1")
    #expect(!asked.isAsked("acme/one", in: "/3.1/1.4"))
  }

  @Test func callsBackAreThoseOfWhoWaits() throws {
    let asked = AskedBranches(script: "")
    try asked.enter("/1.1", by: "acme/one")
    try asked.enter("/1.1/1.1", by: "acme/two")
    #expect(asked.callbacks(in: "/1.1/1.1/4.2") == [])
    try asked.enter("/1.1/1.1/1.1", by: "acme/one")
    try asked.enter("/1.1/1.1/1.1/1.1", by: "")
    #expect(
      asked.callbacks(in: "/1.1/1.1/1.1/1.1/2.1") == [
        CallOrigin.Callback(caller: "/1.1/1.1", branch: "/1.1/1.1/1.1"),
        CallOrigin.Callback(caller: "/1.1", branch: "/1.1/1.1/1.1/1.1"),
      ])
  }

  @Test func modulesThatWaitForEachOtherAreACycle() throws {
    var waits = LoadWaits()
    _ = try waits.begin("acme.one", from: "")
    let second = try waits.begin("acme.two", from: "/0.acme.one/1.1")
    #expect(waits.waiting(for: "/0.acme.two/3.1").contains("/0.acme.one/1.1"))
    #expect(waits.waiting(for: "/0.acme.two/3.1").contains(""))
    // Of a task beside it nobody waits.
    let beside = try waits.begin("acme.one", from: "/4.1")
    waits.end(beside)
    let error = #expect(throws: GatewayError.self) { try waits.begin("acme.one", from: "/0.acme.two/1.2/1.1") }
    #expect(error?.message == "acme.two requires acme.one requires acme.two: a cycle")
    // A module that calls somebody who requires it.
    #expect(throws: GatewayError.self) { try waits.begin("acme.one", from: "/0.acme.one/1.1") }
    waits.end(second)
    _ = try waits.begin("acme.one", from: "/0.acme.two/1.2/1.1")
  }
}
