/// A code of the gateway's table of error codes: `APIG.3002`.
///
/// Texts differ between releases and pages; decide by the code, never by the text.
public struct GatewayErrorCode: RawRepresentable, Sendable, Hashable, CustomStringConvertible {
  public let rawValue: String

  public init(rawValue: String) { self.rawValue = rawValue }

  public var description: String { rawValue }

  public static let tokenMissing = GatewayErrorCode(rawValue: "APIG.1000")
  public static let sessionExpired = GatewayErrorCode(rawValue: "APIG.1001")
  public static let incorrectToken = GatewayErrorCode(rawValue: "APIG.1002")
  public static let noPermission = GatewayErrorCode(rawValue: "APIG.1005")
  public static let unreadableBody = GatewayErrorCode(rawValue: "APIG.2000")
  public static let parameterMissing = GatewayErrorCode(rawValue: "APIG.2001")
  public static let parameterTooLong = GatewayErrorCode(rawValue: "APIG.2006")
  public static let wrongValue = GatewayErrorCode(rawValue: "APIG.2011")
  public static let invalidValue = GatewayErrorCode(rawValue: "APIG.2012")
  public static let groupNotFound = GatewayErrorCode(rawValue: "APIG.3001")
  public static let apiNotFound = GatewayErrorCode(rawValue: "APIG.3002")
  public static let environmentNotFound = GatewayErrorCode(rawValue: "APIG.3003")
  public static let publicationNotFound = GatewayErrorCode(rawValue: "APIG.3015")
  public static let versionNotFound = GatewayErrorCode(rawValue: "APIG.3022")
  public static let instanceNotFound = GatewayErrorCode(rawValue: "APIG.3030")
  public static let groupNameTaken = GatewayErrorCode(rawValue: "APIG.3201")
  public static let apiNameTaken = GatewayErrorCode(rawValue: "APIG.3202")
  public static let environmentNameTaken = GatewayErrorCode(rawValue: "APIG.3205")
  public static let apiExists = GatewayErrorCode(rawValue: "APIG.3301")
  public static let groupHoldsAPIs = GatewayErrorCode(rawValue: "APIG.3415")
  public static let apiIsPublished = GatewayErrorCode(rawValue: "APIG.3416")
  public static let environmentHoldsPublishedAPIs = GatewayErrorCode(rawValue: "APIG.3418")
  public static let throttled = GatewayErrorCode(rawValue: "APIG.0308")
  public static let tooManyRequests = GatewayErrorCode(rawValue: "APIG.9008")
  public static let systemError = GatewayErrorCode(rawValue: "APIG.9999")

  /// Whether it says that something else is going on there: the same request may succeed in a moment, and nothing was
  /// done.
  public var isTransientConflict: Bool { ["APIG.3718", "APIC.7712", "APIC.9222"].contains(rawValue) }

  /// The digits behind the dot.
  var number: Int? {
    rawValue.split(separator: ".").last.flatMap { Int($0) }
  }

  /// What to do about it, where there is one thing to do.
  var hint: String? {
    switch self {
    case .tokenMissing, .sessionExpired, .incorrectToken:
      "get a new token (APIG_TOKEN) or use an access key (HUAWEICLOUD_SDK_AK, HUAWEICLOUD_SDK_SK)"
    case .noPermission: "ask for the permission, or use another credential"
    case .publicationNotFound: "it is not published there: nothing to take offline"
    case .instanceNotFound: "check 'instance' of this gateway in apig.yaml"
    default: nil
    }
  }
}

extension GatewayError.Kind {
  /// The class of a failed answer: by its code where that is known, else by its status.
  public init(code: GatewayErrorCode?, status: Int) {
    if let number = code?.number, let kind = Self(codeNumber: number, status: status) {
      self = kind
    } else {
      self.init(status: status)
    }
  }

  private init?(codeNumber: Int, status: Int) {
    switch codeNumber {
    case 308, 9008: self = .throttled
    case 1000...1003, 1007...1009: self = .unauthenticated
    case 1005, 1020, 1100...1199, 1200, 1301: self = .denied
    case 1010...1013: self = .denied
    case 2000...2199, 3600...3609: self = .invalid
    case 3001...3099: self = .notFound
    case 3100...3199: self = .denied
    case 3200...3399, 3400...3499, 3700...3799: self = .conflict
    case 3500, 9002...9007, 9013, 9999: self = .unavailable
    default: return nil
    }
  }

  private init(status: Int) {
    switch status {
    case 401: self = .unauthenticated
    case 403: self = .denied
    case 404: self = .notFound
    case 409, 412: self = .conflict
    case 429: self = .throttled
    case 408: self = .timeout
    case 400..<500: self = .invalid
    default: self = .unavailable
    }
  }
}
