internal import CLuaShims

/// Something that a sound worker does not send.
struct Violation: Error {
  /// The end of a sentence: "it sent …".
  let what: String

  init(_ what: String) { self.what = what }
}

/// A frame on its way to the worker.
struct FrameWriter {
  private(set) var bytes: [UInt8]

  init(_ kind: Int) { bytes = [0, 0, 0, 0, UInt8(kind)] }

  mutating func number<Number: FixedWidthInteger>(_ number: Number) {
    for shift in stride(from: 0, to: Number.bitWidth, by: 8) {
      bytes.append(UInt8(truncatingIfNeeded: number >> shift))
    }
  }

  mutating func flag(_ flag: Bool) { bytes.append(flag ? 1 : 0) }

  mutating func text(_ text: some Collection<UInt8>) {
    number(UInt32(clamping: text.count))
    raw(text)
  }

  mutating func raw(_ bytes: some Collection<UInt8>) { self.bytes.append(contentsOf: bytes) }

  /// The whole frame.
  consuming func finish() -> [UInt8] {
    let length = UInt32(clamping: bytes.count - Int(CLUA_FRAME_HEADER))
    for index in 0..<4 { bytes[index] = UInt8(truncatingIfNeeded: length >> (8 * index)) }
    return bytes
  }
}

/// A frame of the worker's; every read is checked.
struct Frame {
  let kind: Int
  private let payload: ArraySlice<UInt8>
  private var offset: Int

  init(kind: Int, payload: ArraySlice<UInt8>) {
    self.kind = kind
    self.payload = payload
    offset = payload.startIndex
  }

  mutating func number<Number: FixedWidthInteger>(_ type: Number.Type = Number.self) throws(Violation) -> Number {
    var number: Number = 0
    for (index, byte) in try take(Number.bitWidth / 8).enumerated() {
      number |= Number(truncatingIfNeeded: byte) << Number(index * 8)
    }
    return number
  }

  mutating func text() throws(Violation) -> String {
    let count: UInt32 = try number()
    return String(decoding: try take(Int(count)), as: UTF8.self)
  }

  /// All that is left.
  mutating func rest() -> [UInt8] {
    defer { offset = payload.endIndex }
    return Array(payload[offset...])
  }

  /// Throws when something is left.
  func end() throws(Violation) {
    guard offset == payload.endIndex else { throw Violation("a frame with something behind its end") }
  }

  private mutating func take(_ count: Int) throws(Violation) -> ArraySlice<UInt8> {
    guard payload.endIndex - offset >= count else { throw Violation("a frame that ends early") }
    defer { offset += count }
    return payload[offset..<offset + count]
  }
}

/// Cuts what arrives into frames, and refuses those that are too long before they are here.
struct FrameSplitter {
  private var buffer: [UInt8] = []
  private var start = 0
  /// The longest payload of each kind; a kind that is missing is none.
  private let longest: [Int: Int]

  init(longest: [Int: Int]) { self.longest = longest }

  mutating func append(_ bytes: [UInt8]) {
    if start > 0 {
      buffer.removeFirst(start)
      start = 0
    }
    buffer.append(contentsOf: bytes)
  }

  /// The next frame that is complete.
  mutating func next() throws(Violation) -> Frame? {
    let header = Int(CLUA_FRAME_HEADER)
    guard buffer.count - start >= header else { return nil }
    let length = (0..<4).reduce(0) { $0 | Int(buffer[start + $1]) << (8 * $1) }
    let kind = Int(buffer[start + 4])
    guard let longest = longest[kind] else { throw Violation("a frame of unknown kind \(kind)") }
    guard length <= longest else { throw Violation("a frame of \(length) bytes, of kind \(kind)") }
    guard buffer.count - start >= header + length else { return nil }
    defer { start += header + length }
    return Frame(kind: kind, payload: buffer[start + header..<start + header + length])
  }
}
