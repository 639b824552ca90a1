internal import GatewayAPI

extension Timestamp {
  /// Since 1970; what is too far away for 64 bits (before 1678, after 2262) is the farthest that they hold.
  var nanosecondsSince1970: Int64 {
    let (product, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
    let (sum, overflows) = product.addingReportingOverflow(Int64(nanoseconds))
    return overflow || overflows ? (seconds < 0 ? .min : .max) : sum
  }

  init(nanosecondsSince1970 count: Int64) {
    let (quotient, remainder) = count.quotientAndRemainder(dividingBy: 1_000_000_000)
    self =
      remainder < 0
      ? Timestamp(seconds: quotient - 1, nanoseconds: Int32(remainder + 1_000_000_000))
      : Timestamp(seconds: quotient, nanoseconds: Int32(remainder))
  }
}
