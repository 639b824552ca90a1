internal import ArgumentParser

/// What `api publish` and `api offline` have in common: which APIs, and why.
struct ReleaseOptions: ParsableArguments {
  @OptionGroup var selection: SelectionOptions

  @Option(help: ArgumentHelp("Why: shown in the history, at most 255 characters.", valueName: "text"))
  var remark: String?

  @Argument(help: ArgumentHelp("The APIs, by name or ID.", valueName: "api"), completion: LiveCompletion.apis)
  var apis: [String] = []

  func validate() throws {
    guard apis.isEmpty == !selection.isEmpty else {
      throw ValidationError(
        apis.isEmpty
          ? "name APIs, or select some with --group, --tag, --name or --changed-in"
          : "named APIs and --group, --tag, --name or --changed-in exclude each other")
    }
    if let name = apis.first(where: { $0.isEmpty || $0.contains(",") }) {
      throw ValidationError("'\(name)' is the name of no API")
    }
  }

  /// - Throws: ``UsageError`` for a narrowing of what is not selected.
  func refuseNarrowing(_ options: EngineOptions) throws {
    guard !apis.isEmpty else { return }
    try options.refuseNarrowing(hint: "select the APIs with --group, --tag or --name")
  }
}

extension EngineOptions {
  /// Refuses `--only`, `--skip` and `--only-failed-of` where nothing is selected, rather than do more than was asked.
  ///
  /// - Throws: ``UsageError``.
  func refuseNarrowing(hint: String) throws {
    guard !only.isEmpty || !skip.isEmpty || onlyFailedOf != nil else { return }
    throw UsageError(
      message: "--only, --skip and --only-failed-of narrow a selection, and here the APIs are named", hint: hint)
  }
}
