import Foundation
import Glibc
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
      case resize(columns: Int)
      case send(Signal)
      case wait(for: @Sendable () async -> Void, type: String)
    }

    let prompt: String
    let action: Action

    /// - Parameters:
    ///   - prompt: part of what is shown; looked for behind what earlier prompts were found in.
    ///   - text: what is typed, without the return.
    public init(_ prompt: String, _ text: String) { self.init(prompt, keys: text + "\n") }

    /// - Parameter keys: what is typed, and nothing more: `\u{3}` is Ctrl-C.
    public init(_ prompt: String, keys: String) {
      self.prompt = prompt
      action = .type(keys)
    }

    /// - Parameters:
    ///   - text: what is typed, without the return.
    ///   - doing: what is done before it is typed, and waited for.
    public init(_ prompt: String, _ text: String, after doing: @escaping @Sendable () async -> Void) {
      self.prompt = prompt
      action = .wait(for: doing, type: text + "\n")
    }

    /// - Parameter columns: how wide the terminal becomes.
    public init(_ prompt: String, columns: Int) {
      self.prompt = prompt
      action = .resize(columns: columns)
    }

    /// - Parameter signal: what the command is sent: the terminal's keys reach no process that it does not control.
    public init(_ prompt: String, sending signal: Signal) {
      self.prompt = prompt
      action = .send(signal)
    }
  }

  /// Where prompts are looked for.
  public enum Watched: Sendable {
    /// In all that the terminal is sent, as it is.
    case output
    /// On the screen, as a person sees it: programs that edit lines send changes of it.
    case screen
  }

  /// Runs the command to its end with a terminal as standard input, output and error.
  ///
  /// - Parameter columns: the terminal's width; nil: it does not say.
  public func onTerminal(
    _ arguments: [String], columns: Int? = nil, watching: Watched = .output, typing: [Typing] = []
  ) async throws -> TerminalResult {
    let terminal = try PseudoTerminal()
    if let columns { terminal.resize(columns: columns) }
    let emulator = ScreenEmulator(columns: columns ?? .max)
    let screen = Screen(typing: typing, terminal: terminal, emulator: watching == .screen ? emulator : nil)
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
    var bytes: [UInt8] = []
    var text = ""
    var typing: ArraySlice<Command.Typing>
    /// Where the next prompt is looked for in the text.
    var offset = 0
    var emulator: ScreenEmulator?
    /// How much of the text the emulator has.
    var emulated = 0

    /// Goes behind the prompt if it is shown.
    mutating func find(_ prompt: String) -> Bool {
      if let found = emulator?.find(prompt) { return found }
      guard let found = text.dropFirst(offset).firstRange(of: prompt) else { return false }
      offset = text.distance(from: text.startIndex, to: found.upperBound)
      return true
    }

    /// A character or a control sequence may come in parts: the emulator gets whole ones.
    mutating func emulate() {
      guard emulator != nil, let added = String(validating: bytes[emulated...], as: UTF8.self) else { return }
      if added.contains(/\x1B(\[[0-9;?]*)?$/) { return }
      emulated = bytes.count
      emulator?.write(added)
    }
  }

  private let state: Mutex<State>
  private let terminal: PseudoTerminal

  /// - Parameter emulator: of the screen, when that is where prompts are looked for.
  init(typing: [Command.Typing], terminal: PseudoTerminal, emulator: ScreenEmulator?) {
    state = Mutex(State(typing: typing[...], emulator: emulator))
    self.terminal = terminal
  }

  var text: String { state.withLock { $0.text.replacing("\r\n", with: "\n") } }

  /// - Returns: the signals that the command is to be sent.
  func show(_ bytes: [UInt8]) -> [Signal] {
    let actions: [Command.Typing.Action] = state.withLock { state in
      // A character may come in two halves.
      state.bytes += bytes
      state.text = String(decoding: state.bytes, as: UTF8.self)
      state.emulate()
      var actions: [Command.Typing.Action] = []
      while let next = state.typing.first, state.find(next.prompt) {
        state.typing.removeFirst()
        if case .resize(let columns) = next.action { state.emulator?.resize(columns: columns) }
        actions.append(next.action)
      }
      return actions
    }
    return actions.compactMap { action in
      switch action {
      case .type(let text): terminal.type(text)
      case .resize(let columns): terminal.resize(columns: columns)
      case .send(let signal): return signal
      case .wait(let doing, let text):
        // The thread that reads the terminal is its own, and may be held up.
        let done = DispatchSemaphore(value: 0)
        Task {
          await doing()
          done.signal()
        }
        done.wait()
        terminal.type(text)
      }
      return nil
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

  func resize(columns: Int) {
    var size = winsize(ws_row: 24, ws_col: UInt16(columns), ws_xpixel: 0, ws_ypixel: 0)
    _ = ioctl(master, UInt(TIOCSWINSZ), &size)
  }

  func type(_ text: String) {
    let bytes = Array(text.utf8)
    _ = bytes.withUnsafeBytes { write(master, $0.baseAddress, $0.count) }
  }

  /// Gives what is shown until nobody has the other end open any more; on a thread of its own, for it waits all along.
  func read(_ show: @escaping @Sendable ([UInt8]) -> Void) async {
    let master = master
    await withCheckedContinuation { continuation in
      Thread.detachNewThread {
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
          let count = Glibc.read(master, &buffer, buffer.count)
          if count < 0, errno == EINTR { continue }
          // EIO: the other end is closed.
          guard count > 0 else { break }
          show(Array(buffer[..<count]))
        }
        continuation.resume()
      }
    }
  }
}
