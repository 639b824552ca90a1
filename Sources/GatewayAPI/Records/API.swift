/// An API as lists give it: its draft, and where it is published.
public struct API: GatewayRecord {
  public let document: Document

  public init(document: Document) { self.document = document }

  public var id: String? { text("id") }
  public var name: String? { text("name") }
  public var groupID: String? { text("group_id") }
  /// When the draft last changed, RFC 3339 in UTC.
  public var updateTime: String? { text("update_time") }

  static let listFields: [RecordSchema.Field] = [
    .init("id", "string", "API ID."),
    .init("name", "string", "API name."),
    .init("type", "integer", "1: public, 2: private."),
    .init("version", "string", "API version label of the definition."),
    .init("req_protocol", "string", "Request protocol: HTTP, HTTPS, BOTH, GRPCS."),
    .init("req_method", "string", "Request method: GET, POST, …, ANY."),
    .init("req_uri", "string", "Request path, may hold {parameters}."),
    .init("auth_type", "string", "Authentication of callers: NONE, APP, IAM, AUTHORIZER."),
    .init("auth_opt", "table", "Options of the authentication."),
    .init("cors", "boolean", "Whether cross-origin access is allowed."),
    .init("trace_enabled", "boolean", "Whether calls are traced."),
    .init("sampling_strategy", "string", "How traces are sampled."),
    .init("sampling_param", "string", "Parameter of the sampling."),
    .init("match_mode", "string", "NORMAL: the path matches exactly, SWA: by prefix."),
    .init("backend_type", "string", "HTTP, FUNCTION, MOCK, GRPC."),
    .init("remark", "string", "Description."),
    .init("group_id", "string", "ID of its API group."),
    .init("body_remark", "string", "Description of the request body."),
    .init("result_normal_sample", "string", "Example of a good answer."),
    .init("result_failure_sample", "string", "Example of a failure."),
    .init("authorizer_id", "string", "Custom authorizer of the front end."),
    .init("tags", "list", "Tags."),
    .init("response_id", "string", "Group response it uses."),
    .init("roma_app_id", "string", "Integration application it belongs to."),
    .init("domain_name", "string", "Domain name bound to its group."),
    .init("tag", "string", "Tag (deprecated, see tags)."),
    .init("content_type", "string", "Content type of requests."),
    .init("is_send_fg_body_base64", "boolean", "Whether bodies go to functions in Base64."),
    .init("status", "integer", "1: valid."),
    .init("arrange_necessary", "integer", "Whether parameters are orchestrated: 1 yes, 2 no."),
    .init("register_time", "string", "When it was made, RFC 3339 in UTC."),
    .init("update_time", "string", "When its definition last changed, RFC 3339 in UTC."),
    .init("group_name", "string", "Name of its API group."),
    .init("group_version", "string", "Version of its API group."),
    .init("run_env_id", "string", "IDs of the environments it is published in, joined by |."),
    .init("run_env_name", "string", "Names of those environments, joined by |."),
    .init("publish_id", "string", "IDs of its publication records, joined by |."),
    .init("publish_time", "string", "When it was published there, joined by |."),
    .init("roma_app_name", "string", "Name of the integration application."),
    .init("ld_api_id", "string", "Custom backend it was made from."),
    .init("backend_api", "table", "HTTP back end."),
    .init("api_group_info", "table", "Its API group."),
    .init("req_params", "list", "Request parameters."),
  ]

  public static let schema = RecordSchema(
    "api", listName: "apis", summary: "An API: its draft, and where it is published.", fields: listFields)
}

extension API {
  /// Where an API is published, as a list's `|`-joined members tell.
  public struct Publishing: Sendable, Hashable {
    public let environmentID: String
    public let environmentName: String?
    public let publishID: String?
    /// RFC 3339, UTC.
    public let publishTime: String?

    public init(environmentID: String, environmentName: String?, publishID: String?, publishTime: String?) {
      self.environmentID = environmentID
      self.environmentName = environmentName
      self.publishID = publishID
      self.publishTime = publishTime
    }
  }

  /// One entry per environment that runs the API, in the gateway's order.
  public var publishings: [Publishing] {
    let environmentIDs = joined("run_env_id")
    let names = joined("run_env_name")
    let publishIDs = joined("publish_id")
    let times = joined("publish_time")
    return environmentIDs.indices.map { index in
      Publishing(
        environmentID: environmentIDs[index], environmentName: names.indices.contains(index) ? names[index] : nil,
        publishID: publishIDs.indices.contains(index) ? publishIDs[index] : nil,
        publishTime: times.indices.contains(index) ? times[index] : nil)
    }
  }

  private func joined(_ name: String) -> [String] {
    (text(name) ?? "").split(separator: "|").map(String.init)
  }
}
