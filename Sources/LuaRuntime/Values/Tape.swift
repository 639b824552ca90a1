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

/// Writes values as a tape.
package struct TapeWriter {
  package let bytes: [UInt8]

  package init(_ values: [LuaValue]) {
    var memory = TapeMemory()
    memory.write(values)
    bytes = unsafe memory.withBytes { unsafe Array($0) }
  }
}

/// Where a tape is written. It grows as it must, and is kept from one tape to the next.
@safe struct TapeMemory: ~Copyable {
  /// What is kept of it at most.
  private static let keptBytes = 64 * 1024

  private var start: UnsafeMutableRawPointer
  private var capacity: Int
  private var count = 0

  init() {
    capacity = 512
    unsafe start = .allocate(byteCount: capacity, alignment: 1)
  }

  deinit { unsafe start.deallocate() }

  /// Writes a tape in the place of the last one.
  mutating func write(_ values: [LuaValue]) {
    count = 0
    if capacity > Self.keptBytes { resize(to: Self.keptBytes) }
    put(count: values.count)
    for value in values { put(value) }
  }

  func withBytes<Result>(_ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
    unsafe body(
      UnsafeBufferPointer(start: UnsafePointer(start.assumingMemoryBound(to: UInt8.self)), count: count))
  }

  private mutating func resize(to capacity: Int) {
    let moved = UnsafeMutableRawPointer.allocate(byteCount: capacity, alignment: 1)
    unsafe moved.copyMemory(from: start, byteCount: count)
    unsafe start.deallocate()
    unsafe start = moved
    self.capacity = capacity
  }

  @inline(__always) private mutating func makeRoom(_ bytes: Int) {
    if capacity - count < bytes { resize(to: 2 * (count + bytes)) }
  }

  /// The room must be there.
  @inline(__always) private mutating func word<Word: FixedWidthInteger & BitwiseCopyable>(_ word: Word) {
    unsafe start.storeBytes(of: word, toByteOffset: count, as: Word.self)
    count += MemoryLayout<Word>.size
  }

  private mutating func put(count: Int) {
    makeRoom(MemoryLayout<UInt32>.size)
    word(UInt32(clamping: count))
  }

  private mutating func put(_ value: LuaValue) {
    makeRoom(MemoryLayout<UInt8>.size + MemoryLayout<UInt64>.size)
    switch value {
    case .nil: word(Tag.nil)
    case .boolean(let boolean): word(boolean ? Tag.true : Tag.false)
    case .integer(let integer):
      word(Tag.integer)
      word(integer)
    case .number(let number):
      word(Tag.number)
      word(number.bitPattern)
    case .string(let string):
      word(Tag.string)
      put(string)
    case .table(let table):
      word(table.className == nil ? Tag.table : Tag.classTable)
      put(table)
    }
  }

  @inline(__always) private mutating func put(_ string: LuaString) {
    let length = string.count
    makeRoom(MemoryLayout<UInt32>.size + length)
    word(UInt32(clamping: length))
    unsafe string.copyBytes(to: start + count)
    count += length
  }

  /// What follows the tag.
  private mutating func put(_ table: LuaTable) {
    if let className = table.className { put(LuaString(className)) }
    put(count: table.sequence.count)
    unsafe table.sequence.withUnsafeBufferPointer { values in
      for index in values.indices { unsafe put(values[index]) }
    }
    put(count: table.fields.count)
    unsafe table.fields.withUnsafeBufferPointer { fields in
      for index in fields.indices {
        unsafe put(fields[index].key)
        unsafe put(fields[index].value)
      }
    }
  }
}

/// Why a tape can't be read.
package enum TapeFault: Error {
  /// No shim wrote it, or it was changed.
  case damaged
  /// It would make more values than the reader allows.
  case tooLarge
}

/// Reads a tape, whoever wrote it: nothing outside of it is touched, nesting and the number of values are bounded.
@safe package struct TapeReader {
  /// `MAX_DEPTH` of the shim.
  private static let maximumDepth = 200

  private let bytes: UnsafeRawBufferPointer
  private let maximumValues: Int
  private var offset = 0
  private var depth = 0
  /// Values read so far, those in tables included.
  private(set) var count = 0

  init(_ start: UnsafePointer<UInt8>?, _ length: Int, maximumValues: Int = .max) {
    unsafe bytes = UnsafeRawBufferPointer(start: start, count: start == nil ? 0 : length)
    self.maximumValues = maximumValues
  }

  /// Reads a tape that came from elsewhere.
  ///
  /// - Parameter maximumValues: how many values it may hold, those in tables included; each takes far more memory than
  ///   its byte of tape.
  /// - Returns: the values of the tape, and how many they are with all that is in them.
  package static func read(
    _ tape: [UInt8], maximumValues: Int
  ) throws(TapeFault) -> (values: [LuaValue], count: Int) {
    try unsafe tape.withUnsafeBufferPointer { tape throws(TapeFault) in
      var reader = unsafe TapeReader(tape.baseAddress, tape.count, maximumValues: maximumValues)
      let values = try reader.values()
      guard reader.offset == tape.count else { throw .damaged }
      return (values, reader.count)
    }
  }

  mutating func values() throws(TapeFault) -> [LuaValue] {
    guard unsafe bytes.count > 0 else { return [] }
    let count = try valueCount()
    if count == 0 { return [] }
    var values: [LuaValue] = []
    values.reserveCapacity(count)
    for _ in 0..<count { values.append(try value()) }
    return values
  }

  @inline(__always)
  private mutating func word<Word: FixedWidthInteger & BitwiseCopyable>(_ type: Word.Type) throws(TapeFault) -> Word {
    guard unsafe bytes.count - offset >= MemoryLayout<Word>.size else { throw .damaged }
    let word = unsafe bytes.loadUnaligned(fromByteOffset: offset, as: type)
    offset += MemoryLayout<Word>.size
    return word
  }

  /// A number of bytes or values that follow: never more than there are bytes, so that there can be room for them.
  @inline(__always) private mutating func length() throws(TapeFault) -> Int {
    let count = Int(try word(UInt32.self))
    guard unsafe count <= bytes.count - offset else { throw .damaged }
    return count
  }

  /// A number of values that follow.
  private mutating func valueCount() throws(TapeFault) -> Int {
    let count = try length()
    guard count <= maximumValues - self.count else { throw .tooLarge }
    return count
  }

  private mutating func string() throws(TapeFault) -> LuaString {
    let count = try length()
    let slice = unsafe UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + count])
    offset += count
    // Nearly all of it is ASCII, which need not be taken apart to be known for UTF-8.
    if unsafe slice.allSatisfy({ $0 < 0x80 }) {
      return unsafe LuaString(
        String(unsafeUninitializedCapacity: count) { buffer in
          unsafe UnsafeMutableRawBufferPointer(buffer).copyMemory(from: slice)
          return count
        })
    }
    if let text = unsafe String(validating: slice, as: UTF8.self) { return LuaString(text) }
    return unsafe LuaString(bytes: Array(slice))
  }

  private mutating func value() throws(TapeFault) -> LuaValue {
    count += 1
    guard count <= maximumValues else { throw .tooLarge }
    switch try word(UInt8.self) {
    case Tag.nil: return .nil
    case Tag.false: return .boolean(false)
    case Tag.true: return .boolean(true)
    case Tag.integer: return .integer(try word(Int64.self))
    case Tag.number: return .number(Double(bitPattern: try word(UInt64.self)))
    case Tag.string: return .string(try string())
    case Tag.table: return .table(try table(className: nil))
    case Tag.classTable:
      let className = try string().description
      return .table(try table(className: className))
    default: throw .damaged
    }
  }

  private mutating func table(className: String?) throws(TapeFault) -> LuaTable {
    depth += 1
    guard depth <= Self.maximumDepth else { throw .damaged }
    defer { depth -= 1 }
    var table = LuaTable(className: className)
    let elements = try valueCount()
    table.sequence.reserveCapacity(elements)
    for _ in 0..<elements { table.sequence.append(try value()) }
    let fields = try valueCount()
    table.fields.reserveCapacity(fields)
    for _ in 0..<fields {
      let key = try value()
      table.fields.append(LuaField(key: key, value: try value()))
    }
    return table
  }
}
