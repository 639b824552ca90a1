/// Text in the workflow commands of GitHub Actions.
enum WorkflowText {
  private static func data(_ text: String) -> String {
    text.escaping { ["%": "%25", "\r": "%0D", "\n": "%0A"][$0] }
  }

  /// One command, with its line's end.
  static func command(_ name: String, _ properties: [(name: String, value: String)], _ message: String) -> String {
    let fields = properties.map { "\($0.name)=\(property($0.value))" }.joined(separator: ",")
    return "::\(name) \(fields)::\(data(message))\n"
  }

  private static func property(_ text: String) -> String {
    data(text).escaping { [":": "%3A", ",": "%2C"][$0] }
  }
}
