internal import CZlib

/// The gzip format: written so that everybody gets the same bytes, read so that nobody gets too many.
enum Gzip {
  /// What is left of these bytes when they are packed: their content as it is, in stored blocks.
  ///
  /// Each implementation of the compression, and each version of it, gives other bytes: nothing that is to be equal
  /// everywhere can depend on one. Packages are small texts.
  static func pack(_ bytes: [UInt8]) -> [UInt8] {
    // No flags, no time, no word on the compression, no operating system.
    var packed: [UInt8] = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 0xFF]
    var rest = bytes[...]
    repeat {
      let block = rest.prefix(0xFFFF)
      rest = rest.dropFirst(block.count)
      packed.append(rest.isEmpty ? 1 : 0)
      packed += littleEndian(UInt16(block.count)) + littleEndian(~UInt16(block.count))
      packed += block
    } while !rest.isEmpty
    let checksum = bytes.withUnsafeBufferPointer { crc32_z(0, $0.baseAddress, $0.count) }
    return packed + littleEndian(UInt32(truncatingIfNeeded: checksum))
      + littleEndian(UInt32(truncatingIfNeeded: bytes.count))
  }

  private static func littleEndian(_ number: some FixedWidthInteger) -> [UInt8] {
    withUnsafeBytes(of: number.littleEndian) { Array($0) }
  }

  /// Unpacks one member.
  ///
  /// - Parameters:
  ///   - limit: the most bytes that may come out of it.
  /// - Throws: ``PackageError`` of kind `refused`.
  static func unpack(_ packed: [UInt8], limit: Int) throws(PackageError) -> [UInt8] {
    guard packed.starts(with: [0x1F, 0x8B]) else { throw PackageError(.refused, "it is no gzip file") }
    var inflater = try Inflater()
    var output: [UInt8] = []
    var position = 0
    while true {
      let step = inflater.step(packed[position...])
      position += step.consumed
      output += step.produced
      guard output.count <= limit else {
        throw PackageError(.refused, "it unpacks to more than \(limit >> 20) MiB")
      }
      switch step.state {
      case .ended:
        guard position == packed.count else { throw PackageError(.refused, "something stands behind its end") }
        return output
      case .damaged: throw PackageError(.refused, "it is damaged: it cannot be unpacked")
      case .goesOn:
        // Nothing read and nothing written: the rest is missing.
        guard step.consumed > 0 || !step.produced.isEmpty else { throw PackageError(.refused, "it is cut off") }
      }
    }
  }
}

/// zlib's state of unpacking, with no pointer into anything that outlives a call.
private struct Inflater: ~Copyable {
  enum State {
    case goesOn, ended, damaged
  }

  private static let chunk = 64 << 10

  // At one place from beginning to end: zlib's state points back at it.
  private let stream: UnsafeMutablePointer<z_stream>

  init() throws(PackageError) {
    stream = .allocate(capacity: 1)
    stream.initialize(to: z_stream())
    // 15 bits of window, and 16 for a gzip header and its checksum.
    guard czlib_inflate_init(stream, 15 + 16) == Z_OK else {
      stream.deallocate()
      throw PackageError(.unavailable, "no memory is left to unpack it")
    }
  }

  deinit {
    inflateEnd(stream)
    stream.deallocate()
  }

  /// Unpacks a part, at most a chunk of output.
  mutating func step(_ input: ArraySlice<UInt8>) -> (consumed: Int, produced: [UInt8], state: State) {
    let given = input.prefix(Self.chunk)
    var produced = [UInt8](repeating: 0, count: Self.chunk)
    let status = given.withUnsafeBufferPointer { source in
      produced.withUnsafeMutableBufferPointer { target in
        // zlib only reads there.
        stream.pointee.next_in = UnsafeMutablePointer(mutating: source.baseAddress)
        stream.pointee.avail_in = UInt32(source.count)
        stream.pointee.next_out = target.baseAddress
        stream.pointee.avail_out = UInt32(target.count)
        defer {
          stream.pointee.next_in = nil
          stream.pointee.next_out = nil
        }
        return inflate(stream, Z_NO_FLUSH)
      }
    }
    let consumed = given.count - Int(stream.pointee.avail_in)
    produced.removeLast(Int(stream.pointee.avail_out))
    let state: State = status == Z_STREAM_END ? .ended : status == Z_OK || status == Z_BUF_ERROR ? .goesOn : .damaged
    return (consumed, produced, state)
  }
}
