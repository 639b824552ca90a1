internal import GatewayAPI
internal import PlaybookPackages

/// Shows what would become of packages, and asks for what needs a person's yes.
struct PackageReview {
  let settings: Settings
  let style: Style
  let options: PackageChangeOptions

  /// The changes, all of them accepted.
  ///
  /// - Throws: `PackageError` of kind `refused`; `CancellationError`.
  func accepted(_ changes: [PackageChange]) async throws -> [PackageChange] {
    let changes = changes.map { change in
      var change = change
      change.deny { permission in
        let located = permission.located(in: settings.project)
        return settings.permissions.denied.contains { $0.includes(located) || located.includes($0) }
      }
      return change
    }
    let real = changes.filter(\.isChange)
    guard !real.isEmpty else { return changes }
    let questions = Questions(about: real, settings, options)
    if !settings.isQuiet || !questions.isEmpty {
      StandardStream.error.write(PackageChangeText(style: style).text(of: real, showsCode: !questions.code.isEmpty))
    }
    for change in questions.signers { try await askForSigner(change) }
    try await ask(questions, real)
    return changes
  }

  /// What a person has to say yes to, or a flag. Each has a flag of its own.
  private struct Questions {
    let signers: [PackageChange]
    let permissions: [PackageChange]
    /// Code in the place of other, and packages that go.
    let code: [PackageChange]

    init(about changes: [PackageChange], _ settings: Settings, _ options: PackageChangeOptions) {
      signers = options.acceptSigner ? [] : changes.filter(\.changesSigner)
      permissions = options.acceptPermissions ? [] : changes.filter { !$0.newPermissions.isEmpty }
      code = settings.saysYes ? [] : changes.filter { $0.changesCode || $0.after == nil }
    }

    var isEmpty: Bool { signers.isEmpty && permissions.isEmpty && code.isEmpty }
  }

  private func askForSigner(_ change: PackageChange) async throws {
    let now = change.signature.description
    let message = "\(change.name) was signed by \(change.before?.signer?.description ?? "nobody"), and is \(now) now"
    guard canAsk else { throw refusal(message, "--accept-signer takes it all the same") }
    guard try await isYes("  \(message).\n  Take it all the same? [y/N] ") else { throw declined }
  }

  private func ask(_ questions: Questions, _ changes: [PackageChange]) async throws {
    let (wanting, code) = (questions.permissions, questions.code)
    guard !wanting.isEmpty || !code.isEmpty else { return }
    guard canAsk else {
      var texts = wanting.map { "\($0.name) wants \($0.newPermissions.map(\.description).joined(separator: ", "))" }
      texts += code.map { $0.after == nil ? "\($0.name) goes" : "the code of \($0.name) is new" }
      var hints: [String] = []
      if !code.isEmpty { hints.append("--yes takes it") }
      if !wanting.isEmpty {
        hints.append("--accept-permissions grants it; --deny PERMISSION withholds some of it")
      }
      throw refusal("nobody was asked: " + texts.joined(separator: "; "), hints.joined(separator: "; "))
    }
    let names = wanting.map(\.name.description).joined(separator: ", ")
    let question =
      wanting.isEmpty
      ? "Take it?" : code.isEmpty ? "Grant \(names) what is new?" : "Take it, and grant \(names) what is new?"
    guard try await isAccepted("  " + question, changes) else { throw declined }
  }

  /// Asks until the answer is yes or no; whoever wants sees the code first.
  private func isAccepted(_ question: String, _ changes: [PackageChange]) async throws -> Bool {
    while true {
      switch try await Prompt.line("\(question) [y]es, [d]ifference, [N]o ")?.lowercased() {
      case "y", "yes": return true
      case "d", "difference":
        StandardStream.error.write(changes.map(\.difference.unifiedText).joined())
      default: return false
      }
    }
  }

  private func isYes(_ question: String) async throws -> Bool {
    ["y", "yes"].contains(try await Prompt.line(question)?.lowercased())
  }

  private var canAsk: Bool { !settings.asksNobody && Prompt.isPossible }

  private var declined: PackageError { PackageError(.refused, "the answer was no", hint: "nothing was changed") }

  private func refusal(_ message: String, _ hint: String) -> PackageError {
    PackageError(.refused, message, hint: "nothing was changed; \(hint)")
  }
}
