import Foundation
import GatewayAPI
import GatewayScripting
import GatewayTestSupport
import Testing

/// `doc`: every function, record and error, offline.
@Suite(.timeLimit(.minutes(5))) struct ManualTests {
  private func doc(_ arguments: String...) async throws -> Command.Result {
    try await withTemporaryFolder { folder in try await Command(in: folder).run(["doc"] + arguments) }
  }

  /// As if no line were ever broken.
  private func flat(_ text: String) -> String { text.replacing(/\n +/, with: " ").replacing("\n", with: " ") }

  @Test func theContentsListEveryFunctionRecordAndKindOfError() async throws {
    let list = try await doc().output
    let names = list.split(separator: "\n").map { $0.split(separator: " ").first.map(String.init) ?? "" }
    for function in Manual.functionNames { #expect(names.contains("apig.\(function)")) }
    for kind in GatewayError.Kind.allCases { #expect(names.contains(kind.rawValue)) }
    for operation in OperationCatalog.all { #expect(list.contains(operation.descriptor.summary)) }
    for name in ["t.every_crash", "describe", "assert.same", "version", "wave"] { #expect(names.contains(name)) }
  }

  @Test func everyEntryOfTheContentsIsFound() {
    for line in Manual.sections.flatMap(\.lines) {
      let text = Manual.text(on: line.name)
      #expect(text?.contains(line.summary.split(separator: " ")[0]) == true, "\(line.name)")
    }
  }

  @Test func anOperationSaysWhatItTakesReturnsAndDoes() async throws {
    let text = flat(try await doc("apig.switch_version").output)
    #expect(
      text.contains("apig.switch_version { api, [api_id], [env], [env_id], version, [version_id] } -> publication"))
    #expect(text.contains("Writes; put back exactly"))
    #expect(text.contains("API Gateway: PUT /v2/{project_id}/apigw/instances/{instance_id}/apis/publish/{api_id}"))
    #expect(text.contains("Publication: publish_id, api_id"))
  }

  @Test(arguments: [
    "publish", "apig.publish", "apig.try.publish", "gw:publish", "apig.publish()",
  ]) func aNameIsFoundHoweverItIsWritten(_ name: String) async throws {
    #expect(try await doc(name).output.hasPrefix("apig.publish {"))
  }

  @Test func aNameOfSeveralThingsShowsThemAll() async throws {
    let text = try await doc("version").output
    #expect(text.contains("version: A version of an API"))
    #expect(text.contains("version_no"))
    let run = try await doc("run").output
    #expect(run.contains("started_at"))
  }

  @Test func tablesOfFunctionsListThem() async throws {
    let http = try await doc("apig.http").output
    for method in ["get", "post", "put", "delete"] { #expect(http.contains("apig.http.\(method)")) }
    #expect(try await doc("errors").output.contains("partial_failure"))
    #expect(try await doc("apig.test").output.contains("t.gateway"))
  }

  @Test func errorsAreExplainedByKindAndByCode() async throws {
    let kind = flat(try await doc("unknown_outcome").output)
    #expect(kind.contains("it may or may not have happened"))
    let code = try await doc("APIG.3002").output
    #expect(code.contains("(HTTP 404)") && code.contains("not_found"))
    #expect(try await doc("apig.0308").output.contains("throttled"), "known, although no table lists it")
  }

  @Test func everyCodeOfTheTableHasAnEntry() {
    for documented in DocumentedErrorCode.all {
      let text = Manual.text(on: documented.code.rawValue, width: 1000)
      #expect(text?.contains(documented.kind.rawValue) == true, "\(documented.code)")
      #expect(text?.contains("HTTP \(documented.status)") == true, "\(documented.code)")
    }
  }

  @Test(arguments: [
    ("publsh", "publish"), ("apig.helth.http", "health.http"), ("not_fond", "not_found"), ("versoin", "version"),
  ]) func anUnknownNameGetsASuggestion(_ wrong: String, _ meant: String) async throws {
    let result = try await doc(wrong)
    #expect(result.status == 64)
    #expect(result.messages.contains("the manual has nothing on '\(wrong)'"))
    #expect(result.messages.contains("did you mean '") && result.messages.contains(meant), "\(result.messages)")
  }

  @Test func linesFitTheTerminal() async throws {
    try await withTemporaryFolder { folder in
      var command = Command(in: folder)
      command.variables["COLUMNS"] = "60"
      for name in ["publish", "health.http", "not_found", "error", "t.run"] {
        let text = try await command("doc", name).output
        for line in text.split(separator: "\n") where !line.contains("/v2/") {
          #expect(line.count <= 60, "\(name): \(line)")
        }
      }
    }
  }

  // MARK: - The command's own page

  @Test func theManualPageHasEveryCommandAndOption() async throws {
    let page = try await doc("--man")
    #expect(page.status == 0, "\(page.messages)")
    #expect(page.output.hasPrefix(".TH APIG\\-LUA 1"))
    let plain = page.output.replacing("\\-", with: "-")
    for command in ["init", "plan", "resume", "journal show", "local fault", "doc"] {
      #expect(plain.contains(".SS apig-lua \(command)"), "\(command)")
    }
    for option in ["--gateway <name>", "--max-memory <size>", "--out <file>", "--filter <text>"] {
      #expect(plain.contains(".B \(option)\n"), "\(option)")
    }
    for code in [0, 5, 8, 78, 143] { #expect(plain.contains("\n.TP\n.B \(code)\n")) }
    #expect(!plain.contains("---completion"))
  }

  @Test func whatWouldWriteTwoThingsIsRefused() async throws {
    let result = try await doc("publish", "--man")
    #expect(result.status == 64 && result.messages.contains("exclude each other"))
  }
}
