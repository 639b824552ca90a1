internal import GatewayAPI
internal import GatewayClient
internal import GatewayCredentials
internal import GatewaySigning
internal import GatewayTransport

/// What `doctor` finds of the gateway: its credential, and over the network its address, the clock, and whether the
/// credential is accepted.
struct GatewayChecks: Sendable {
  let settings: Settings
  let isOffline: Bool
  /// The longest for one check, so that a dead network costs seconds.
  let limit: Duration

  /// - Returns: the checks, and the credential's report when there is one.
  func all() async -> (checks: [Check], credential: CredentialReport?) {
    guard settings.gatewayName != GatewayProfile.localName else {
      return ([.fine("gateway", "local: it starts with a run, and needs no credential")], nil)
    }
    let entry: GatewayProfile
    do { entry = try settings.gateway(named: settings.gatewayName) } catch { return ([.failed("gateway", error)], nil) }
    let resolution = GatewayResolution(settings: settings, entry: entry, isOffline: isOffline)
    let credential: ResolvedCredential
    do { credential = try await resolution.credential() } catch {
      let network = await reach(resolution, nil)
      return ([.failed("credential", error)] + network, nil)
    }
    var checks = [Check.fine("credential", "\(credential.title), from \(credential.source)")]
    checks += credential.warnings.map { .warning("permissions", $0, hint: nil) }
    checks += await reach(resolution, credential)
    checks.append(await signedCall(resolution, credential, isReachable: !checks.contains { $0.outcome == .failed }))
    return (checks, CredentialReport(settings, entry, credential))
  }

  // MARK: - Over the network

  /// Whether anything answers there: the certificate and the clock can be judged without a credential.
  private func reach(_ resolution: GatewayResolution, _ credential: ResolvedCredential?) async -> [Check] {
    let address: String
    do { address = try resolution.endpoint(credential).value } catch { return [.failed("endpoint", error)] }
    guard !isOffline else { return [.skipped("endpoint", "\(address), not asked: --offline")] }
    do {
      let endpoint = try Endpoint(address)
      let transport = try HTTPTransport(self.transport())
      let result: Result<GatewayResponse, any Error>
      let request = SignableRequest(method: "GET", path: "/", headers: [("Host", endpoint.hostHeader)])
      do { result = .success(try await transport.send(request, to: endpoint)) } catch { result = .failure(error) }
      await transport.shutdown()
      let response = try result.get()
      let isEncrypted = address.lowercased().hasPrefix("https:")
      return [
        .fine("endpoint", "\(address) answers\(isEncrypted ? ", and its certificate is valid" : "")"),
        Self.clock(response.headers["date"]),
      ]
    } catch let failure as TransportFailure {
      return [.failed("endpoint", failure.gatewayError(url: address, isWrite: false))]
    } catch {
      return [.failed("endpoint", error)]
    }
  }

  /// A signature holds only when both clocks agree to a quarter of an hour.
  static func clock(_ header: String?, now: Timestamp = .now()) -> Check {
    guard let header, let theirs = Timestamp(httpDate: header) else {
      return .skipped("clock", "the gateway does not say what time it is")
    }
    let seconds = now.seconds - theirs.seconds
    let words = "this machine's clock is \(abs(seconds)) s \(seconds < 0 ? "behind" : "ahead of") the gateway's"
    let hint = "set the clock: timedatectl set-ntp true"
    switch abs(seconds) {
    case ...60: return .fine("clock", "it agrees with the gateway's to a minute")
    case ...600: return .warning("clock", words, hint: hint)
    default:
      return Check(
        name: "clock", outcome: .failed, detail: "\(words); at 900 s every signature is refused", hint: hint,
        status: .credentials)
    }
  }

  /// Lists the gateways: changes nothing, and shows that credential, project and address belong together.
  private func signedCall(
    _ resolution: GatewayResolution, _ credential: ResolvedCredential, isReachable: Bool
  ) async -> Check {
    let name = "signed call"
    guard !isOffline else { return .skipped(name, "not tried: --offline") }
    guard isReachable else { return .skipped(name, "not tried: the above comes first") }
    do {
      return try await withThrowingTaskGroup(of: Check.self) { group in
        group.addTask { try await call(resolution, credential) }
        group.addTask {
          try await Task.sleep(for: limit)
          throw GatewayError(
            kind: .timeout, message: "the gateway did not answer within \(limit)", hint: "is it overloaded?")
        }
        defer { group.cancelAll() }
        guard let check = try await group.next() else { throw CancellationError() }
        return check
      }
    } catch {
      return .failed(name, error)
    }
  }

  private func call(_ resolution: GatewayResolution, _ credential: ResolvedCredential) async throws -> Check {
    var client = try await resolution.configuration(with: credential)
    client.transport = try transport()
    client.retries.maximumTries = 1
    let gateway = try GatewayClient(configuration: client)
    var listing = ListGateways()
    listing.limit = 1
    let result: Result<Page<GatewayInstance>, any Error>
    do { result = .success(try await gateway.perform(listing)) } catch { result = .failure(error) }
    await gateway.shutdown()
    let total = try result.get().total
    return .fine("signed call", "accepted; the project has \(total) gateway\(total == 1 ? "" : "s")")
  }

  private func transport() throws -> HTTPTransportConfiguration {
    var configuration = try settings.transport()
    configuration.connectTimeout = limit
    configuration.requestTimeout = limit
    return configuration
  }
}
