internal import GatewayAPI

/// A version as the history lists it: without what it froze.
struct VersionEntry {
  let id: String
  let apiID: String
  let environmentID: String
  let environmentName: String
  let number: String
  let remark: String?
  let publishTime: String
  let isEffective: Bool

  /// Sorted by name.
  var members: [JSONMember] {
    [
      JSONMember("api_id", .string(apiID)), JSONMember("env_id", .string(environmentID)),
      JSONMember("env_name", .string(environmentName)), JSONMember("publish_time", .string(publishTime)),
      JSONMember("remark", .string(remark ?? "")), JSONMember("status", isEffective ? 1 : 2),
      JSONMember("version_id", .string(id)), JSONMember("version_no", .string(number)),
    ]
  }
}
