internal import Subprocess
internal import SystemPackage

/// Shows what is taller than the screen page by page, with `$PAGER` or `less`; everything else, and elsewhere than on a
/// terminal, is written as it is.
struct Pager {
  private let command: String
  private let size: TerminalSize?

  init(_ settings: Settings) {
    let variables = settings.variables
    command = variables["PAGER"] ?? "less -FIRX"
    let isPossible = StandardStream.output.isTerminal && StandardStream(descriptor: 0).isTerminal
    size =
      isPossible && variables["TERM"] != "dumb"
      ? TerminalSize(of: StandardStream.output.descriptor, columns: variables["COLUMNS"]) : nil
  }

  func write(_ text: String) async {
    guard let size, command != "cat", isTaller(text, than: size) else { return StandardStream.output.write(text) }
    // The shell's word for a command that it does not find.
    let isMissing: TerminationStatus = .exited(127)
    let result = try? await Subprocess.run(
      .path("/bin/sh"), arguments: ["-c", command], input: .string(text), output: .currentStandardOutput,
      error: .currentStandardError)
    if result?.terminationStatus == isMissing { StandardStream.output.write(text) }
  }

  private func isTaller(_ text: String, than size: TerminalSize) -> Bool {
    var rows = 0
    var rest = text[...]
    // Whatever comes behind the first screen makes no difference.
    while rows < size.rows, let end = rest.firstIndex(of: "\n") {
      rows += max(1, (String(rest[..<end]).displayWidth + size.columns - 1) / size.columns)
      rest = rest[rest.index(after: end)...]
    }
    return rows >= size.rows
  }
}
