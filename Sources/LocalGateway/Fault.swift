internal import GatewayAPI

/// An answer that is an error document.
struct Fault: Error, Sendable, Hashable {
  let status: Int
  let code: GatewayErrorCode
  let message: String

  init(_ status: Int, _ code: GatewayErrorCode, _ message: String) {
    self.status = status
    self.code = code
    self.message = message
  }

  var document: Document { ["error_code": .string(code.rawValue), "error_msg": .string(message)] }

  private static let documentation = "Please refer to the support documentation"

  static func missing(_ parameter: String) -> Fault {
    Fault(
      400, .parameterMissing, "The request parameters must be specified,parameterName:\(parameter). \(documentation)")
  }

  static func wrong(_ parameter: String) -> Fault {
    Fault(400, .wrongValue, "Invalid parameter value,parameterName:\(parameter). \(documentation)")
  }

  static func invalid(_ parameter: String) -> Fault {
    Fault(400, .invalidValue, "Invalid parameter value,parameterName:\(parameter). \(documentation)")
  }

  static func tooLong(_ parameter: String) -> Fault {
    Fault(400, .parameterTooLong, "The parameter is too long,parameterName:\(parameter). \(documentation)")
  }

  static func tooMany(_ parameter: String) -> Fault {
    Fault(
      400, GatewayErrorCode(rawValue: "APIG.2003"),
      "The parameter value is too large,parameterName:\(parameter). \(documentation)")
  }

  static func unreadable(_ reason: String) -> Fault {
    Fault(400, .unreadableBody, "Parameter error: Serialization error: \(reason)")
  }

  static func api(_ id: String) -> Fault { Fault(404, .apiNotFound, "API \(id) does not exist") }
  static func group(_ id: String) -> Fault { Fault(404, .groupNotFound, "API group \(id) does not exist") }
  static func environment(_ id: String) -> Fault {
    Fault(404, .environmentNotFound, "The environment does not exist,id:\(id)")
  }
  static func version(_ id: String) -> Fault {
    Fault(404, .versionNotFound, "The API version does not exist,id:\(id)")
  }
  static func publication(_ api: String) -> Fault {
    Fault(404, .publicationNotFound, "The API publication record does not exist,api:\(api)")
  }
  static func instance(_ id: String) -> Fault {
    Fault(404, .instanceNotFound, "The instance does not exist;id:\(id)")
  }
  static let noToken = Fault(401, .tokenMissing, "Token missing. Log in again or try again later")
  static let expired = Fault(401, .sessionExpired, "Session expired. Please try again later")
  static let wrongToken = Fault(401, .incorrectToken, "Incorrect token or token resolution failed")

  static func quota(_ code: String, _ what: String) -> Fault {
    Fault(403, GatewayErrorCode(rawValue: code), "The number of \(what) exceeds the maximum allowed limit")
  }
}
