internal import GatewayAPI
internal import HTTPTypes
internal import Hummingbird
internal import NIOCore

extension Reply {
  var response: Response {
    var headers = HTTPFields()
    let bytes: [UInt8]
    switch body {
    case _ where isBodyless, .none: bytes = []
    case .json(let document):
      bytes = document.json
      headers[.contentType] = Self.jsonContentType
    case .file(let content, let contentType):
      bytes = content
      headers[.contentType] = contentType
    }
    for (name, value) in self.headers {
      if let name = HTTPField.Name(name) { headers[name] = value }
    }
    return Response(status: HTTPResponse.Status(code: status), headers: headers, body: responseBody(bytes))
  }

  /// Whether HTTP knows no body for the status: the client would take it for the beginning of the next answer.
  private var isBodyless: Bool { status < 200 || status == 204 || status == 304 }

  private func responseBody(_ bytes: [UInt8]) -> ResponseBody {
    guard !bytes.isEmpty else { return ResponseBody() }
    guard let length = cutLength, length < bytes.count else {
      return ResponseBody(byteBuffer: ByteBuffer(bytes: bytes))
    }
    return ResponseBody(contentLength: bytes.count) { writer in
      try await writer.write(ByteBuffer(bytes: bytes.prefix(length)))
      // An error before the end closes the connection: the client has been promised more.
      throw BodyCut()
    }
  }
}

private struct BodyCut: Error {}
