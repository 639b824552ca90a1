internal import GatewayAPI
internal import Glibc
internal import Logging

/// The log of a run, for people: on standard error, or in a file with the time before each record.
///
/// The first line of a record is its message and what belongs to it; a request's headers and body follow, indented.
struct RunLogHandler: LogHandler {
  var logLevel: Logger.Level
  var metadata: Logger.Metadata = [:]

  private let stream: StandardStream
  private let hasTimes: Bool

  /// Writes to standard error.
  init(level: Logger.Level) {
    logLevel = level
    stream = .error
    hasTimes = false
  }

  /// Appends to a file, which is its owner's alone when it is made here.
  ///
  /// - Throws: ``UsageError`` when it cannot be written.
  init(level: Logger.Level, file: String) throws {
    let descriptor = open(file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else {
      throw UsageError(
        message: "the log file \(file) cannot be written: \(String(cString: strerror(errno)))",
        hint: "--log-file takes a file in a folder that exists")
    }
    logLevel = level
    // Open until the process ends: the last words of a run belong into it.
    stream = StandardStream(descriptor: descriptor)
    hasTimes = true
  }

  subscript(metadataKey key: String) -> Logger.MetadataValue? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  func log(event: LogEvent) {
    let metadata = self.metadata.merging(event.metadata ?? [:]) { _, own in own }
    var line = hasTimes ? "\(Timestamp.now().text) " : ""
    line += "\(event.level.rawValue): \(event.message)"
    var more = ""
    for (name, value) in metadata.sorted(by: { $0.key < $1.key }) {
      switch (name, value) {
      case ("headers", .array(let headers)): for header in headers { more += Self.indented("\(header)") }
      case ("body", _): break
      default: line += "  \(name)=\("\(value)".withoutControlCharacters)"
      }
    }
    if let body = metadata["body"] { more += Self.indented("\(body)") }
    // One write for a record: those of other threads do not come between its lines.
    stream.write("\(line.withoutControlCharacters)\n\(more)")
  }

  private static func indented(_ text: String) -> String {
    text.split(whereSeparator: \.isNewline).map { "  \(String($0).withoutControlCharacters)\n" }.joined()
  }
}
