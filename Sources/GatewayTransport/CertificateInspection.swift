internal import GatewayAPI
internal import Glibc
internal import NIOCore
internal import NIOPosix
internal import NIOSSL
internal import Synchronization

/// Looks at a certificate that was refused, to say what is wrong with it: the TLS library tells only that it does not
/// verify. Nothing is sent but the beginning of a handshake.
struct CertificateInspection: Sendable {
  private let endpoint: Endpoint
  private let timeout: Duration

  init(of endpoint: Endpoint, within timeout: Duration) {
    self.endpoint = endpoint
    self.timeout = timeout
  }

  /// What is wrong; nil when it cannot be seen.
  func finding() async -> String? {
    let certificate = Mutex<NIOSSLCertificate?>(nil)
    await look { certificates in certificate.withLock { $0 = certificates.first } }
    guard let certificate = certificate.withLock(\.self) else { return nil }
    let now = time(nil)
    if certificate.notValidAfter < now {
      return "it expired on \(Self.day(certificate.notValidAfter))"
    }
    if certificate.notValidBefore > now {
      return "it is not valid before \(Self.day(certificate.notValidBefore)); is this machine's clock right?"
    }
    return nil
  }

  private func look(_ keep: @escaping @Sendable ([NIOSSLCertificate]) -> Void) async {
    let host = endpoint.host
    let connecting = ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .connectTimeout(TimeAmount(timeout))
      .channelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          let handler = try NIOSSLClientHandler(
            context: NIOSSLContext(configuration: .makeClientConfiguration()), serverHostname: host.asServerName,
            customVerificationCallback: { certificates, promise in
              keep(certificates)
              promise.succeed(.failed)
            })
          try channel.pipeline.syncOperations.addHandler(handler)
        }
      }
      .connect(host: host, port: endpoint.port)
    guard let channel = try? await connecting.get() else { return }
    // The handshake ends with the callback's refusal, which closes the channel.
    let limit = channel.eventLoop.scheduleTask(in: TimeAmount(timeout)) { channel.close(promise: nil) }
    try? await channel.closeFuture.get()
    limit.cancel()
  }

  private static func day(_ moment: time_t) -> String { String(Timestamp(seconds: Int64(moment)).text.prefix(10)) }
}

extension String {
  /// TLS names hosts, not addresses.
  fileprivate var asServerName: String? {
    (try? SocketAddress(ipAddress: self, port: 0)) == nil ? self : nil
  }
}
