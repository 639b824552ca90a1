internal import GatewayScripting

/// What scripts find beside `apig`: the standard library of Lua 5.4, without what reaches files and processes.
enum SandboxLibrary {
  /// The tables of functions, by name.
  static let tables: [String: Set<String>] = [
    "coroutine": ["close", "create", "isyieldable", "resume", "running", "status", "wrap", "yield"],
    "math": [
      "abs", "acos", "asin", "atan", "ceil", "cos", "deg", "exp", "floor", "fmod", "huge", "log", "max", "maxinteger",
      "min", "mininteger", "modf", "pi", "rad", "random", "randomseed", "sin", "sqrt", "tan", "tointeger", "type",
      "ult",
    ],
    "os": ["clock", "date", "difftime", "time"],
    "string": [
      "byte", "char", "find", "format", "gmatch", "gsub", "len", "lower", "match", "pack", "packsize", "rep", "reverse",
      "sub", "unpack", "upper",
    ],
    "table": ["concat", "insert", "move", "pack", "remove", "sort", "unpack"],
    "utf8": ["char", "charpattern", "codepoint", "codes", "len", "offset"],
  ]

  /// The globals that are no such table.
  static let globals: Set<String> = [
    "_ENV", "_G", "_VERSION", "apig", "assert", "collectgarbage", "error", "getmetatable", "ipairs", "load", "next",
    "pairs",
    "pcall", "print", "rawequal", "rawget", "rawlen", "rawset", "require", "select", "setmetatable", "tonumber",
    "tostring", "type", "xpcall",
  ]

  /// What a file of tests finds in addition: busted's words.
  static let testGlobals = Set(TestDeclarations.words.map(\.name))

  /// What stock Lua has and scripts here do not.
  static let absent: Set<String> = ["debug", "dofile", "io", "loadfile", "package", "warn"]

  static let allGlobals = globals.union(tables.keys)

  /// The module that files of tests require, beside `apig`.
  static let testModule = TestDeclarations.moduleName
}
