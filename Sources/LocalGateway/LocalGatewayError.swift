internal import Foundation
internal import GRDB
internal import NIOCore

/// There is no data file to read.
struct NoDataFile: Error {}

/// Why a local gateway cannot start.
public struct LocalGatewayError: Error, Sendable, CustomStringConvertible {
  public struct Code: Sendable, Hashable {
    private enum Name { case data, address, inUse }
    private let name: Name

    /// The data file cannot be made, opened or removed.
    public static let data = Code(name: .data)
    /// A local gateway is running on the data file.
    public static let inUse = Code(name: .inUse)
    /// The address or port cannot be listened on.
    public static let address = Code(name: .address)
  }

  public let code: Code
  /// What happened, one sentence without a full stop.
  public let message: String
  public let underlying: any Error

  public var description: String { message }

  static func data(_ path: String, _ error: any Error) -> LocalGatewayError {
    LocalGatewayError(
      code: .data, message: "its data file \(path) cannot be used: \(reason(error))", underlying: error)
  }

  static func inUse(_ path: String, _ error: any Error) -> LocalGatewayError {
    LocalGatewayError(code: .inUse, message: "a local gateway is running on \(path)", underlying: error)
  }

  static func address(_ host: String, _ port: Int, _ error: any Error) -> LocalGatewayError {
    LocalGatewayError(
      code: .address, message: "it cannot listen on \(host):\(port): \(reason(error))", underlying: error)
  }

  private static func reason(_ error: any Error) -> String {
    switch error {
    case let error as DatabaseError: error.message ?? "\(error.resultCode)"
    case let error as IOError: String(cString: strerror(error.errnoCode))
    case let error as StoreLockFailure: error.description
    case is NoDataFile: "there is none yet"
    default: (error as NSError).localizedDescription
    }
  }
}
