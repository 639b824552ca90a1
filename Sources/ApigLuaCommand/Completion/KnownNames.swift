internal import Foundation
internal import GatewayAPI
internal import GatewayCredentials
internal import ReleaseEngine

/// The names of what a gateway holds, for the shell's completion: read when they are not fresh, and kept for a while.
///
/// Who presses the tab key waits for one short request at most, and is told nothing of failures.
struct KnownNames: Sendable {
  /// How long names are good, in seconds.
  private static let life: Int64 = 60

  private let settings: Settings

  /// - Parameter words: the command line so far; its gateway and profile count.
  init?(_ words: [String]) {
    let process = ProcessFacts.current
    var options = EngineOptions()
    options.timeout = DurationArgument(.seconds(2))
    options.retries = 1
    options.quiet = true
    options.gateway = words.value(of: "--gateway")
    options.profile = words.value(of: "--profile")
    guard let settings = try? Settings(options, variables: process.variables, folder: process.folder) else {
      return nil
    }
    self.settings = settings
  }

  /// The gateways that commands can name.
  var gateways: [String] { Set(settings.gateways.keys).union([GatewayProfile.localName]).sorted() }

  /// The profiles of every file.
  var profiles: [String] { ((try? settings.credentialChain(for: nil).list().entries) ?? []).map(\.name) }

  /// The names of environments, groups or APIs.
  func names(of kind: ResourceKind) async -> [String] {
    let file = cacheFile(kind)
    let kept = file.flatMap(Self.kept)
    let now = Timestamp.now().seconds
    if let kept, (0..<Self.life).contains(now - kept.time) { return kept.names }
    guard let read = try? await read(kind) else { return kept?.names ?? [] }
    if let file { Self.keep(read, at: now, in: file) }
    return read
  }

  private func read(_ kind: ResourceKind) async throws -> [String] {
    try await withReadingGateways(settings) { open in
      let run = try await open(nil)
      return switch kind {
      case .environment: try await Self.page(ListEnvironments(), of: run) { $0.name }
      case .group: try await Self.page(ListGroups(), of: run) { $0.name }
      case .api: try await Self.page(ListAPIs(), of: run) { $0.name }
      case .version: []
      }
    }
  }

  /// One page is more than anybody chooses from.
  private static func page<List: PagedOperation>(
    _ list: List, of run: ReleaseRun, _ name: (List.Element) -> String?
  ) async throws -> [String] {
    var list = list
    list.limit = maximumPageSize
    return try await run.perform(list).items.compactMap(name).sorted()
  }

  // MARK: - What is kept

  /// A file for each gateway, as it is configured now: nil where there is no folder for it.
  private func cacheFile(_ kind: ResourceKind) -> URL? {
    let gateway = [
      settings.gatewayName, settings.profile?.name ?? "",
      "\(settings.gateways[settings.gatewayName].map { "\($0)" } ?? "")",
    ]
    let digest = ContentDigest.hex(Array(gateway.joined(separator: "\n").utf8)).prefix(32)
    return (try? settings.variables.folder("XDG_CACHE_HOME", default: ".cache")).map {
      URL(filePath: $0).appending(path: "names/\(digest)-\(kind.rawValue).json")
    }
  }

  private static func kept(_ file: URL) -> (time: Int64, names: [String])? {
    guard let bytes = try? Data(contentsOf: file), let document = try? Document(json: Array(bytes)),
      let time = document["time"]?.integerValue, let names = document["names"]?.arrayValue
    else { return nil }
    return (Int64(time), names.compactMap(\.stringValue))
  }

  private static func keep(_ names: [String], at time: Int64, in file: URL) {
    let document: Document = ["time": .integer(time), "names": .array(names.map(Document.string))]
    try? FileManager.default.createDirectory(
      at: file.deletingLastPathComponent(), withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    try? Data(document.json).write(to: file, options: .atomic)
  }
}

extension [String] {
  /// What stands behind an option, or with it: `--gateway prod`, `--gateway=prod`.
  func value(of option: String) -> String? {
    for (index, word) in enumerated() {
      if word == option, indices.contains(index + 1) { return self[index + 1].withoutQuotes }
      if word.hasPrefix(option + "=") { return String(word.dropFirst(option.count + 1)).withoutQuotes }
    }
    return nil
  }
}

extension String {
  /// A word of a shell without the quotes around it.
  var withoutQuotes: String {
    guard count > 1, let first, first == last, first == "'" || first == "\"" else { return self }
    return String(dropFirst().dropLast())
  }
}
