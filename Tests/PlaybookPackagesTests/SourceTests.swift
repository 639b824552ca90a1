import Testing

@testable import PlaybookPackages

/// What can be written where a source is asked for.
@Suite struct SourceTests {
  @Test(
    arguments: [
      ("./rotate", PackageSource.Location.folder("./rotate"), nil),
      ("/srv/rotate", .folder("/srv/rotate"), nil),
      ("..", .folder(".."), nil),
      ("rotate-1.0.0.tar.gz", .archive("rotate-1.0.0.tar.gz"), nil),
      ("/srv/rotate.tgz", .archive("/srv/rotate.tgz"), nil),
      ("https://example.com/a/rotate.tar.gz", .web("https://example.com/a/rotate.tar.gz"), nil),
      ("https://example.com:8443/a", .web("https://example.com:8443/a"), nil),
    ] as [(String, PackageSource.Location, String?)])
  func placesAreToldApart(_ text: String, _ location: PackageSource.Location, _ revision: String?) throws {
    let source = try PackageSource(text)
    #expect(source.location == location && source.revision?.description == revision && source.description == text)
  }

  @Test(arguments: [
    ("git+https://git.example.com/acme/rotate.git@v1.2.0", "https://git.example.com/acme/rotate.git", "v1.2.0"),
    ("git+https://git.example.com/acme/rotate.git", "https://git.example.com/acme/rotate.git", nil),
    (
      "git+ssh://git@git.example.com:2222/acme/rotate@feature/x", "ssh://git@git.example.com:2222/acme/rotate",
      "feature/x"
    ),
    ("git@git.example.com:acme/rotate.git@main", "git@git.example.com:acme/rotate.git", "main"),
    ("git@git.example.com:acme/rotate.git", "git@git.example.com:acme/rotate.git", nil),
    ("git+file:///srv/rotate@^1.2", "file:///srv/rotate", "^1.2"),
    ("git+file:///srv/rotate@>=1.0 <2", "file:///srv/rotate", ">=1.0 <2"),
  ]) func repositoriesHaveAnAddressAndARevision(_ text: String, _ url: String, _ revision: String?) throws {
    let source = try PackageSource(text)
    guard case .git(let location) = source.location else {
      Issue.record("\(source) is no repository")
      return
    }
    #expect(location.url == url && source.revision?.description == revision && source.description == text)
  }

  @Test func revisionsAreRangesNamesOrCommits() throws {
    let commit = String(repeating: "a1", count: 20)
    #expect(try GitRevision(commit) == .commit(commit))
    #expect(try GitRevision("v1.2.0") == .name("v1.2.0"))
    #expect(try GitRevision("refs/heads/1.x") == .name("refs/heads/1.x"))
    guard case .range = try GitRevision("1.x") else {
      Issue.record("1.x is a range")
      return
    }
  }

  @Test(arguments: [
    ("", "a folder"), ("rotate", "a folder"), ("acme/rotate", "a folder"), ("http://example.com/x.tar.gz", "use https"),
    ("ftp://example.com/x", "a folder"), ("https://user:hunter2@example.com/x.tar.gz", "without user"),
    ("https://example.com/x.tar.gz?token=hunter2", "without user, password or query"),
    ("https://example.com", "https://HOST/PATH"), ("git+http://example.com/x", "git+https://"),
    ("git+https://user:hunter2@example.com/x", "leave the user"),
    ("git+ssh://git:hunter2@example.com/x", "without a password"),
    ("git+https://-oProxyCommand=x/y", "HOST/PATH"), ("git@-oProxyCommand=x:y", "git@HOST:PATH"),
    ("git@example.com:-x", "git@HOST:PATH"), ("git+file://host/x", "git+file:///PATH"),
    ("git+https://example.com/x@--upload-pack=evil", "write @v1.2.0"),
    ("git+https://example.com/x@a..b", "write @v1.2.0"),
    ("git+https://example.com/x@", "write @v1.2.0"), ("git+https://example.com/x@main~3", "write @v1.2.0"),
    ("git+ext::sh -c evil", "git+https://"), ("./a\u{1B}[2J", "a folder"), ("git+https://example.com/x y", "HOST/PATH"),
  ]) func whatIsNoSourceIsToldWithWhatIs(_ text: String, _ hint: String) throws {
    let error = try #require(throws: PackageError.self) { try PackageSource(text) }
    #expect(error.kind == .usage && error.hint?.contains(hint) == true, "\(error)")
    #expect(!"\(error)".contains("hunter2"), "\(error)")
  }
}
