internal import ArgumentParser
internal import LocalGateway

/// `apig-lua local fault`: what shall go wrong.
struct LocalFaultCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fault", abstract: "Makes the local gateway fail: adds, lists or clears fault rules.",
    discussion: """
      apig-lua local fault 'publish: 429 retry-after=2 times=5' '*: latency=200ms'
      apig-lua local fault 'publish: 500 after-apply p=0.05' 'history: drop'
      apig-lua local fault 'probe /healthz: 502 from=3' 'rate 50/s' 'export: cut=100'

      A rule names an operation (also import, token, and * for all) or calls of
      published APIs (probe [PATH]); one effect: a status, drop, cut=BYTES,
      stale=DURATION, token-expired or latency=DURATION; and when: times=N, from=N,
      p=SHARE, seed=N, api=NAME, after-apply. A status takes retry-after=SECONDS,
      code=CODE, body=TEXT and html.

      The rules go to the gateway that 'local start' runs; when none runs, into the
      data file, where the gateway inside a script's run finds them. They hold until
      --clear.
      """)

  @Argument(help: ArgumentHelp("Rules to add, behind those that are there.", valueName: "rule"))
  var rules: [String] = []

  @Flag(help: "Removes all rules first.")
  var clear = false

  @Flag(help: "Lists the rules with the requests they saw, and how often they fired.")
  var list = false

  @Option(help: ArgumentHelp("A local gateway that runs.", valueName: "url"))
  var url: String?

  @OptionGroup var local: LocalDataOptions

  func validate() throws {
    guard url == nil || local.data == nil else { throw ValidationError("--url and --data exclude each other") }
  }

  func run() async throws {
    try await onLocalGateway { variables, style in
      let added = try rules.map(FaultRule.init(_:))
      let (desk, place) = try await desk(variables)
      if clear { try await desk.clear() }
      if !added.isEmpty { try await desk.add(added) }
      let entries = try await desk.entries()
      if clear || !added.isEmpty {
        let held =
          entries.isEmpty ? "no fault holds" : "\(entries.count) fault\(entries.count == 1 ? " holds" : "s hold")"
        StandardStream.error.write("\(style.good) \(held) in \(place)\n")
      }
      if list || (rules.isEmpty && !clear) { show(entries, place) }
    }
  }

  private func desk(_ variables: EnvironmentVariables) async throws -> (FaultDesk, place: String) {
    if let url { return (.running(url: url), url) }
    if let data = local.data { return (.file(FaultFile(dataFile: data)), data) }
    let path = try local.path(variables)
    if let running = try LocalGatewayRecord.current(variables) {
      let desk = FaultDesk.running(url: running.url)
      do {
        _ = try await desk.entries()
        return (desk, running.url)
      } catch let error as UnreachableGateway where error.isAbsent {
        // It was killed, and its number is another process's by now.
        StandardStream.error.write("warning: nobody listens at \(running.url) any more; the data file is meant\n")
      }
    }
    return (.file(FaultFile(dataFile: path)), path)
  }

  private func show(_ entries: [FaultDesk.Entry], _ place: String) {
    guard !entries.isEmpty else {
      StandardStream.error.write("no fault holds in \(place)\n")
      return
    }
    let rows = entries.map { ["\($0.matched)", "\($0.fired)", $0.rule] }
    StandardStream.output.write(TextTable(columns: ["matched", "fired", "rule"], rows: rows, indent: "").text)
  }
}
