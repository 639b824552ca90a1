import LuaRuntime
import Testing

@Suite struct ValueTests {
  @Test(
    arguments: [
      .nil, .boolean(true), .integer(.max), .integer(.min), .number(1), .number(-0.0), .number(.infinity), .text("é"),
      .text(""), .string(LuaString(bytes: [0, 255, 10, 0])), .table(LuaTable()), [1, 2.5, "x", [true]],
      ["a": ["b": ["c": 1]]], .table(LuaTable(sequence: [1], fields: [LuaField(key: 7, value: false)])),
    ] as [LuaValue])
  func valuesComeBackAsTheyWent(_ value: LuaValue) async throws {
    #expect(try await run("local a = ... return host.now(a), host.later(a)", arguments: [value]) == [value, value])
  }

  @Test func theSubtypeOfNumbersIsKept() async throws {
    let source = "local a, b = ... return math.type(a), math.type(b), 1 / b"
    let results = try await run(source, arguments: [1, .number(-0.0)])
    #expect(results == ["integer", "float", .number(-.infinity)])
  }

  @Test func stringsCompareByBytes() {
    #expect(LuaString("e\u{301}") != LuaString("\u{e9}"))
    #expect(LuaString(bytes: Array("é".utf8)) == "é")
    #expect(LuaString(bytes: [255]).string == nil)
    #expect(LuaString(bytes: [255]).description == "\u{FFFD}")
  }

  @Test(arguments: [
    ("return { x = { y = print } }", "return value 1, field 'x.y': a function cannot leave the script"),
    ("return 1, coroutine.create(print)", "return value 2: a coroutine cannot leave the script"),
    ("return { 1, { print } }", "return value 1, field '[2][1]': a function cannot leave the script"),
    (
      "local t = {} t.t = t return t",
      "return value 1, field 't': a table that contains itself cannot leave the script"
    ),
    ("return { [{}] = 1 }", "return value 1: a table as key cannot leave the script"),
  ])
  func whatCannotLeaveIsNamed(_ source: String, _ message: String) async throws {
    let error = try await failure(source)
    #expect(error.code == .invalidValue)
    #expect(error.message == message)
  }

  @Test func depthAndSizeAreLimited() async throws {
    let deep = "local t = {} for i = 1, 40 do t = { t } end return t"
    #expect(try await failure(deep).message.contains("nested too deep"))
    let wide = "return ('x'):rep(2000)"
    #expect(try await failure(wide, limits { $0.valueBytes = 1000 }).message.contains("too large"))
    let shared = "local t = {} for i = 1, 30 do t = { t, t } end return t"
    #expect(try await failure(shared, limits { $0.valueBytes = 100_000 }).message.contains("too large"))
  }

  @Test func tableFieldsAreSetAndRemovedByName() {
    var table = LuaTable(sequence: [1])
    table["a"] = 1
    table["b"] = 2
    table["a"] = nil
    #expect(table.fields == [LuaField(key: "b", value: 2)])
    #expect(table["c"].isNil)
    #expect(LuaValue.number(3).integerValue == 3)
    #expect(LuaValue.number(3.5).integerValue == nil)
  }

  @Test func fieldsAreFoundByTheBytesOfTheirName() {
    let table = LuaTable(fields: [
      LuaField(key: .string(LuaString(bytes: [255])), value: 1), LuaField(key: 7, value: 2),
      LuaField(key: "e\u{301}", value: 3), LuaField(key: "", value: 4),
    ])
    #expect(table["e\u{301}"] == 3)
    #expect(table["\u{e9}"].isNil)
    #expect(table[""] == 4)
    #expect(table["\u{FFFD}"].isNil && table["7"].isNil)
  }

  /// More names than are kept at hand, and names that are not kept: each comes back as itself, however often.
  @Test func namesOfFieldsComeBackAsTheyWent() async throws {
    let long = String(repeating: "x", count: 60)
    let names = (0..<200).flatMap { ["n\($0)", "\(long)\($0)"] } + ["", "é", "a\0b", "ab", "ba"]
    let fields = names.map { LuaField(key: .text($0), value: .text($0)) }
    let source = """
      local record = ...
      for _ = 1, 3 do
        record = host.now(record)
        for name, value in pairs(record) do assert(name == value) end
        for i = 0, 199 do assert(record['n' .. i] == 'n' .. i) end
      end
      return record
      """
    let results = try await run(source, arguments: [.table(LuaTable(fields: fields))])
    #expect(results.count == 1)
    #expect(Set(results.first?.tableValue?.fields ?? []) == Set(fields))
  }

  @Test func aSmallAnswerFollowsALargeOne() async throws {
    let source = """
      local large = ('x'):rep(300000)
      assert(host.now(large, { large }) == large)
      return host.now('a', { b = 'c' })
      """
    #expect(try await run(source) == ["a", ["b": "c"]])
  }

  @Test func hostClassesHaveTheirMetatable() async throws {
    let record = LuaValue.table(LuaTable(fields: [LuaField(key: "remark", value: "x")], className: "record"))
    let source = """
      local r = ...
      assert(r.remark == 'x' and tools.class_name(r) == 'record' and tools.raw_type(r) == 'table')
      assert(getmetatable(r) == false and not pcall(setmetatable, r, {}))
      local ok, e = pcall(function() return r.remarc end)
      return r, e
      """
    let results = try await run(source, arguments: [record])
    #expect(results == [record, "release.lua:4: no field 'remarc'"])
  }

  @Test func errorsCrossWithTheirClass() async throws {
    let results = try await run("local ok, e = pcall(host.fail) return host.now(e)")
    #expect(results.first?.tableValue?.className == "error")
  }
}
