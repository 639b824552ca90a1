/// A cassette in use: recorded on, or played from.
///
/// The file is text, one JSON object per line. The first line is
/// `{"cassette":1,"recorded":"2026-11-21T16:00:00Z","run":"r-1NG3G1KK8S"}`: the version of the format, the moment and
/// the run. Each other line is a `request` (`gateway`, `method`, `path`, `query`,
/// `headers`, `body` or `body_base64`) with either its `answer` (`status`, `headers`, `body` or `body_base64`) or the
/// `failure` that came instead (`kind`, and `reason`, `milliseconds` or `bytes`). Bodies are the text that was sent,
/// to the byte, unless it held secrets. Requests are in the order in which they were answered.
public struct Cassette: Sendable {
  public enum Mode: Sendable {
    case recording(CassetteRecorder)
    case replaying(CassettePlayer)
  }

  public let mode: Mode
  /// The name of the gateway whose requests these are: one cassette may hold those of several.
  public let gateway: String

  public init(_ mode: Mode, gateway: String) {
    self.mode = mode
    self.gateway = gateway
  }
}
