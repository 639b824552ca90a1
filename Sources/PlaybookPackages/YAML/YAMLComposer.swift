// The parser inside Yams: its events tell what a text holds before anything is made of it.
internal import CYaml

/// Reads the part of YAML that configuration needs: text, lists and mappings with text for names.
///
/// Anchors, aliases, tags, several documents and mappings with a name twice are refused as soon as they are met, so
/// that a few lines can stand for no more than they show.
struct YAMLComposer {
  /// Deepest nesting.
  static let maximumDepth = 12

  private let file: String
  private var open: [Collection] = []
  private var root: YAMLNode?

  /// A list or mapping whose end has not been read.
  private struct Collection {
    let isMapping: Bool
    let mark: yaml_mark_t
    var elements: [YAMLNode] = []
    var members: [(name: YAMLNode, value: YAMLNode)] = []
    var names: Set<String> = []
    /// Of a mapping: what the next value belongs to.
    var name: YAMLNode?
  }

  /// - Parameter file: its name, for messages.
  private init(file: String) { self.file = file }

  /// - Returns: nil for a text that holds nothing.
  /// - Throws: ``PackageError`` of kind `malformed`, with line and column.
  static func compose(_ text: String, file: String) throws(PackageError) -> YAMLNode? {
    guard !isDeep(text) else { throw PackageError(.malformed, place: file, "it is nested deeper than \(maximumDepth)") }
    var text = text
    var parser = yaml_parser_t()
    // The parser keeps a pointer to itself.
    let result: Result<YAMLNode?, PackageError> = withUnsafeMutablePointer(to: &parser) { parser in
      text.withUTF8 { bytes in
        var composer = YAMLComposer(file: file)
        do throws(PackageError) {
          return .success(try composer.compose(bytes, parser))
        } catch {
          return .failure(error)
        }
      }
    }
    return try result.get()
  }

  /// Whether brackets alone say that it is too deep, with as many to spare as texts may hold: the parser would look at
  /// thousands of open ones again with each that comes.
  private static func isDeep(_ text: String) -> Bool {
    var depth = 0
    return text.utf8.contains { byte in
      switch byte {
      case UInt8(ascii: "["), UInt8(ascii: "{"): depth += 1
      case UInt8(ascii: "]"), UInt8(ascii: "}"): depth -= 1
      default: break
      }
      return depth > 20 * maximumDepth
    }
  }

  private mutating func compose(
    _ text: UnsafeBufferPointer<UInt8>, _ parser: UnsafeMutablePointer<yaml_parser_t>
  ) throws(PackageError) -> YAMLNode? {
    guard yaml_parser_initialize(parser) == 1 else { throw PackageError(.malformed, place: file, "no memory is left") }
    defer { yaml_parser_delete(parser) }
    yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
    yaml_parser_set_input_string(parser, text.baseAddress, text.count)
    while true {
      var event = yaml_event_t()
      guard yaml_parser_parse(parser, &event) == 1 else {
        let problem = parser.pointee.problem.map { String(cString: $0) } ?? "it cannot be read"
        throw wrong(parser.pointee.problem_mark, "this is no YAML: \(problem)")
      }
      defer { yaml_event_delete(&event) }
      if event.type == YAML_STREAM_END_EVENT { return root }
      try take(event)
    }
  }

  private mutating func take(_ event: yaml_event_t) throws(PackageError) {
    let mark = event.start_mark
    switch event.type {
    case YAML_SCALAR_EVENT:
      let scalar = event.data.scalar
      try refuse(anchor: scalar.anchor, tag: scalar.tag, mark)
      let text = String(decoding: UnsafeBufferPointer(start: scalar.value, count: scalar.length), as: UTF8.self)
      try add(node(.scalar(text), mark))
    case YAML_SEQUENCE_START_EVENT:
      try refuse(anchor: event.data.sequence_start.anchor, tag: event.data.sequence_start.tag, mark)
      try begin(Collection(isMapping: false, mark: mark))
    case YAML_MAPPING_START_EVENT:
      try refuse(anchor: event.data.mapping_start.anchor, tag: event.data.mapping_start.tag, mark)
      try begin(Collection(isMapping: true, mark: mark))
    case YAML_SEQUENCE_END_EVENT, YAML_MAPPING_END_EVENT:
      if let ended = open.popLast() {
        try add(node(ended.isMapping ? .mapping(ended.members) : .sequence(ended.elements), ended.mark))
      }
    case YAML_ALIAS_EVENT: throw wrong(mark, "aliases are not taken here", hint: "write the value out")
    case YAML_DOCUMENT_START_EVENT where root != nil:
      throw wrong(mark, "a second document begins", hint: "the file holds one")
    default: break
    }
  }

  private mutating func begin(_ collection: Collection) throws(PackageError) {
    guard open.count < Self.maximumDepth else {
      throw wrong(collection.mark, "it is nested deeper than \(Self.maximumDepth)")
    }
    if let last = open.last, last.isMapping, last.name == nil { throw wrong(collection.mark, "a name must be text") }
    open.append(collection)
  }

  private mutating func add(_ node: YAMLNode) throws(PackageError) {
    let last = open.count - 1
    guard last >= 0 else {
      root = node
      return
    }
    if !open[last].isMapping {
      open[last].elements.append(node)
    } else if let name = open[last].name {
      open[last].members.append((name, node))
      open[last].name = nil
    } else {
      let name = node.text ?? ""
      guard open[last].names.insert(name).inserted else {
        throw PackageError(
          .malformed, place: "\(file):\(node.line):\(node.column)", "'\(name.shownName)' stands there more than once")
      }
      open[last].name = node
    }
  }

  private func refuse(
    anchor: UnsafeMutablePointer<UInt8>?, tag: UnsafeMutablePointer<UInt8>?, _ mark: yaml_mark_t
  ) throws(PackageError) {
    if anchor != nil { throw wrong(mark, "anchors are not taken here", hint: "write the value where it is needed") }
    if tag != nil { throw wrong(mark, "tags are not taken here", hint: "leave it away") }
  }

  private func node(_ content: YAMLNode.Content, _ mark: yaml_mark_t) -> YAMLNode {
    YAMLNode(content: content, line: Int(mark.line) + 1, column: Int(mark.column) + 1)
  }

  private func wrong(_ mark: yaml_mark_t, _ message: String, hint: String? = nil) -> PackageError {
    PackageError(.malformed, place: "\(file):\(mark.line + 1):\(mark.column + 1)", message, hint: hint)
  }
}
