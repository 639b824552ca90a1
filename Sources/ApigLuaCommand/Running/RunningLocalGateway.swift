internal import LocalGateway

/// The local gateway inside this process.
struct RunningLocalGateway: Sendable {
  let url: String
  /// What tells its data from all others'.
  let identity: String
  /// nil for one that somebody else starts and stops.
  private let task: Task<Void, any Error>?

  /// The same for who must not stop it.
  var lent: RunningLocalGateway { RunningLocalGateway(url: url, identity: identity, task: nil) }

  /// Starts it on a free port, on the user's data file.
  ///
  /// - Throws: ``ConfigurationError`` when its data cannot be opened.
  static func start(_ settings: Settings) async throws -> RunningLocalGateway {
    let path = try dataFile(settings.variables)
    return try await start(LocalGatewayConfiguration(storage: .file(path)), identity: path)
  }

  /// Starts one of any kind.
  ///
  /// - Parameter identity: what tells its data from all others'.
  /// - Throws: ``ConfigurationError`` when it cannot start.
  static func start(
    _ configuration: LocalGatewayConfiguration, identity: String
  ) async throws -> RunningLocalGateway {
    let gateway = LocalGateway(configuration: configuration)
    let (urls, continuation) = AsyncStream.makeStream(of: String.self)
    // Unstructured: it outlives the call that needed it first, and ends with `stop`.
    let task = Task {
      defer { continuation.finish() }
      try await gateway.run { continuation.yield($0) }
    }
    for await url in urls { return RunningLocalGateway(url: url, identity: identity, task: task) }
    if case .failure(let error) = await task.result { throw ConfigurationError(error) }
    throw CancellationError()
  }

  func stop() async {
    task?.cancel()
    _ = await task?.result
  }

  /// Where the local gateway keeps its data between runs.
  static func dataFile(_ variables: EnvironmentVariables) throws -> String {
    try variables.folder("XDG_DATA_HOME", default: ".local/share") + "/local-gateway.db"
  }
}

extension ConfigurationError {
  /// Why the local gateway does not start, and what to do about it.
  init(_ error: any Error) {
    message = "the local gateway cannot start: \(error)"
    switch (error as? LocalGatewayError)?.code {
    case .data?: hint = "apig-lua local reset makes its data anew; XDG_DATA_HOME moves it"
    case .address?: hint = "--port 0 takes any free one"
    default: hint = nil
    }
  }
}
