/// A name where it stands.
struct Name: Sendable {
  let text: String
  let range: Range<Int>
}

struct Block: Sendable {
  let statements: [Statement]
  let range: Range<Int>
}

struct Statement: Sendable {
  indirect enum Kind: Sendable {
    case local([LocalName], [Expression])
    case assignment([Expression], [Expression])
    case call(Expression)
    case block(Block)
    case whileLoop(Expression, Block)
    case repeatLoop(Block, Expression)
    case conditional([Branch], otherwise: Block?)
    case numericFor(Name, [Expression], Block)
    case genericFor([Name], [Expression], Block)
    /// `function a.b:c() … end`: the whole target.
    case function(Expression, FunctionBody)
    case localFunction(Name, FunctionBody)
    case returning([Expression])
    case breaking
    case goto(Name)
    case label(Name)
  }

  let kind: Kind
  let range: Range<Int>
}

struct Branch: Sendable {
  let condition: Expression
  let block: Block
}

/// A variable that `local` declares.
struct LocalName: Sendable {
  let name: Name
  let attribute: Attribute?

  enum Attribute: String, Sendable {
    case const, close
  }
}

struct FunctionBody: Sendable {
  let parameters: [Name]
  let isVariadic: Bool
  /// Whether it is written with a colon, and so has `self`.
  let isMethod: Bool
  let block: Block
}

/// Chains of suffixes and of operators are kept flat: no tree is deeper than the parser's own limit.
struct Expression: Sendable {
  indirect enum Kind: Sendable {
    case `nil`
    case boolean(Bool)
    case integer(Int64)
    case float(Double)
    case string([UInt8])
    case ellipsis
    case function(FunctionBody)
    case name(Name)
    case suffixed(Expression, [Suffix])
    case parenthesized(Expression)
    case table([TableItem])
    case unary(UnaryOperator, Expression)
    /// From left to right.
    case operations(Expression, [Operation])
  }

  let kind: Kind
  let range: Range<Int>
}

struct Suffix: Sendable {
  enum Kind: Sendable {
    case field(Name)
    case index(Expression)
    case call([Expression])
    case method(Name, [Expression])
  }

  let kind: Kind
  let range: Range<Int>
}

struct Operation: Sendable {
  let sign: BinaryOperator
  let operand: Expression
}

struct TableItem: Sendable {
  enum Key: Sendable {
    case position
    case name(Name)
    case expression(Expression)
  }

  let key: Key
  let value: Expression
}

enum UnaryOperator: Sendable {
  case minus, not, length, complement
}

enum BinaryOperator: Sendable, Hashable {
  case arithmetic, concatenation, comparison, and, or

  /// How strongly it binds to its left and right.
  static func priorities(of token: Token.Kind) -> (BinaryOperator, left: Int, right: Int)? {
    switch token {
    case .keyword(.or): return (.or, 1, 1)
    case .keyword(.and): return (.and, 2, 2)
    case .sign(let sign):
      switch sign {
      case .less, .greater, .lessOrEqual, .greaterOrEqual, .notEqual, .equal: return (.comparison, 3, 3)
      case .bar: return (.arithmetic, 4, 4)
      case .tilde: return (.arithmetic, 5, 5)
      case .ampersand: return (.arithmetic, 6, 6)
      case .shiftLeft, .shiftRight: return (.arithmetic, 7, 7)
      case .concatenation: return (.concatenation, 9, 8)
      case .plus, .minus: return (.arithmetic, 10, 10)
      case .star, .slash, .doubleSlash, .percent: return (.arithmetic, 11, 11)
      case .caret: return (.arithmetic, 14, 13)
      default: return nil
      }
    default: return nil
    }
  }

  /// How strongly the unary operators bind.
  static let unaryPriority = 12
}
