import LuaRuntime
import Testing

/// A tape may come from a process that a script has taken over.
@Suite struct TapeTests {
  static let values: [LuaValue] = [
    .nil, true, 7, 1.5, "text", .string(LuaString(bytes: [255])), [1, [2, "three"]], ["a": ["b": [false]]],
    .table(LuaTable(fields: [LuaField(key: "kind", value: "x")], className: "error")),
  ]

  @Test func valuesComeBackAsTheyWent() throws {
    let read = try TapeReader.read(TapeWriter(Self.values).bytes, maximumValues: 100)
    #expect(read.values == Self.values)
    #expect(read.count == 20)
  }

  @Test func largeValuesComeBackAsTheyWent() throws {
    let fields = (0..<5000).map { LuaField(key: .text("name \($0)"), value: .integer($0)) }
    let values: [LuaValue] = [
      .text(String(repeating: "é", count: 100_000)), .table(LuaTable(sequence: [true, "x"], fields: fields)), 1,
    ]
    #expect(try TapeReader.read(TapeWriter(values).bytes, maximumValues: 20_000).values == values)
  }

  @Test func everyTapeCutShortIsRefused() {
    let tape = TapeWriter(Self.values).bytes
    for length in 1..<tape.count {
      #expect(throws: TapeFault.damaged) { try TapeReader.read(Array(tape[..<length]), maximumValues: 100) }
    }
    #expect(throws: TapeFault.damaged) { try TapeReader.read(tape + [0], maximumValues: 100) }
  }

  @Test func changedTapesAreReadOrRefused() {
    var random = Seeded(state: 1)
    let tape = TapeWriter(Self.values).bytes
    for _ in 0..<20_000 {
      var changed = tape
      for _ in 0..<Int.random(in: 1...4, using: &random) {
        changed[Int.random(in: 0..<tape.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
      }
      // What comes back is bounded; that it comes back at all is the test.
      if let read = try? TapeReader.read(changed, maximumValues: 50) { #expect(read.count <= 50) }
    }
  }

  @Test func nestingIsBounded() {
    func nested(_ depth: Int) -> [UInt8] {
      [1, 0, 0, 0] + (1..<depth).flatMap { _ in [6, 1, 0, 0, 0] as [UInt8] } + [6, 0, 0, 0, 0]
        + (0..<depth).flatMap { _ in [0, 0, 0, 0] as [UInt8] }
    }
    #expect(throws: Never.self) { try TapeReader.read(nested(200), maximumValues: 1000) }
    #expect(throws: TapeFault.damaged) { try TapeReader.read(nested(201), maximumValues: 1000) }
  }

  @Test func theNumberOfValuesIsBounded() {
    let many = TapeWriter([.table(LuaTable(sequence: Array(repeating: true, count: 1000)))]).bytes
    #expect(throws: Never.self) { try TapeReader.read(many, maximumValues: 1001) }
    #expect(throws: TapeFault.tooLarge) { try TapeReader.read(many, maximumValues: 1000) }
  }

  private struct Seeded: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return state ^ (state >> 29)
    }
  }
}
