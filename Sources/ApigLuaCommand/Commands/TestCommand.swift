internal import ArgumentParser
internal import Foundation
internal import GatewayAPI
internal import GatewayScripting
internal import LuaRuntime
internal import ReleaseEngine

enum TestOutput: String, ChoiceArgument {
  case text, tap, junit
}

/// `apig-lua test`: the tests of playbooks, each against a fresh local gateway.
struct TestCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "test", abstract: "Runs *_spec.lua: tests of playbooks on local gateways of their own.",
    discussion: """
      apig-lua test                       all of spec/, or of this folder
      apig-lua test spec/canary_spec.lua --filter "third wave"
      apig-lua test --report junit=build/tests.xml --report tap=build/tests.tap
      apig-lua test --coverage            which lines of the playbooks no test ran

      A spec has busted's words (describe, it, before_each, assert.same, …) and the
      module apig.test: t.gateway{…} opens a gateway, t.run(script, params, gw) runs a
      playbook on it. Time spent waiting is not waited for. No other gateway can be
      reached, nor the user's own journal or configuration.
      """)

  @Argument(
    help: ArgumentHelp("Files, or folders with *_spec.lua below them.", valueName: "path"),
    completion: .file(extensions: ["lua"]))
  var paths: [String] = []

  @Option(help: ArgumentHelp("Only tests whose names hold this text.", valueName: "text"))
  var filter: String?

  @Option(
    name: .shortAndLong, help: ArgumentHelp("Files that are run at once; as many as there are cores.", valueName: "n"))
  var jobs: Int?

  @Option(help: ArgumentHelp("What standard output gets: text, tap or junit.", valueName: "format"))
  var output = TestOutput.text

  @Option(
    help: ArgumentHelp(
      "Writes a report, too: junit=FILE, tap=FILE or lcov=FILE (what was covered). May be repeated.",
      valueName: "kind=file"))
  var report: [String] = []

  @Flag(help: "Tells at the end which lines of playbooks and modules ran. Tests take longer with it.")
  var coverage = false

  @Option(
    help: ArgumentHelp(
      "Lets tests reach a real server, too: http:ORIGIN. May be repeated.", valueName: "permission"))
  var allow: [String] = []

  @Option(help: ArgumentHelp("Colours: auto, always or never.", valueName: "when"))
  var color = ColorChoice.auto

  @Flag(name: .shortAndLong, help: "Each test, not only those that fail.")
  var verbose = false

  func validate() throws {
    if let jobs, jobs < 1 { throw ValidationError("--jobs must be 1 or more") }
  }

  func run() async throws {
    let process = ProcessFacts.current
    let style = Style(color, variables: process.variables, stream: .output)
    do {
      let files = try SpecFile.find(paths, in: process.folder)
      let targets = try report.map { try ReportFile<TestReportKind>($0, variables: process.variables) }
      try targets.forEach { try $0.prepare() }
      let permissions = try permissions()
      let coverage = coverage || targets.contains { $0.kind == .lcov } ? TestCoverage() : nil
      let reports = await runAll(files, permissions, coverage, TestText(style: style, isVerbose: verbose))
      let covered = coverage?.report(in: process.folder) ?? []
      if self.coverage { tell(covered) }
      do {
        try targets.forEach { try $0.write($0.kind.text(reports, covered)) }
      } catch {
        guard reports.contains(where: \.isBad) else { throw error }
        // That tests failed counts more than that nobody can read it up.
        let style = Style(color, variables: process.variables, stream: .error)
        ErrorReport(error: error, style: style).tell()
      }
      if let filter, reports.allSatisfy({ $0.results.isEmpty }) {
        throw UsageError(
          message: "no test's name holds '\(filter)'", hint: "--verbose without --filter lists the names")
      }
      guard !reports.contains(where: \.isBad) else { throw ExitStatus.scriptFailed }
    } catch let status as ExitStatus {
      throw status
    } catch {
      let style = Style(color, variables: process.variables, stream: .error)
      ErrorReport(error: error, style: style).tell()
      throw ExitStatus(error: error, changes: RunChanges(), signal: nil)
    }
  }

  /// - Throws: ``UsageError``.
  private func permissions() throws -> Permissions {
    let allowed = try allow.map { text in
      do throws(PermissionError) {
        let permission = try Permission(text)
        if permission.kind == .http { return permission }
      } catch {
        throw UsageError(message: "--allow: \(error.message)", hint: error.hint)
      }
      throw UsageError(
        message: "--allow \(text) is nothing that tests are kept from", hint: "write http:https://HOST")
    }
    return Permissions(allowed: allowed)
  }

  /// Runs some files at a time, and tells of each in the order of the files.
  private func runAll(
    _ files: [SpecFile], _ permissions: Permissions, _ coverage: TestCoverage?, _ text: TestText
  ) async -> [SpecReport] {
    let began = ContinuousClock.now
    let limit = min(files.count, jobs ?? ProcessInfo.processInfo.activeProcessorCount)
    var reports: [SpecReport?] = Array(repeating: nil, count: files.count)
    var told = 0
    await withTaskGroup(of: (Int, SpecReport).self) { group in
      for (index, file) in files.enumerated() {
        if index >= limit, let (done, report) = await group.next() {
          reports[done] = report
          tell(reports, &told, text)
        }
        group.addTask {
          let session = SpecSession(file: file, filter: filter, permissions: permissions, coverage: coverage)
          return (index, await session.run())
        }
      }
      for await (done, report) in group {
        reports[done] = report
        tell(reports, &told, text)
      }
    }
    let all = reports.compactMap(\.self)
    switch output {
    case .text: StandardStream.output.write(text.summary(all, seconds: (.now - began) / .seconds(1)))
    case .tap: StandardStream.output.write(TAPReport(reports: all).text)
    case .junit: StandardStream.output.write(JUnitReport(reports: all).text)
    }
    return all
  }

  /// Standard output is the tests' where it is a format.
  private func tell(_ coverage: [FileCoverage]) {
    let stream = output == .text ? StandardStream.output : StandardStream.error
    stream.write(CoverageText(files: coverage).text)
  }

  private func tell(_ reports: [SpecReport?], _ told: inout Int, _ text: TestText) {
    while told < reports.count, let report = reports[told] {
      if output == .text { StandardStream.output.write(text.text(of: report)) }
      told += 1
    }
  }
}
