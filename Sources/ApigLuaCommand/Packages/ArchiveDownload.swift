internal import Foundation
internal import GatewayAPI
internal import GatewayTransport
internal import PlaybookPackages

/// Gets archives of packages over HTTPS, as gateways are reached: proxies, certificate authorities, time-outs.
struct ArchiveDownload: Sendable {
  private static let maximumRedirects = 5
  private static let timeout = Duration.seconds(120)

  let settings: Settings

  /// - Throws: `PackageError` of kind `unavailable`; ``ConfigurationError``; `CancellationError`.
  func get(_ url: String, limit: Int) async throws -> [UInt8] {
    let transport = try settings.transport()
    let client: WebClient
    do throws(GatewayError) {
      client = try WebClient(transport, maximumBodyBytes: limit)
    } catch {
      throw ConfigurationError(message: error.message, hint: error.hint)
    }
    let result: Result<[UInt8], any Error>
    do { result = .success(try await get(url, client)) } catch { result = .failure(error) }
    await client.shutdown()
    return try result.get()
  }

  /// Hosts of archives send from one server to another; the lock says what must arrive in the end.
  private func get(_ url: String, _ client: WebClient) async throws -> [UInt8] {
    var address = url
    for _ in 0...Self.maximumRedirects {
      guard WebOrigin(of: address)?.isSecure ?? false else {
        throw PackageError(.unavailable, place: url, "it is redirected to '\(address.shownURL)', which is no https")
      }
      let answer: WebAnswer
      do {
        answer = try await client.send(WebRequest(url: address, timeout: Self.timeout))
      } catch let error as GatewayError {
        throw PackageError(.unavailable, place: url, error.message, hint: error.hint)
      }
      switch answer.status {
      case 200: return answer.body
      case 301, 302, 303, 307, 308:
        guard let location = answer.headers["location"],
          let target = URL(string: location, relativeTo: URL(string: address))?.absoluteString
        else { throw PackageError(.unavailable, place: url, "it is redirected to nowhere") }
        address = target
      default: throw PackageError(.unavailable, place: url, "the server answers with status \(answer.status)")
      }
    }
    throw PackageError(.unavailable, place: url, "it is redirected more than \(Self.maximumRedirects) times")
  }
}
