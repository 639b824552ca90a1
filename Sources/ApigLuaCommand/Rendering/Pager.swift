internal import Foundation
internal import Glibc
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
    // The shell's words for a command that it cannot run, or does not find.
    let failures: [TerminationStatus?] = [nil, .exited(126), .exited(127)]
    guard let file = try? Self.file(holding: text) else { return StandardStream.output.write(text) }
    // Ctrl-C is a key of the pager's. A handler, unlike ignoring, does not come down to it.
    let earlier = signal(SIGINT) { _ in }
    defer { signal(SIGINT, earlier) }
    let result = try? await Subprocess.run(
      .path("/bin/sh"), arguments: ["-c", command],
      input: .fileDescriptor(file, closeAfterSpawningProcess: true), output: .currentStandardOutput,
      error: .currentStandardError)
    if failures.contains(result?.terminationStatus) { StandardStream.output.write(text) }
  }

  /// A file without a name: unlike a pipe, it does not mind a pager that is left before its end.
  private static func file(holding text: String) throws -> FileDescriptor {
    let path = FileManager.default.temporaryDirectory.appending(path: "apig-lua-\(UUID().uuidString)").path
    let file = try FileDescriptor.open(
      FilePath(path), .readWrite, options: [.create, .exclusiveCreate, .closeOnExec], permissions: .ownerReadWrite)
    do {
      try FileManager.default.removeItem(atPath: path)
      try file.writeAll(text.utf8)
      try file.seek(offset: 0, from: .start)
    } catch {
      try? file.close()
      throw error
    }
    return file
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
