/// Whether an operation changes the gateway.
public enum OperationEffect: String, Sendable, Hashable {
  case read
  case write
}

/// What puts back what an operation did.
public enum UndoRule: Sendable, Hashable {
  /// Nothing to put back, or nothing that could.
  case none
  /// Switch to the version that was effective before; a first publication is taken offline. Exact.
  case switchBack
  /// Publish, then switch to the version that was effective before: the draft is exposed for seconds. Inexact.
  case publishAgain

  /// One phrase for the manual.
  public var summary: String? {
    switch self {
    case .none: nil
    case .switchBack: "put back exactly by a switch to the version in effect before, or by taking offline what was new"
    case .publishAgain: "put back inexactly: published again, then switched to the version in effect before"
    }
  }
}

/// The path of an operation; `{name}` stands for a field or a part of the address.
public struct PathTemplate: Sendable, Hashable {
  private let templates: [GatewayProduct: String]

  /// A path below one gateway, the same for both products but for the product's own segment.
  public static func gateway(_ path: String) -> PathTemplate {
    PathTemplate(
      templates: Dictionary(
        uniqueKeysWithValues: GatewayProduct.allCases.map {
          ($0, "/v2/{project_id}/\($0.rawValue)/instances/{instance_id}/\(path)")
        }))
  }

  /// A path below the project, which the products spell differently.
  public static func project(apigw: String, apic: String) -> PathTemplate {
    PathTemplate(templates: [.apigw: "/v2/{project_id}/\(apigw)", .apic: "/v2/{project_id}/\(apic)"])
  }

  /// The template for one product: `/v2/{project_id}/apigw/instances/{instance_id}/apis`.
  public func template(for product: GatewayProduct) -> String { templates[product, default: ""] }
}

/// The form an answer has.
public enum OutputShape: Sendable, Hashable {
  case nothing
  case record(RecordSchema)
  case page(RecordSchema)
  case batch
  /// A file body instead of a JSON envelope.
  case file
}

/// All facts of one operation but its Swift type.
public struct OperationDescriptor: Sendable {
  /// Name in scripts, the documented verb: `switch_version`.
  public let name: String
  /// One sentence.
  public let summary: String
  /// Title of the page in the public API reference.
  public let reference: String
  public let method: HTTPMethod
  public let path: PathTemplate
  public let fields: [FieldDescriptor]
  /// Body members that the operation's name already says: `action`.
  public let fixedBody: [String: Document]
  /// Status of success.
  public let status: Int
  public let effect: OperationEffect
  /// Whether sending it twice does no more than sending it once: it may be repeated after a lost answer.
  public let isRepeatable: Bool
  public let undo: UndoRule
  /// Whether its fields travel as a form instead of JSON.
  public var takesForm: Bool { fields.contains { $0.location == .form || $0.location == .formFile } }
  /// The batch action that carries out the same for several APIs.
  public let batchAction: Batch.Action?
  public let output: OutputShape
}
