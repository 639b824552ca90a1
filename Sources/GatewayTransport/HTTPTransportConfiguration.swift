public import Logging

/// How connections are made and how long things may take.
///
/// Over TLS the transport offers HTTP/2 and HTTP/1.1. With HTTP/1.1 it keeps connections alive and makes at most
/// ``maximumConnections`` to one host; with HTTP/2 all requests share one connection, as many at once as the other
/// side allows.
public struct HTTPTransportConfiguration: Sendable {
  /// Longest time until a connection stands: name look-up, proxy and TLS included.
  public var connectTimeout: Duration = .seconds(10)
  /// Longest silence of the other side: before its answer begins, and between two parts of it. Without effect unless
  /// it is shorter than ``requestTimeout``.
  public var silenceTimeout: Duration = .seconds(30)
  /// Longest time for one request, from the moment it is sent to the last byte of its answer.
  public var requestTimeout: Duration = .seconds(30)
  /// Largest answer, in bytes. What goes beyond is not read. The headers of an answer are bounded, too: 80 KiB each,
  /// 256 of them.
  public var maximumBodyBytes = 64 << 20
  /// The most HTTP/1.1 connections to one host.
  public var maximumConnections = 8
  /// PEM file of certificate authorities to trust instead of the system's.
  public var trustRootsFile: String?
  /// Folders of such files, to trust instead of the system's.
  public var trustRootsFolders: [String] = []
  public var proxies = ProxySettings()
  /// The trace that requests belong to; nil for none.
  public var traceContext: TraceContext?
  /// Hears of each request and its answer at level `trace`, without secrets; nil for silence.
  public var logger: Logger?
  /// Where requests are recorded, or answered from; nil for neither.
  public var cassette: Cassette?

  public init() {}
}
