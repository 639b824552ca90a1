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

  /// By its place among a script's variables.
  typealias ID = Int

  let name: Name
  let kind: Kind
  let attribute: LocalName.Attribute?
  /// What it is made with, when that is one expression.
  let value: Expression?
  /// Its function, when it is declared as one.
  let function: FunctionBody?
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
