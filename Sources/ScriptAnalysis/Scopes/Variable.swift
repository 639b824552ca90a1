/// A local variable of a script.
struct Variable: Sendable {
  enum Kind: Sendable {
    case local
    case parameter
    case loop
    case function
    /// `self` of a method.
    case implicit
  }

  /// Where its value comes from, when that is no expression of its own.
  enum Origin: Sendable {
    /// One of the results of a call behind the first.
    case result(Int, of: Expression)
    /// What a generic loop goes through, and which of its variables this is.
    case loop([Expression], Int)
    /// The arguments of a call, one of which is a function; which argument, and which of the function's parameters.
    case callback(of: Expression, argument: Int, parameter: Int)
  }

  /// By its place among a script's variables.
  typealias ID = Int

  let name: Name
  let kind: Kind
  let attribute: LocalName.Attribute?
  /// What it is made with, when that is one expression.
  let value: Expression?
  /// Its function, when it is declared as one.
  let function: FunctionBody?
  var origin: Origin?
  var readCount = 0
  /// How often it is assigned to after it was made.
  var writeCount = 0

  /// What it holds wherever it is read; nil when that may change or is not known.
  var constantValue: Expression? { writeCount == 0 ? value : nil }
}

/// A name that no local variable bears.
struct GlobalUse: Sendable {
  enum Kind: Sendable {
    case read, write
    /// Asks whether it is there: `unpack or table.unpack`.
    case test
    /// Holds the global that is meant: `_G` in `_G.name`.
    case holder
  }

  let name: Name
  let kind: Kind
}
