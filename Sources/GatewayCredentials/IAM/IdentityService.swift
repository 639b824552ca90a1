public import GatewayAPI
public import GatewaySigning
public import GatewayTransport

/// IAM: issues tokens and temporary keys, and knows the projects.
public struct IdentityService: Sendable {
  /// How long a temporary key of an agency is asked for, in seconds.
  static let keyLifetime: Int64 = 3600

  /// Its address: `https://iam.cn-north-4.myhuaweicloud.com`.
  public let endpoint: String
  private let configuration: HTTPTransportConfiguration
  private let now: @Sendable () -> Timestamp

  /// - Parameters:
  ///   - endpoint: with or without the `/v3` that other tools want at its end.
  ///   - transport: how it is connected to.
  public init(
    endpoint: String, transport: HTTPTransportConfiguration = HTTPTransportConfiguration(),
    now: @escaping @Sendable () -> Timestamp = { Timestamp.now() }
  ) {
    let trimmed = endpoint.hasSuffix("/") ? String(endpoint.dropLast()) : endpoint
    self.endpoint = trimmed.hasSuffix("/v3") ? String(trimmed.dropLast(3)) : trimmed
    configuration = transport
    self.now = now
  }

  /// A token for a user and password.
  ///
  /// - Throws: `GatewayError`: of kind `unauthenticated` when IAM refuses; `CancellationError`.
  public func token(_ login: PasswordLogin, scope: TokenScope?) async throws -> IssuedCredential {
    let wish = "a token for user \(login.user.title)"
    return try await token(IdentityRequests.token(login, scope: scope), as: .none, wish)
  }

  /// A token with an agency's rights.
  ///
  /// - Parameter proof: a token of a user who may assume it.
  /// - Throws: as ``token(_:scope:)``.
  public func token(_ agency: Agency, scope: TokenScope?, proof: GatewayAuthentication) async throws
    -> IssuedCredential
  {
    try await token(IdentityRequests.token(agency, scope: scope), as: proof, Self.wish(agency, "a token"))
  }

  /// A temporary access key with an agency's rights.
  ///
  /// - Throws: as ``token(_:scope:)``.
  public func temporaryKey(_ agency: Agency, proof: GatewayAuthentication) async throws -> IssuedCredential {
    let wish = Self.wish(agency, "a temporary access key")
    let body = IdentityRequests.temporaryKey(agency, seconds: Self.keyLifetime)
    let response = try await send("POST", "/v3.0/OS-CREDENTIAL/securitytokens", body: body, as: proof, wish)
    guard let issued = IssuedCredential(temporaryKey: response.body) else { throw unreadable(response, wish) }
    return issued
  }

  /// The projects of a name that the sender may see.
  ///
  /// - Returns: their IDs.
  /// - Throws: as ``token(_:scope:)``.
  public func projects(named name: String, as proof: GatewayAuthentication) async throws -> [String] {
    let wish = "the project of \(name)"
    let response = try await send("GET", "/v3/projects", query: [("name", name)], as: proof, wish)
    guard let projects = (try? Document(json: response.body))?["projects"]?.arrayValue else {
      throw unreadable(response, wish)
    }
    return projects.filter { $0["name"]?.stringValue == name }.compactMap { $0["id"]?.stringValue }
  }

  // MARK: - Requests and answers

  private static func wish(_ agency: Agency, _ what: String) -> String {
    "\(what) of agency \(agency.name) of \(agency.domain.title)"
  }

  private func token(_ body: Document, as proof: GatewayAuthentication, _ wish: String) async throws
    -> IssuedCredential
  {
    let response = try await send(
      "POST", "/v3/auth/tokens", query: [("nocatalog", "true")], body: body, as: proof, wish)
    guard let token = response.headers["x-subject-token"], !token.isEmpty,
      let end = (try? Document(json: response.body))?["token"]?["expires_at"]?.stringValue.flatMap({ Timestamp($0) })
    else { throw unreadable(response, wish) }
    return IssuedCredential(authentication: .token(token), expiresAt: end)
  }

  private func send(
    _ method: String, _ path: String, query: [(name: String, value: String)] = [], body: Document? = nil,
    as proof: GatewayAuthentication, _ wish: String
  ) async throws -> GatewayResponse {
    let endpoint = try Endpoint(endpoint)
    var request = SignableRequest(
      method: method, path: path, query: query,
      headers: [
        ("Host", endpoint.hostHeader), ("User-Agent", "apig-lua"), ("Content-Type", "application/json;charset=UTF-8"),
      ], body: body?.json ?? [])
    switch proof {
    case .none: break
    case .token(let token): request.headers.append(("X-Auth-Token", token))
    case .accessKey(let credential):
      RequestSigner(credential: credential).sign(
        &request, at: SigningDate(secondsSince1970: now().seconds))
    }
    let response = try await exchange(request, endpoint, wish)
    guard (200..<300).contains(response.status) else { throw refusal(response, wish) }
    return response
  }

  /// IAM is asked once in hours: the connection is let go with the answer.
  private func exchange(_ request: SignableRequest, _ endpoint: Endpoint, _ wish: String) async throws
    -> GatewayResponse
  {
    let transport = try HTTPTransport(configuration)
    let result: Result<GatewayResponse, any Error>
    do { result = .success(try await transport.send(request, to: endpoint)) } catch { result = .failure(error) }
    await transport.shutdown()
    do {
      return try result.get()
    } catch let failure as TransportFailure {
      let cause = failure.gatewayError(url: endpoint.base, isWrite: false)
      throw GatewayError(
        kind: cause.kind, message: "IAM gave no \(Self.noun(wish)): \(cause.message)",
        hint: "check 'region' or 'iam_endpoint', and the network")
    }
  }

  private func refusal(_ response: GatewayResponse, _ wish: String) -> GatewayError {
    let document = try? Document(json: response.body)
    let text =
      document?["error"]?["message"]?.stringValue ?? document?["error_msg"]?.stringValue
      ?? document?["message"]?.stringValue
    let kind: GatewayError.Kind
    switch response.status {
    case 429: kind = .throttled
    case 400..<500: kind = .unauthenticated
    default: kind = .unavailable
    }
    return GatewayError(
      kind: kind,
      message: "IAM at \(endpoint) gave no \(Self.noun(wish)): HTTP \(response.status)"
        + (text.map { ", \($0)" } ?? ""),
      hint: kind == .unauthenticated ? "apig-lua profile show tells which credential is used, and why" : nil,
      status: response.status, requestID: response.requestID)
  }

  private func unreadable(_ response: GatewayResponse, _ wish: String) -> GatewayError {
    // The body may hold half a credential: it is not quoted.
    GatewayError(
      kind: .unavailable, message: "what \(endpoint) answered to the request for \(wish) cannot be read",
      hint: "is this the address of IAM? something in between may have answered", status: response.status,
      requestID: response.requestID)
  }

  /// "a token for …" as it follows "no".
  private static func noun(_ wish: String) -> Substring {
    wish.drop { $0 != " " }.dropFirst()
  }
}
