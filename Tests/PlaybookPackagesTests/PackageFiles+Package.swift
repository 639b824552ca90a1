import Foundation
import GatewayTestSupport

@testable import PlaybookPackages

extension PackageFiles {
  /// The package of a folder.
  static func package(in folder: URL) async throws -> Package {
    try await Package(try PackageFolder(folder.path), place: folder.lastPathComponent)
  }
}
