/// Exports the definitions of a group's APIs as an OpenAPI document.
public struct Export: GatewayOperation {
  public typealias Output = ExportedDocument

  public enum Define: String, FieldValue, CaseIterable {
    /// The front end.
    case spec
    /// With the back end.
    case proxy
    /// With throttling, access control and authorizers too.
    case all
    /// Unpublished APIs' definitions too.
    case dev
  }

  public enum Format: String, FieldValue, CaseIterable {
    case json, yaml, yml
  }

  public var groupID = ""
  public var environmentID = ""
  public var apiIDs: [String]?
  public var define: Define?
  public var format: Format?
  public var version: String?
  public var openAPIVersion: String?

  public init() {}

  public init(groupID: String, environmentID: String) {
    self.groupID = groupID
    self.environmentID = environmentID
  }

  public static let name = "export"

  public static let declaration = OperationDeclaration<Export>(
    .post, .gateway("openapi/export"), effect: .read,
    summary: "Exports the definitions of a group's APIs, as an environment runs them, as an OpenAPI document.",
    reference: "Exporting APIs",
    fields: [
      .init("group_id", \.groupID, .reference(.group), in: .body, required: true, help: "Group to export."),
      .init(
        "env_id", \.environmentID, .reference(.environment), in: .body, required: true,
        help: "Environment whose versions are exported."),
      .init(
        "apis", \.apiIDs, .references(.api, maximumCount: 1000), in: .body, help: "Only these APIs of the group."),
      .init(
        "define", \.define, .choice(Define.allCases.map(\.rawValue)), in: .body,
        help: "What is defined: spec (front end; default), proxy (with back end), all, dev (drafts too)."),
      .init(
        "type", \.format, .choice(Format.allCases.map(\.rawValue)), in: .body, scriptName: "format",
        help: "Format of the document; default json."),
      // The gateway's own default is the clock, which makes two exports of the same thing differ.
      .init(
        "version", \.version, .string, in: .body, default: "1.0",
        help: "Version that the document bears; default \"1.0\", so that two exports compare."),
      .init(
        "oas_version", \.openAPIVersion, .choice(["2.0", "3.0"]), in: .query, only: .apigw,
        help: "OpenAPI version of the document."),
    ])
}
