import GatewayAPI
import GatewayTestSupport
import LineEditor
import Testing

@testable import ApigLuaCommand

/// What the tabulator key offers at a place of an input.
@Suite struct CompletionTests {
  private let completer = Completer(
    fields: { path in
      switch path {
      case []: ["apig": "table", "apis": "table", "print": "function", "h": "table"]
      case ["apig"]: ["publish": "function", "publish_all": "function", "history": "function", "gateway": "function"]
      case ["apig", "report"]: ["table": "function"]
      default: [:]
      }
    },
    resources: { kind in
      switch kind {
      case .api: ["pay-create", "pay-refund", "pay-report", "pay-reverse", "日本"]
      case .environment: ["RELEASE", "STAGING"]
      case .group: ["orders", "payments"]
      case .version: []
      }
    }, gateways: ["local", "prod-cn4"], width: 40)

  @Test(arguments: [
    ("apig.publish{ env = \"RE", CompletionPoint.value(function: "publish", option: "env", prefix: "RE", quote: "\"")),
    ("apig.publish{ apis = { 'a', 'b", .value(function: "publish", option: "apis", prefix: "b", quote: "'")),
    ("apig.gateway('cn4'):publish({ re", .option(function: "publish", prefix: "re", used: [])),
    ("x = apig.publish{ api = f(1, {2}), e", .option(function: "publish", prefix: "e", used: ["api"])),
    ("for _, a in ipairs(apig.sel", .field(path: ["apig"], prefix: "sel")),
    ("apig.try.", .field(path: ["apig", "try"], prefix: "")),
    ("h:fi", .field(path: ["h"], prefix: "fi")),
    ("f().na", .nothing), ("x = 1.5", .nothing), ("-- apig.", .nothing), ("s = 'apig.", .nothing),
    ("--[[ a ]] pri", .name(prefix: "pri")), ("s = [[text]] .. na", .name(prefix: "na")),
    ("apig.gateway(\"", .value(function: "gateway", option: nil, prefix: "", quote: "\"")),
    (".he", .dotCommand(prefix: "he")), (".env REL", .dotArgument(command: "env", prefix: "REL")),
    (".json apig.hi", .field(path: ["apig"], prefix: "hi")), ("?pub", .manual(prefix: "pub")),
    ("apig.publish{\n  api = 'x',\n  ", .option(function: "publish", prefix: "", used: ["api"])),
  ])
  func theCursorIsUnderstood(_ text: String, _ point: CompletionPoint) { #expect(CompletionPoint(text) == point) }

  @Test(arguments: [
    ("pri", "print"), ("apig.his", "apig.history"),
    ("apig.publish{ api = \"pay-c", "apig.publish{ api = \"pay-create\""),
    ("apig.history{ env = 'R", "apig.history{ env = 'RELEASE'"), ("apig.publish{ remar", "apig.publish{ remark = "),
    ("apig.publish{ on_failure = \"ra", "apig.publish{ on_failure = \"raise\""),
    ("apig.offline{ group = \"pay", "apig.offline{ group = \"payments\""), (".gat", ".gateway "),
    (".env ST", ".env STAGING"), ("apig.select{ published_in = \"REL", "apig.select{ published_in = \"RELEASE\""),
    ("?hist", "?history"), ("apig.gateway(\"prod", "apig.gateway(\"prod-cn4\""),
    ("apig.history{ api = \"日", "apig.history{ api = \"日本\""),
    ("apig.history{ api = \"PAY-CR", "apig.history{ api = \"pay-create\""),
  ])
  func oneCandidateIsWrittenOut(_ text: String, _ whole: String) {
    let completion = completer.completion(of: text, before: nil)
    #expect(text.dropLast(completion.replaced) + completion.insertion == whole)
    #expect(completion.listing.isEmpty)
  }

  @Test func severalAreWrittenAsFarAsTheyAgreeAndThenListed() {
    let text = "apig.history{ api = \"p"
    #expect(completer.completion(of: text, before: nil) == LineCompletion(replaced: 1, insertion: "pay-"))
    let listed = completer.completion(of: "apig.history{ api = \"pay-re", before: nil)
    #expect(listed == LineCompletion(listing: "pay-refund   pay-report   pay-reverse\n"))
  }

  @Test func aQuotationMarkThatStandsThereIsNotWrittenAgain() {
    let completion = completer.completion(of: "apig.history{ env = \"REL", before: "\"")
    #expect(completion == LineCompletion(replaced: 3, insertion: "RELEASE"))
  }

  @Test func optionsThatStandThereAreNotOfferedAgain() {
    let listed = completer.completion(of: "apig.history{ api = 'x', a", before: nil)
    #expect(listed.insertion == "api_id = ")
  }

  @Test func anEmptyLineIsIndented() {
    #expect(completer.completion(of: "", before: nil) == LineCompletion(insertion: "  "))
    #expect(completer.completion(of: "for i = 1, 2 do\n", before: nil) == LineCompletion(insertion: "  "))
  }

  @Test func whatNobodyKnowsChangesNothing() {
    #expect(completer.completion(of: "unknown.", before: nil) == LineCompletion())
    #expect(completer.completion(of: "apig.history{ api = \"zzz", before: nil) == LineCompletion())
  }
}
