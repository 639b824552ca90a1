import GatewayAPI
import Testing

@Suite struct JSONTests {
  @Test(arguments: [
    ("null", Document.null),
    (" [1, -2.5, true, \"a\"] ", .array([1, .number(-2.5), true, "a"])),
    ("{\"a\":{\"b\":[]}}", Document.object(["a": .object(["b": .array([])])])),
    ("9223372036854775807", .integer(.max)),
    ("9223372036854775808", .number(9_223_372_036_854_775_808)),
    ("1.0", .number(1)),
    ("1e2", .number(100)),
    ("\"\\u00e9\\ud83d\\ude00\\n\\/\"", "é😀\n/"),
    ("\"\\ud83d\"", "\u{FFFD}"),
  ])
  func parses(_ text: String, _ document: Document) throws {
    #expect(try Document(json: text) == document)
  }

  @Test(arguments: [
    ("", 0), ("{\"a\":1", 6), ("[1,]", 3), ("{\"a\" 1}", 5), ("01", 1), ("nul", 3), ("\"a", 2), ("[1] x", 4),
    ("\"\\x\"", 2), ("-", 1), ("1.", 2), ("<html>", 0), ("\"\u{01}\"", 1),
  ])
  func refusesWithTheOffset(_ text: String, _ offset: Int) {
    let error = #expect(throws: JSONSyntaxError.self) { try Document(json: text) }
    #expect(error?.offset == offset)
  }

  @Test func refusesInvalidUTF8() {
    #expect(throws: JSONSyntaxError.self) { try Document(json: [0x22, 0xFF, 0x22]) }
  }

  @Test func refusesNestingThatWouldExhaustTheStack() {
    let deep = String(repeating: "[", count: 100_000)
    let error = #expect(throws: JSONSyntaxError.self) { try Document(json: deep) }
    #expect(error?.reason == "nested too deeply")
  }

  @Test func printsOneWayAndReadsItBack() throws {
    let document: Document = ["b": [1, .number(0.5), .null, false], "a": "q\"\\\n\u{1}é"]
    #expect(document.jsonText == "{\"a\":\"q\\\"\\\\\\n\\u0001é\",\"b\":[1,0.5,null,false]}")
    #expect(try Document(json: document.json) == document)
  }

  @Test func numbersWithoutAJSONFormBecomeNull() {
    #expect(Document.number(.infinity).jsonText == "null")
  }
}
