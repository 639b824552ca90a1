import Foundation
import GatewayScripting
import GatewayTestSupport
import Subprocess
import SystemPackage
import Testing

/// The user guide says what is so: every block of it is run, in the order in which a reader meets it.
///
/// A block that begins with a file's name in a comment (`-- ship.lua`, `# apig.yaml`) is written to that file, another
/// one in Lua is run. In blocks of a shell, lines behind `$ ` are typed; what stands below them is what they say, run
/// IDs, version numbers and times aside, `…` standing for any lines. A block of a session is a terminal's screen, what is
/// typed behind its prompts included; `^D` is Ctrl-D.
@Suite(.timeLimit(.minutes(10))) struct GuideTests {
  private static let folder = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "../../Sources/ApigLuaCommand/ApigLuaCommand.docc").standardizedFileURL

  private static let articles = [
    "FirstRelease", "Session", "AdHocCommands", "WritingPlaybooks", "TestingPlaybooks", "Operating",
    "ContinuousIntegration", "Packages",
  ]

  @Test(arguments: articles) func everyBlockDoesWhatTheGuideSays(_ article: String) async throws {
    let blocks = try GuideBlock.blocks(of: Self.folder.appending(path: "\(article).md"))
    #expect(blocks.count > 2)
    try await withTemporaryFolder { folder in
      let follow: @Sendable (String) async throws -> Void = { url in
        var reader = GuideReader(folder: folder, server: url)
        for block in blocks { try await reader.follow(block) }
      }
      // The gateway that the reader is told to let run beside.
      guard blocks.contains(where: { $0.text.contains(GuideReader.server) }) else { return try await follow("") }
      try await withLocalServer(in: folder, options: ["--data", ":memory:"], follow)
    }
  }

  @Test func allArticlesAreInTheContents() throws {
    let contents = try String(contentsOf: Self.folder.appending(path: "ApigLuaCommand.md"), encoding: .utf8)
    let files = try FileManager.default.contentsOfDirectory(atPath: Self.folder.path)
    for file in files where file.hasSuffix(".md") && file != "ApigLuaCommand.md" {
      #expect(contents.contains("<doc:\(file.replacing(".md", with: ""))>"), "\(file)")
    }
    for article in Self.articles { #expect(contents.contains("<doc:\(article)>")) }
  }

  @Test func theReferenceIsMadeFromTheDeclarations() throws {
    let reference = try String(contentsOf: Self.folder.appending(path: "Reference.md"), encoding: .utf8)
    #expect(reference == Manual.reference, "scripts/docs renews it")
  }

  /// What other articles show in Lua is right at least as far as `check` sees.
  @Test(arguments: ["Installing", "Embedding", "Performance"]) func otherArticlesHoldNoBlocksThatNobodyRuns(
    _ article: String
  ) throws {
    let file = Self.folder.appending(path: "\(article).md")
    guard FileManager.default.fileExists(atPath: file.path) else { return }
    let languages = Set(try GuideBlock.blocks(of: file).map(\.language))
    #expect(languages.isDisjoint(with: ["lua", "console", "session", "yaml"]))
  }
}

/// A block of code in an article.
struct GuideBlock: Sendable {
  let language: String
  let text: String
  /// Where it begins: "Operating.md:12".
  let place: String

  static func blocks(of file: URL) throws -> [GuideBlock] {
    var blocks: [GuideBlock] = []
    var open: (language: String, lines: [String], number: Int)?
    let text = try String(contentsOf: file, encoding: .utf8)
    for (number, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
      if line.hasPrefix("```") {
        if let block = open {
          blocks.append(
            GuideBlock(
              language: block.language, text: block.lines.joined(separator: "\n"),
              place: "\(file.lastPathComponent):\(block.number + 1)"))
          open = nil
        } else {
          open = (String(line.dropFirst(3)), [], number)
        }
      } else {
        open?.lines.append(String(line))
      }
    }
    return blocks
  }

  /// The file it is for, where its first line names one.
  var fileName: String? {
    (text.split(separator: "\n").first?.firstMatch(of: /^(?:--|#) ([\w.\/-]+\.(?:lua|yaml|txt))$/)?.1).map(String.init)
  }
}

/// A reader who does what the guide says.
struct GuideReader {
  /// Where the guide has a local gateway run.
  static let server = "http://127.0.0.1:8402"

  private let home: URL
  /// Where it runs here.
  private let server: String
  private var folder: URL

  init(folder: URL, server: String) {
    home = folder
    self.server = server
    self.folder = folder
  }

  mutating func follow(_ block: GuideBlock) async throws {
    if let name = block.fileName {
      let file = folder.appending(path: name)
      try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
      try block.text.replacing(Self.server, with: server).write(to: file, atomically: true, encoding: .utf8)
      return
    }
    switch block.language {
    case "lua":
      let result = try await sh("apig-lua -", input: block.text)
      #expect(result.status == 0, "\(block.place): \(result.text)")
    case "console": try await type(block)
    case "session": try await hold(block)
    default: Issue.record("\(block.place): a block that cannot be run")
    }
  }

  private mutating func type(_ block: GuideBlock) async throws {
    var lines = block.text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)[...]
    while let line = lines.popFirst() {
      guard line.hasPrefix("$ ") else {
        Issue.record("\(block.place): '\(line)' stands below no command")
        return
      }
      let command = String(line.dropFirst(2))
      let expected = Array(lines.prefix { !$0.hasPrefix("$ ") })
      lines = lines.dropFirst(expected.count)
      if let wanted = command.wholeMatch(of: /cd (\S+)/)?.1 {
        folder = folder.appending(path: String(wanted)).standardizedFileURL
        continue
      }
      let result = try await sh(command, input: "")
      #expect(result.status == 0, "\(block.place): \(command)\n\(result.text)")
      guard !expected.isEmpty else { continue }
      #expect(
        Self.fits(Self.lines(result.text), Self.lines(expected.joined(separator: "\n"))),
        "\(block.place): \(command) says\n\(result.text)")
    }
  }

  /// A line of a session in which something is typed.
  private static var typed: Regex<(Substring, Substring, Substring)> {
    /^([\w-]+(?:\/[\w-]+)?[*?]?> |\.\. *> |.*\[y\/N\] )(.*)$/
  }

  private func hold(_ block: GuideBlock) async throws {
    var lines = block.text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    let words = try #require(lines.first?.wholeMatch(of: /\$ apig-lua(.*)/)?.1, "\(block.place): no session begins")
    lines.removeFirst()
    let typing = lines.compactMap { line in
      line.wholeMatch(of: Self.typed).map { match in
        match.2 == "^D"
          ? Command.Typing(String(match.1), keys: "\u{4}")
          : Command.Typing(String(match.1.drop { $0 == " " }), String(match.2))
      }
    }
    try #require(lines.contains { $0.hasSuffix("> ^D") }, "\(block.place): the session does not end")
    var command = Command(in: folder)
    command.variables = variables
    let columns = 100
    let run = try await command.onTerminal(
      words.split(separator: " ").map(String.init), columns: columns, watching: .screen, typing: typing)
    #expect(run.status == .exited(0), "\(block.place): \(run.screen)")
    let screen = run.lines(columns: columns)
    #expect(
      Self.fits(
        Self.lines(screen.joined(separator: "\n")),
        Self.lines(lines.map { $0.replacing(/> \^D$/, with: ">") }.joined(separator: "\n"))),
      "\(block.place): the screen is\n\(screen.joined(separator: "\n"))")
  }

  private var variables: [String: String] {
    ["XDG_STATE_HOME": home.appending(path: "state").path, "COLUMNS": "100", "APIG_TOKEN": "local-token", "TZ": "UTC"]
  }

  private func sh(_ command: String, input: String) async throws -> (status: Int32, text: String) {
    var user = Command(in: home)
    user.variables = variables
    user.variables["PATH"] = URL(filePath: Command.binary).deletingLastPathComponent().path + ":/usr/bin:/bin"
    let script = folder.appending(path: ".input")
    try input.write(to: script, atomically: true, encoding: .utf8)
    defer { try? FileManager.default.removeItem(at: script) }
    let result = try await Subprocess.run(
      .path("/bin/sh"), arguments: ["-c", "{ \(command)\n} 2>&1 <'\(script.path)'"],
      environment: .custom(user.environment), workingDirectory: FilePath(folder.path), output: .string(limit: 1 << 20),
      error: .discarded)
    guard case .exited(let status) = result.terminationStatus else { return (-1, result.standardOutput) }
    return (status, result.standardOutput)
  }

  /// Lines without what differs from run to run, and without blanks at their ends.
  private static func lines(_ text: String) -> [String] {
    let plain = text.replacing(/\b[rp]-[0-9A-Z]{5,10}\b/, with: "r-RUN").replacing(/\b\d{14}\b/, with: "VERSION")
      .replacing(/\d{4}-\d\d-\d\d(T[\d:.]+Z|[ ][\d:]+)/, with: "TIME")
      .replacing(/\b\d\d:\d\d:\d\d\b/, with: "TIME").replacing(/apig-lua \d+\.\d+\.\d+/, with: "apig-lua VERSION")
      .replacing(/\b\d+(\.\d+)?(ms|s)\b/, with: "SECONDS")
      .replacing(/127\.0\.0\.1:\d+/, with: "HOST").replacing(/[ ]+/, with: " ")
    var lines = plain.split(separator: "\n", omittingEmptySubsequences: false).map { line in
      String(line.reversed().drop { $0 == " " }.reversed())
    }
    while lines.last?.isEmpty ?? false { lines.removeLast() }
    return lines
  }

  private static func fits(_ found: [String], _ expected: [String]) -> Bool {
    guard let first = expected.first else { return found.isEmpty }
    if first == "…" {
      return (0...found.count).contains { fits(Array(found[$0...]), Array(expected.dropFirst())) }
    }
    return found.first == first && fits(Array(found.dropFirst()), Array(expected.dropFirst()))
  }
}
