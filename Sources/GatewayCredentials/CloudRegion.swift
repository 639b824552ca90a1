internal import Foundation
public import GatewayAPI

/// A region of Huawei Cloud: gives the addresses of its services.
public struct CloudRegion: Sendable, Hashable {
  /// Its ID: "cn-north-4".
  public let name: String

  /// The regions that are documented to have an API Gateway.
  public static let known = [
    "cn-north-1", "cn-north-2", "cn-north-4", "cn-north-9", "cn-east-2", "cn-east-3", "cn-south-1", "cn-southwest-2",
    "ap-southeast-1", "ap-southeast-2", "ap-southeast-3", "ap-southeast-4", "la-south-2", "la-north-2", "na-mexico-1",
    "sa-brazil-1", "af-south-1", "tr-west-1", "me-east-1", "ae-ad-1", "my-kualalumpur-1", "ru-northwest-2",
    "ru-moscow-1", "eu-west-0", "eu-west-101",
  ]

  /// - Returns: nil for what cannot be part of a host name.
  public init?(_ name: String) {
    func isPlain(_ byte: UInt8) -> Bool {
      (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }
    guard let first = name.utf8.first, let last = name.utf8.last, isPlain(first), isPlain(last), name.utf8.count <= 40,
      name.utf8.allSatisfy({ isPlain($0) || $0 == UInt8(ascii: "-") })
    else { return nil }
    self.name = name
  }

  /// The region that a gateway's address of the usual form names; nil for any other address.
  public init?(endpoint: String) {
    guard let host = URL(string: endpoint)?.host(percentEncoded: false) else { return nil }
    let labels = host.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    guard labels.count == 4, labels[2] == "myhuaweicloud", ["com", "eu"].contains(labels[3]) else { return nil }
    self.init(labels[1])
  }

  public var isKnown: Bool { Self.known.contains(name) }

  /// Address of the management API of a product.
  public func endpoint(of product: GatewayProduct) -> String {
    switch product {
    case .apigw: address("apig")
    case .apic: address("roma")
    }
  }

  /// Address of IAM, which issues tokens and knows the projects.
  public var identityEndpoint: String { address("iam") }

  private func address(_ service: String) -> String {
    // The European cloud is one of its own, with its own domain.
    "https://\(service).\(name).myhuaweicloud.\(name == "eu-west-101" ? "eu" : "com")"
  }
}
