internal import ReleaseEngine

/// A run as build servers read tests: a case for each API, a suite for each wave.
struct RunJUnitReport: Sendable {
  let account: RunAccount

  private struct Suite {
    let name: String
    var cases: [Case] = []
  }

  private struct Case {
    let name: String
    let group: String
    var problem: (element: String, message: String, details: String)?
  }

  var text: String {
    let suites = self.suites
    var text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
    text += "<testsuites name=\(XMLText.quoted("apig-lua \(account.script)"))\(counts(suites.flatMap(\.cases)))"
    text += " time=\"\(XMLText.seconds(account.seconds))\">\n"
    for suite in suites { text += self.text(suite) }
    return text + "</testsuites>\n"
  }

  private var suites: [Suite] {
    var suites: [Suite] = []
    for change in account.changes.apis {
      let name = account.origins[change].wave.map { "wave \($0)" } ?? account.script
      let index =
        suites.firstIndex { $0.name == name }
        ?? {
          suites.append(Suite(name: name))
          return suites.count - 1
        }()
      suites[index].cases.append(testCase(change))
    }
    // A run that failed without an API to blame must not pass for a good one.
    if let failure = account.problem, suites.allSatisfy({ $0.cases.allSatisfy { $0.problem == nil } }) {
      let details = [failure.place, failure.message].compactMap(\.self).joined(separator: ": ")
      let failed = Case(
        name: account.script, group: account.gateway, problem: ("error", failure.message, details))
      suites.append(Suite(name: account.script, cases: [failed]))
    }
    return suites
  }

  private func testCase(_ change: APIChange) -> Case {
    let environment = change.environmentName ?? change.environmentID
    var result = Case(
      name: change.apiName ?? change.apiID,
      group: [change.gateway, environment].compactMap(\.self).joined(separator: "."))
    if let problem = account.problem(of: change) {
      let isKnown = change.state == .failed || change.state == .undone
      let own = account.origins[change].place
      // What made the run fail is not what published the API.
      let place = change.state == .undone ? account.failure?.place ?? own : own ?? account.failure?.place
      let lines = [
        place.map { "\($0): \(problem)" } ?? problem, change.outcomeWord,
        "run \(account.run), exit \(account.status.rawValue)",
      ]
      result.problem = (isKnown ? "failure" : "error", problem, lines.joined(separator: "\n"))
    }
    return result
  }

  private func text(_ suite: Suite) -> String {
    var text = "  <testsuite name=\(XMLText.quoted(suite.name))\(counts(suite.cases))>\n"
    for item in suite.cases {
      text += "    <testcase name=\(XMLText.quoted(item.name)) classname=\(XMLText.quoted(item.group))"
      if let (element, message, details) = item.problem {
        text += "><\(element) message=\(XMLText.quoted(message))>\(XMLText.escaped(details))</\(element)></testcase>\n"
      } else {
        text += "/>\n"
      }
    }
    return text + "  </testsuite>\n"
  }

  private func counts(_ cases: [Case]) -> String {
    func count(_ element: String) -> Int { cases.count { $0.problem?.element == element } }
    return " tests=\"\(cases.count)\" failures=\"\(count("failure"))\" errors=\"\(count("error"))\""
  }
}
