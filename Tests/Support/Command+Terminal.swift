import Foundation
import Glibc
import NIOCore
import NIOPosix
public import Subprocess
import Synchronization
import SystemPackage

extension Command {
  /// What a command on a terminal did: all that the terminal showed, line ends as `\n`.
  public struct TerminalResult: Sendable {
    public let status: TerminationStatus
    public let screen: String

    /// What a person sees at the end, scrolled back to the beginning.
    ///
    /// - Parameter columns: the width of the terminal; as wide as need be without.
    public func lines(columns: Int = .max) -> [String] {
      var emulator = ScreenEmulator(columns: columns)
      emulator.write(screen)
      return emulator.lines
    }

    /// Every screen that was painted over later, each as it stood just before something was erased, and the last.
    public func screens(columns: Int) -> [[String]] {
      var emulator = ScreenEmulator(columns: columns)
      var screens: [[String]] = []
      var rest = screen[...]
      // The cursor goes to the beginning of what is erased first.
      while let erasing = rest.firstRange(of: /\r(\x1B\[\d+A)?\x1B\[J/) {
        emulator.write(String(rest[..<erasing.lowerBound]))
        screens.append(emulator.lines)
        emulator.write(String(rest[erasing]))
        rest = rest[erasing.upperBound...]
      }
      emulator.write(String(rest))
      return screens + [emulator.lines]
    }
  }

  /// What the terminal is to show, and what is done when it does.
  public struct Typing: Sendable {
    enum Action: Sendable {
      case type(String)
      case send(Signal)
    }

    let prompt: String
    let action: Action

    /// - Parameters:
    ///   - prompt: part of what is shown; looked for behind what earlier prompts were found in.
    ///   - text: what is typed, without the return.
    public init(_ prompt: String, _ text: String) {
      self.prompt = prompt
      action = .type(text)
    }

    /// - Parameter signal: what the command is sent: the terminal's keys reach no process that it does not control.
    public init(_ prompt: String, sending signal: Signal) {
      self.prompt = prompt
      action = .send(signal)
    }
  }

  /// Runs the command to its end with a terminal as standard input, output and error.
  public func onTerminal(_ arguments: [String], typing: [Typing] = []) async throws -> TerminalResult {
    let terminal = try PseudoTerminal()
    let screen = Screen(typing: typing, terminal: terminal)
    let ends = (0..<3).map { _ in FileDescriptor(rawValue: terminal.duplicatedSlave()) }
    var environment = environment
    environment["TERM"] = environment["TERM"] ?? "xterm"
    let result = try await Subprocess.run(
      .path(FilePath(Self.binary)), arguments: Arguments(arguments), environment: .custom(environment),
      workingDirectory: FilePath(folder.path),
      input: .fileDescriptor(ends[0], closeAfterSpawningProcess: true),
      output: .fileDescriptor(ends[1], closeAfterSpawningProcess: true),
      error: .fileDescriptor(ends[2], closeAfterSpawningProcess: true)
    ) { process in
      terminal.closeSlave()
      // Reading ends with the last of the command's ends.
      await terminal.read { bytes in
        for signal in screen.show(bytes) { try? process.send(signal: signal) }
      }
    }
    return TerminalResult(status: result.terminationStatus, screen: screen.text)
  }
}

/// What a terminal has shown so far, and who types at it.
private final class Screen: Sendable {
  private struct State {
    var text = ""
    var typing: ArraySlice<Command.Typing>
    /// Where the next prompt is looked for.
    var place: Int = 0
  }

  private let state: Mutex<State>
  private let terminal: PseudoTerminal

  init(typing: [Command.Typing], terminal: PseudoTerminal) {
    state = Mutex(State(typing: typing[...]))
    self.terminal = terminal
  }

  var text: String { state.withLock { $0.text.replacing("\r\n", with: "\n") } }

  /// - Returns: the signals that the command is to be sent.
  func show(_ bytes: [UInt8]) -> [Signal] {
    let actions: [Command.Typing.Action] = state.withLock { state in
      state.text += String(decoding: bytes, as: UTF8.self)
      var actions: [Command.Typing.Action] = []
      while let next = state.typing.first,
        let found = state.text.dropFirst(state.place).firstRange(of: next.prompt)
      {
        state.place = state.text.distance(from: state.text.startIndex, to: found.upperBound)
        state.typing.removeFirst()
        actions.append(next.action)
      }
      return actions
    }
    return actions.compactMap { action in
      switch action {
      case .type(let text):
        terminal.type(text + "\n")
        return nil
      case .send(let signal): return signal
      }
    }
  }
}

/// Both ends of a pseudo-terminal.
private final class PseudoTerminal: Sendable {
  struct Unavailable: Error { let code: Int32 }

  /// TIOCSPTLCK and TIOCGPTN, which the C library's header makes of macros.
  private static let setLock: UInt = 0x4004_5431
  private static let getNumber: UInt = 0x8004_5430

  private let master: Int32
  private let slave: Int32

  init() throws {
    master = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC)
    var isLocked: Int32 = 0
    var number: UInt32 = 0
    guard master >= 0, ioctl(master, Self.setLock, &isLocked) == 0, ioctl(master, Self.getNumber, &number) == 0 else {
      throw Unavailable(code: errno)
    }
    slave = open("/dev/pts/\(number)", O_RDWR | O_NOCTTY | O_CLOEXEC)
    guard slave >= 0 else { throw Unavailable(code: errno) }
  }

  deinit { close(master) }

  func duplicatedSlave() -> Int32 { fcntl(slave, F_DUPFD_CLOEXEC, 3) }

  func closeSlave() { close(slave) }

  func type(_ text: String) {
    let bytes = Array(text.utf8)
    _ = bytes.withUnsafeBytes { write(master, $0.baseAddress, $0.count) }
  }

  /// Gives what is shown until nobody has the other end open any more; off the threads that tasks need.
  func read(_ show: @escaping @Sendable ([UInt8]) -> Void) async {
    let master = master
    try? await NIOThreadPool.singleton.runIfActive {
      var buffer = [UInt8](repeating: 0, count: 4096)
      while true {
        let count = Glibc.read(master, &buffer, buffer.count)
        if count < 0, errno == EINTR { continue }
        // EIO: the other end is closed.
        guard count > 0 else { return }
        show(Array(buffer[..<count]))
      }
    }
  }
}
