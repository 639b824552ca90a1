internal import GatewayAPI
internal import HTTPTypes
internal import Hummingbird
internal import NIOCore

extension Reply {
  var response: Response {
    var headers = HTTPFields()
    let bytes: [UInt8]
    switch body {
    case .none: bytes = []
    case .json(let document):
      bytes = document.json
      headers[.contentType] = "application/json; charset=utf-8"
    case .file(let content, let contentType):
      bytes = content
      headers[.contentType] = contentType
    }
    for (name, value) in self.headers {
      if let name = HTTPField.Name(name) { headers[name] = value }
    }
    if let name = HTTPField.Name("X-Request-Id") { headers[name] = Identifier.random() }
    return Response(
      status: HTTPResponse.Status(code: status), headers: headers,
      body: bytes.isEmpty ? ResponseBody() : ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
  }
}
