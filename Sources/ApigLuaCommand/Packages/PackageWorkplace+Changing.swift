internal import PlaybookPackages

extension PackageWorkplace {
  /// Finds out what would change, has it accepted, does it and tells of it.
  ///
  /// - Parameters:
  ///   - isReview: whether it is only shown.
  /// - Throws: `PackageError`; ``UsageError``; `CancellationError`.
  func changing(
    _ settings: Settings, _ style: Style, _ options: PackageChangeOptions,
    isReview: Bool = false, _ find: (PackageLock) async throws -> [PackageChange]
  ) async throws {
    if isReview { return try await show(try await find(try home.readLock()), settings, style) }
    try settings.refuseLocked()
    let held = try manager.store.holdExclusively()
    defer { held.release() }
    let lock = try home.readLock()
    let found = try await find(lock)
    let review = PackageReview(settings: settings, style: style, options: options)
    let changes = try await review.accepted(found)
    try manager.apply(changes, to: lock)
    try await CommandResult(changes).write(settings) { changes.summary }
    if settings.output == .table, !settings.isQuiet, !changes.contains(where: \.isChange) {
      StandardStream.error.write("\(style.good) nothing changes: the lock has it already\n")
    }
  }

  private func show(_ changes: [PackageChange], _ settings: Settings, _ style: Style) async throws {
    let real = changes.filter(\.isChange)
    try await CommandResult(real, showsCode: true).write(settings) {
      let style = Style(settings.color, variables: settings.variables, stream: .output)
      return PackageChangeText(style: style).text(of: real, showsCode: false)
        + real.map(\.difference.unifiedText).joined()
    }
    guard settings.output == .table, !settings.isQuiet else { return }
    StandardStream.error.write(real.isEmpty ? "\(style.good) nothing would change\n" : "nothing was changed\n")
  }
}

extension Settings {
  /// - Throws: ``UsageError`` for a command that is there to change the lock, and told to leave it.
  func refuseLocked() throws {
    guard takesLockAsItIs else { return }
    throw UsageError(
      message: "--locked keeps apig.lock as it is, and this changes it",
      hint: "leave --locked away; apig-lua pkg install --locked installs what is locked")
  }
}
