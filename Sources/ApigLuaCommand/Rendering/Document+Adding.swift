internal import GatewayAPI

extension Document {
  /// The object with more members.
  func adding(_ members: [String: Document]) -> Document {
    .object((objectValue ?? [:]).merging(members) { $1 })
  }
}
