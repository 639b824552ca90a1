internal import GatewayAPI
internal import OpenAPIDiff
internal import ReleaseEngine

/// One side of a drift report, as it is named on the command line.
enum DriftSide: Sendable {
  /// - Parameter gateway: nil for the one that the settings name.
  case environment(gateway: String?, name: String)
  case definition(OpenAPIDefinition)
  case snapshot(EnvironmentSnapshot)

  /// - Parameter text: an environment, `GATEWAY:ENV`, or a file: what holds a slash or ends in `.json`.
  /// - Throws: ``UsageError``.
  init(_ text: String) throws {
    guard text.contains("/") || text.hasSuffix(".json") || text.hasSuffix(".yaml") || text.hasSuffix(".yml") else {
      let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
      guard parts.allSatisfy({ !$0.isEmpty }), let name = parts.last else {
        throw UsageError(
          message: "'\(text)' names no environment", hint: "write ENV, GATEWAY:ENV, or a file: ./\(text)")
      }
      self = .environment(gateway: parts.count > 1 ? parts[0] : nil, name: name)
      return
    }
    let hint = "compare exports of format json, or files of apig-lua snapshot"
    let document = try InputFile.json(text, hint: hint)
    if EnvironmentSnapshot.isSnapshot(document) {
      do throws(SnapshotUnreadable) {
        self = .snapshot(try EnvironmentSnapshot(document: document))
      } catch {
        throw UsageError(message: "\(text) cannot be used: \(error.reason)")
      }
    } else {
      do throws(DefinitionUnreadable) {
        self = .definition(try OpenAPIDefinition(document))
      } catch {
        throw UsageError(message: "\(text) cannot be compared: \(error.reason)", hint: hint)
      }
    }
  }

  /// The only group that this side knows; nil for all.
  var group: String? {
    switch self {
    case .environment: nil
    case .definition(let definition): definition.title
    case .snapshot(let snapshot): snapshot.group
    }
  }
}
