import GatewayAPI
import GatewayClient
import GatewayScripting
import ReleaseEngine
import Testing

@testable import ApigLuaCommand

/// Progress without a clock: what is told of events at moments that the test names.
@Suite struct RunProgressTests {
  private let start = ContinuousClock.now

  private func progress(_ manner: ProgressManner) -> RunProgress {
    let style = Style(.never, variables: EnvironmentVariables(["LANG": "C.UTF-8"]), stream: .error)
    return RunProgress(manner: manner, style: style, at: start)
  }

  private func at(_ seconds: Int) -> ContinuousClock.Instant { start + .seconds(seconds) }

  private func change(_ number: Int, _ state: APIChange.State = .changed) -> APIChange {
    APIChange(
      gateway: "local", apiID: "id-\(number)", apiName: "api-\(number)", environmentID: "e", operation: "batch",
      before: .none,
      after: .version(id: "v", number: "n"), state: state)
  }

  @Test(arguments: [20, 21])
  func longCallsAreSummedUp(_ count: Int) {
    var progress = progress(.lines)
    var lines = progress.note(
      .willChange(operation: "batch", action: "publish", count: count, environmentID: "e"), at: at(0))
    for number in 1...count {
      lines += progress.note(.didChange(change(number, number == 2 ? .failed : .changed), action: "publish"), at: at(1))
    }
    lines += progress.note(.didEndChange(operation: "batch", action: "publish", count: count), at: at(62))
    let changes = (1...count).map { "    api-\($0)   \($0 == 2 ? "failed" : "published")" }
    let expected = count == 20 ? changes : ["  ✘ publish   21/21   1 failed   1m02s"]
    #expect(lines == ["  publish   \(count) APIs"] + expected)
  }

  @Test func callsAtOnceAreOneLineOnATerminal() {
    var progress = progress(.live)
    for _ in 1...2 {
      _ = progress.note(.willChange(operation: "batch", action: "publish", count: 2, environmentID: nil), at: at(0))
    }
    #expect(progress.lines(at: at(1)).map(\.plainText).first == "  ▸ publish   0/4")
    for number in 1...3 { #expect(progress.note(.didChange(change(number), action: "publish"), at: at(1)).isEmpty) }
    #expect(progress.note(.didEndChange(operation: "batch", action: "publish", count: 2), at: at(1)).isEmpty)
    let bar = progress.lines(at: at(1))[1].plainText
    #expect(bar == "    " + String(repeating: "█", count: 30) + String(repeating: "░", count: 10) + "  3/4")
    _ = progress.note(.didChange(change(4), action: "publish"), at: at(2))
    #expect(
      progress.note(.didEndChange(operation: "batch", action: "publish", count: 2), at: at(2)) == [
        "  ✔ publish   4/4   2.0s"
      ])
    #expect(progress.lines(at: at(2)).isEmpty)
  }

  @Test func batchesThatDoDifferentThingsAtOnceAreNotMixed() {
    var progress = progress(.live)
    for action in ["publish", "offline"] {
      _ = progress.note(.willChange(operation: "batch", action: action, count: 2, environmentID: nil), at: at(0))
    }
    for number in 1...2 { _ = progress.note(.didChange(change(number), action: "offline"), at: at(1)) }
    let lines = progress.lines(at: at(1)).map(\.plainText)
    #expect(lines[0].hasSuffix("publish   0/2") && lines[1].hasSuffix("offline   2/2"), "\(lines)")
    #expect(
      progress.note(.didEndChange(operation: "batch", action: "offline", count: 2), at: at(2))
        == ["  ✔ offline   2/2   2.0s"])
  }

  @Test func whatWasChangedBeforeIsCountedByAPIs() {
    var progress = progress(.lines)
    for change in [change(1), change(1), change(2), change(3, .failed)] { progress.restore(change) }
    #expect(progress.history.text == "2 before")
  }

  @Test func whatIsWaitedForIsToldUntilItIsOver() {
    var progress = progress(.live)
    progress.statistics.waitedForLimit = .milliseconds(3100)
    progress.statistics.limit = RequestRate(5, per: .seconds(1))
    _ = progress.note(.waveBegan(label: "3/4", count: 14, behind: 4, total: 36), at: at(0))
    _ = progress.note(.waitBegan(.seconds(10), reason: "propagation"), at: at(0))
    #expect(progress.lines(at: at(4))[0].plainText == "  ▸ wave 3/4   0/14 · settling 4s of 10s")
    #expect(progress.lines(at: at(4)).last?.plainText == "  limit     5/s, 3.1s waited so far")
    #expect(progress.lines(at: at(10))[0].plainText == "  ▸ wave 3/4   0/14")
    // The bar is of the whole release.
    #expect(progress.lines(at: at(10))[1].plainText.hasSuffix("░  4/36"))
    _ = progress.note(.probed(name: "ping", count: 12, total: 30), at: at(11))
    #expect(progress.lines(at: at(11))[0].plainText == "  ▸ wave 3/4   0/14 · probe 12/30  ping")
    _ = progress.note(.healthChecked(name: "ping", text: "26/30", isGood: false), at: at(12))
    let undo = progress.note(.willUndo(count: 1, patience: .seconds(600)), at: at(102))
    #expect(undo == ["  ✘ wave 3/4   probe 26/30   1m42s", "  undoing 1 change, newest first   (budget 10 min)"])
    #expect(
      progress.note(.didChange(change(1, .undone), action: "publish"), at: at(104)) == ["  ✔ undone   1/1 in 2.0s"])
  }

  @Test func aHeartbeatCounts() {
    var progress = progress(.lines)
    progress.statistics.requests = 41
    _ = progress.note(.stepBegan(name: "mo\u{1B}ve"), at: at(0))
    _ = progress.note(.willChange(operation: "batch", action: "publish", count: 2, environmentID: nil), at: at(0))
    _ = progress.note(.didChange(change(1), action: "publish"), at: at(1))
    #expect(
      progress.heartbeat(at: at(130)) == "  running   2m10s   step   mo ve   publish   1/2   1 published   41 requests")
  }

  @Test func aLineIsCutBetweenCharacters() {
    let style = Style(.always, variables: EnvironmentVariables([:]), stream: .error)
    var line = RegionLine("ab", trailing: "never fits")
    line.append("发布", .failed)
    line.append("é", nil)
    #expect(line.painted(columns: 5, style: style) == ("ab\u{1B}[31m发\u{1B}[0m", 4))
    #expect(line.painted(columns: 7, style: style) == ("ab\u{1B}[31m发布\u{1B}[0mé", 7))
    #expect("👩‍🚀e\u{301}".displayWidth == 3)
  }
}
