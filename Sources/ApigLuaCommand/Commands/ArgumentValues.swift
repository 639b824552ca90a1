internal import ArgumentParser
internal import GatewayClient
internal import GatewayScripting

/// One of a few words on the command line.
protocol ChoiceArgument: ExpressibleByArgument, CaseIterable, RawRepresentable where RawValue == String {}

extension ChoiceArgument {
  /// The library's own way to them goes through a key path, whose making is felt at each start.
  static var allValueStrings: [String] { allCases.map { $0.rawValue } }
}

/// A duration on the command line: `90s`, `5m`, `1h30m`; a plain number is seconds.
struct DurationArgument: ExpressibleByArgument {
  let duration: Duration

  init(_ duration: Duration) { self.duration = duration }

  init?(argument: String) {
    guard let duration = Duration(text: argument), duration > .zero else { return nil }
    self.duration = duration
  }

  /// What reads as the same duration.
  var text: String { "\(duration / .milliseconds(1))ms" }
}

/// A rate on the command line: `5/s`, `300/min`.
struct RateArgument: ExpressibleByArgument {
  let rate: RequestRate

  init?(argument: String) {
    guard let rate = RequestRate(argument) else { return nil }
    self.rate = rate
  }
}

/// A delay on the command line: a duration, or none with 0.
struct DelayArgument: ExpressibleByArgument {
  let duration: Duration

  init?(argument: String) {
    guard let duration = Duration(text: argument), duration <= .seconds(3600) else { return nil }
    self.duration = duration
  }
}

/// A size on the command line: `64MiB`, `512K`; a plain number is bytes.
struct SizeArgument: ExpressibleByArgument {
  let bytes: Int

  init?(argument: String) {
    let digits = argument.prefix { $0.isASCII && $0.isNumber }
    let units = ["": 0, "B": 0, "K": 10, "KIB": 10, "M": 20, "MIB": 20, "G": 30, "GIB": 30]
    guard let number = Int(digits), number > 0, number < 1 << 30,
      let shift = units[argument.dropFirst(digits.count).uppercased()]
    else { return nil }
    bytes = number << shift
  }
}
