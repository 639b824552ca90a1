/// Reads and writes the byte tape of `tape.c`.
private enum Tag {
  static let `nil`: UInt8 = 0
  static let `false`: UInt8 = 1
  static let `true`: UInt8 = 2
  static let integer: UInt8 = 3
  static let number: UInt8 = 4
  static let string: UInt8 = 5
  static let table: UInt8 = 6
  static let classTable: UInt8 = 7
}

struct TapeWriter {
  private(set) var bytes: [UInt8] = []

  init(_ values: [LuaValue]) {
    count(values.count)
    for value in values { write(value) }
  }

  private mutating func count(_ count: Int) { word(UInt32(clamping: count)) }

  private mutating func word<Word: FixedWidthInteger>(_ word: Word) {
    unsafe withUnsafeBytes(of: word) { unsafe bytes.append(contentsOf: $0) }
  }

  private mutating func string(_ string: LuaString) {
    count(string.count)
    if let text = string.string {
      bytes.append(contentsOf: text.utf8)
    } else {
      bytes.append(contentsOf: string.bytes)
    }
  }

  private mutating func write(_ value: LuaValue) {
    switch value {
    case .nil: bytes.append(Tag.nil)
    case .boolean(let boolean): bytes.append(boolean ? Tag.true : Tag.false)
    case .integer(let integer):
      bytes.append(Tag.integer)
      word(integer)
    case .number(let number):
      bytes.append(Tag.number)
      word(number.bitPattern)
    case .string(let text):
      bytes.append(Tag.string)
      string(text)
    case .table(let table): write(table)
    }
  }

  private mutating func write(_ table: LuaTable) {
    bytes.append(table.className == nil ? Tag.table : Tag.classTable)
    if let className = table.className { string(LuaString(className)) }
    count(table.sequence.count)
    for value in table.sequence { write(value) }
    count(table.fields.count)
    for field in table.fields {
      write(field.key)
      write(field.value)
    }
  }
}

/// The tape is written by the shim, so a damaged one is a defect of this package.
@safe struct TapeReader {
  private let bytes: UnsafeRawBufferPointer
  private var offset = 0

  init(_ start: UnsafePointer<UInt8>?, _ length: Int) {
    unsafe bytes = UnsafeRawBufferPointer(start: start, count: start == nil ? 0 : length)
  }

  mutating func values() -> [LuaValue] {
    guard unsafe bytes.count > 0 else { return [] }
    let count = count()
    if count == 0 { return [] }
    return (0..<count).map { _ in value() }
  }

  private mutating func word<Word: FixedWidthInteger & BitwiseCopyable>(_ type: Word.Type) -> Word {
    let word = unsafe bytes.loadUnaligned(fromByteOffset: offset, as: type)
    offset += MemoryLayout<Word>.size
    return word
  }

  private mutating func count() -> Int { Int(word(UInt32.self)) }

  private mutating func string() -> LuaString {
    let count = count()
    let slice = unsafe UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + count])
    offset += count
    if let text = unsafe String(validating: slice, as: UTF8.self) { return LuaString(text) }
    return unsafe LuaString(bytes: Array(slice))
  }

  private mutating func value() -> LuaValue {
    let tag = word(UInt8.self)
    switch tag {
    case Tag.false: return .boolean(false)
    case Tag.true: return .boolean(true)
    case Tag.integer: return .integer(word(Int64.self))
    case Tag.number: return .number(Double(bitPattern: word(UInt64.self)))
    case Tag.string: return .string(string())
    case Tag.table: return .table(table(className: nil))
    case Tag.classTable:
      let className = string().description
      return .table(table(className: className))
    default: return .nil
    }
  }

  private mutating func table(className: String?) -> LuaTable {
    var table = LuaTable(className: className)
    let elements = count()
    table.sequence.reserveCapacity(elements)
    for _ in 0..<elements { table.sequence.append(value()) }
    let fields = count()
    table.fields.reserveCapacity(fields)
    for _ in 0..<fields {
      let key = value()
      table.fields.append(LuaField(key: key, value: value()))
    }
    return table
  }
}
