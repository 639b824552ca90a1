internal import Crypto
internal import Foundation

/// A repository elsewhere, and the objects of it that were fetched so far.
struct GitRepository: Sendable {
  private static let maximumListing = 32 << 20

  let location: GitLocation
  private let git: GitProgram
  private let cache: String

  /// - Parameter cache: the folder that fetched objects are kept in.
  init(_ location: GitLocation, cache: String) {
    self.location = location
    self.cache = cache
    git = GitProgram(folder: cache)
  }

  /// A bare repository of objects alone, all named by one kind of digest: there is nothing checked out, and nothing of
  /// it is ever run.
  private func folder(for commit: String) -> String {
    let name = SHA256.hash(data: Array(location.url.utf8)).prefix(16).hexadecimal
    return cache + "/" + name + (Self.usesSHA256(commit) ? "-sha256" : "") + ".git"
  }

  private static func usesSHA256(_ commit: String) -> Bool { commit.utf8.count == 64 }

  private var place: String { location.description }

  /// Asks the repository for its tags and branches.
  ///
  /// - Throws: ``PackageError`` of kind `unavailable`; `CancellationError`.
  func references() async throws -> GitReferences {
    let listing = try await git.run(
      ["ls-remote", "--", location.url, "refs/tags/*", "refs/heads/*"], over: location.transport,
      limit: Self.maximumListing, place: place)
    return GitReferences(listing.text)
  }

  /// The files of a commit, which is fetched unless it is there already.
  ///
  /// - Throws: ``PackageError``; `CancellationError`.
  func contents(of commit: String) async throws -> GitContents {
    let folder = folder(for: commit)
    try await fetch(commit, into: folder)
    let listing = try await own(
      ["ls-tree", "-r", "-z", "--long", "--full-tree", commit], in: folder, limit: Self.maximumListing)
    return try GitContents(listing: listing.output, place: place) { objects, limit in
      let input = Array(objects.map { $0 + "\n" }.joined().utf8)
      return try await own(["cat-file", "--batch"], in: folder, input: input, limit: limit).output
    }
  }

  private func fetch(_ commit: String, into folder: String) async throws {
    let format = Self.usesSHA256(commit) ? "sha256" : "sha1"
    try await git.run(
      ["init", "--quiet", "--bare", "--template=", "--object-format=\(format)", "--", folder], place: place)
    if await has(commit, in: folder) { return }
    do {
      // Most servers give a commit by its name.
      try await fetch(["--depth=1"], ["\(commit):refs/commits/\(commit)"], into: folder)
    } catch let error as PackageError where Self.isRefusalOfCommit(error.message) {
      try await fetch([], ["+refs/heads/*:refs/fetched/heads/*", "+refs/tags/*:refs/fetched/tags/*"], into: folder)
    }
    guard await has(commit, in: folder) else {
      throw PackageError(.unavailable, place: place, "the repository has no commit \(commit)")
    }
  }

  /// Whether a server was reached and does not give commits by their names, or not alone. All else would go wrong again,
  /// and take its time again.
  private static func isRefusalOfCommit(_ message: String) -> Bool {
    ["not our ref", "unadvertised object", "shallow", "remote ref"].contains(where: message.contains)
  }

  private func fetch(_ options: [String], _ references: [String], into folder: String) async throws {
    try await git.run(
      ["--git-dir", folder, "fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--no-auto-maintenance"]
        + options + ["--", location.url] + references, over: location.transport, place: place)
  }

  private func has(_ commit: String, in folder: String) async -> Bool {
    (try? await own(["cat-file", "-e", commit + "^{commit}"], in: folder)) != nil
  }

  /// Works on what was fetched; nothing is turned to.
  private func own(
    _ arguments: [String], in folder: String, input: [UInt8] = [], limit: Int = 1 << 20
  ) async throws -> HostProgram.Result {
    try await git.run(["--git-dir", folder] + arguments, input: input, limit: limit, place: place)
  }
}
