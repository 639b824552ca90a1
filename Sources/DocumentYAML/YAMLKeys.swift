// The parser inside Yams: its events tell what a text holds before anything is made of it.
internal import CYaml
internal import GatewayAPI

/// A YAML text that no JSON can be: with a key that is no text, or nested too deeply.
struct YAMLMistake: Error {
  let message: String
  let line: Int
  let column: Int

  fileprivate init(_ message: String, _ event: yaml_event_t) {
    self.message = message
    line = Int(event.start_mark.line) + 1
    column = Int(event.start_mark.column) + 1
  }
}

/// Looks at the keys of a YAML text, and at its depth, before it is composed.
///
/// Yams compares the keys of a mapping with all that they hold. One that is an alias of aliases of aliases, some lines
/// in all, would keep it busy for years; as a value the same does no harm before it is unfolded. And it composes by
/// recursion, for which the stack of a thread is soon too small.
enum YAMLKeys {
  private enum Place { case element, key, value }

  /// - Throws: ``YAMLMistake`` for a key that is a list, a mapping or an alias, and for too many collections in each
  ///   other. What is no YAML passes: composing it tells what is wrong.
  static func check(_ text: String) throws(YAMLMistake) {
    var text = text
    var parser = yaml_parser_t()
    // The parser keeps a pointer to itself.
    let mistake = withUnsafeMutablePointer(to: &parser) { parser in
      text.withUTF8 { firstMistake(in: $0, parser) }
    }
    if let mistake { throw mistake }
  }

  private static func firstMistake(
    in text: UnsafeBufferPointer<UInt8>, _ parser: UnsafeMutablePointer<yaml_parser_t>
  ) -> YAMLMistake? {
    guard yaml_parser_initialize(parser) == 1 else { return nil }
    defer { yaml_parser_delete(parser) }
    yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
    yaml_parser_set_input_string(parser, text.baseAddress, text.count)
    // Where the next node stands, for each collection that is open.
    var places: [Place] = []
    while true {
      var event = yaml_event_t()
      guard yaml_parser_parse(parser, &event) == 1 else { return nil }
      defer { yaml_event_delete(&event) }
      switch event.type {
      case YAML_STREAM_END_EVENT: return nil
      case YAML_SEQUENCE_END_EVENT, YAML_MAPPING_END_EVENT: places.removeLast()
      case YAML_SCALAR_EVENT, YAML_ALIAS_EVENT, YAML_SEQUENCE_START_EVENT, YAML_MAPPING_START_EVENT:
        switch places.last {
        case .key?:
          guard event.type == YAML_SCALAR_EVENT else {
            return YAMLMistake("a key must be text, not a list, a mapping or an alias", event)
          }
          places[places.count - 1] = .value
        case .value?: places[places.count - 1] = .key
        case .element?, nil: break
        }
        if event.type == YAML_SEQUENCE_START_EVENT { places.append(.element) }
        if event.type == YAML_MAPPING_START_EVENT { places.append(.key) }
        guard places.count <= Document.maximumDepth else {
          return YAMLMistake("it is nested deeper than \(Document.maximumDepth)", event)
        }
      default: break
      }
    }
  }
}
