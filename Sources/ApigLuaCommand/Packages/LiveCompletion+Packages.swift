internal import ArgumentParser
internal import PlaybookPackages

extension LiveCompletion {
  /// The packages that are locked. Their names are plain words, which no shell takes for anything else.
  static let packages = CompletionKind.custom { _, _, _ in
    let home = PackageHome.project(ConfigurationFile.projectFolder(from: ProcessFacts.current.folder))
    return (try? home.readLock())?.packages.map(\.name.description) ?? []
  }
}
