/// The addresses by which a machine talks to itself.
enum LoopbackAddress {
  /// Whether a host can only be this machine: a literal address, or the name that none but this machine answers.
  ///
  /// A name such as `127.example.com` is whatever its owner makes of it.
  static func names(_ host: some StringProtocol) -> Bool {
    if host == "localhost" || host == "::1" { return true }
    let parts = host.split(separator: ".", omittingEmptySubsequences: false)
    return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
  }
}
