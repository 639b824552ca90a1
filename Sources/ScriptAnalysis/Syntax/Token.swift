/// A word, literal or sign of Lua.
struct Token: Sendable {
  enum Kind: Sendable, Hashable {
    case name(String)
    case keyword(Keyword)
    case string([UInt8])
    case integer(Int64)
    case float(Double)
    case sign(Sign)
    case end
  }

  let kind: Kind
  /// In bytes of the source.
  let range: Range<Int>
}

enum Keyword: String, Sendable, CaseIterable {
  case and, `break`, `do`, `else`, elseif, end, `false`, `for`, function, goto, `if`, `in`, local, `nil`, not, or
  case `repeat`, `return`, then, `true`, until, `while`

  static let byText = Dictionary(uniqueKeysWithValues: allCases.map { ($0.rawValue, $0) })
}

enum Sign: String, Sendable, CaseIterable {
  case plus = "+", minus = "-", star = "*", slash = "/", doubleSlash = "//", percent = "%", caret = "^", hash = "#"
  case ampersand = "&", tilde = "~", bar = "|", shiftLeft = "<<", shiftRight = ">>"
  case equal = "==", notEqual = "~=", lessOrEqual = "<=", greaterOrEqual = ">=", less = "<", greater = ">"
  case assign = "=", leftParenthesis = "(", rightParenthesis = ")", leftBrace = "{", rightBrace = "}"
  case leftBracket = "[", rightBracket = "]", doubleColon = "::", semicolon = ";", colon = ":", comma = ","
  case dot = ".", concatenation = "..", ellipsis = "..."

  /// The longest first: the first that fits is meant.
  static let byLength = allCases.map { (Array($0.rawValue.utf8), $0) }.sorted { $0.0.count > $1.0.count }
}

/// Why a text is no Lua, and where.
struct SyntaxError: Error, Sendable, Hashable {
  let message: String
  let offset: Int
}
