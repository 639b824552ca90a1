import Foundation
import GatewaySigning
import Testing

/// A request signed by the official signer with made-up keys.
struct SigningVector: Decodable, Sendable, CustomTestStringConvertible {
  let name: String
  let method: String
  let host: String
  let path: String
  let query: [[Text]]
  let headersBeforeSigning: [String: String]
  let body: String?
  let ak: String
  let sk: String
  let date: String
  let canonicalRequest: String
  let stringToSign: String
  let expectedAuthorization: String

  /// A query value: text, or a number that is sent as text.
  struct Text: Decodable, Sendable {
    let text: String

    init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      if let number = try? container.decode(Int.self) {
        text = String(number)
      } else {
        text = try container.decode(String.self)
      }
    }
  }

  private struct File: Decodable { let vectors: [SigningVector] }

  static let all: [SigningVector] = {
    guard let url = Bundle.module.url(forResource: "signing-vectors", withExtension: "json", subdirectory: "Vectors"),
      let data = try? Data(contentsOf: url)
    else { return [] }
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    return (try? decoder.decode(File.self, from: data).vectors) ?? []
  }()

  var testDescription: String { name }
  var credential: Credential { Credential(accessKey: ak, secretKey: sk) }

  var request: SignableRequest {
    SignableRequest(
      method: method, path: path, query: query.map { ($0[0].text, $0[1].text) },
      headers: [("Host", host)] + headersBeforeSigning.map { ($0.key, $0.value) }, body: Array((body ?? "").utf8))
  }

  var signed: SignableRequest? {
    guard let date = SigningDate(stamp: date) else { return nil }
    var request = request
    RequestSigner(credential: credential).sign(&request, at: date)
    return request
  }
}
