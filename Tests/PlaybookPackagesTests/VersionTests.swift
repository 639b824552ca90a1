import Testing

@testable import PlaybookPackages

/// Versions and ranges, as semver.org and npm define them.
@Suite struct VersionTests {
  @Test func versionsAreOrderedAsTheStandardOrdersThem() throws {
    // The example of semver.org, section 11.
    let ordered = [
      "0.9.9", "1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta", "1.0.0-beta.2", "1.0.0-beta.11",
      "1.0.0-rc.1", "1.0.0", "1.0.1", "1.10.0", "2.0.0",
    ]
    let versions = try ordered.map { text in try SemanticVersion(text) }
    #expect(versions.reversed().sorted() == versions)
    #expect(versions.map(\.description) == ordered)
  }

  @Test func theBuildTellsApartAndCountsForNoRange() throws {
    let plain = try SemanticVersion("1.2.3")
    let built = try SemanticVersion("1.2.3+build.5")
    #expect(plain != built && built.description == "1.2.3+build.5")
    #expect(!plain.precedes(built) && !built.precedes(plain))
    #expect(try VersionRange("1.2.3").contains(built))
  }

  @Test(arguments: [
    "", "1", "1.2", "v1.2.3", "1.2.3.4", "01.2.3", "1.2.3-", "1.2.3-a..b", "1.2.3-01", "1.2.3+", "1.2.x", "1.2.3 ",
    " 1.2.3", "1.2.-3", "1.2.3-ü", "9999999999999999.0.0", "1.2.3\n",
  ]) func whatIsNoVersionIsRefused(_ text: String) {
    #expect(throws: PackageError.self) { try SemanticVersion(text) }
  }

  @Test(arguments: [
    ("^1.2", ["1.2.0", "1.9.9"], ["1.1.9", "2.0.0", "2.0.0-rc.1", "1.3.0-rc.1"]),
    ("^1.2.3", ["1.2.3", "1.10.0"], ["1.2.2", "2.0.0"]),
    ("^0.2.3", ["0.2.3", "0.2.9"], ["0.2.2", "0.3.0", "1.0.0"]),
    ("^0.0.3", ["0.0.3"], ["0.0.2", "0.0.4"]),
    ("^0.0", ["0.0.0", "0.0.9"], ["0.1.0"]),
    ("^0", ["0.0.0", "0.9.0"], ["1.0.0"]),
    ("~1.2.3", ["1.2.3", "1.2.9"], ["1.2.2", "1.3.0"]),
    ("~1.2", ["1.2.0", "1.2.9"], ["1.3.0"]),
    ("~1", ["1.0.0", "1.9.0"], ["2.0.0"]),
    (">=1.0 <2", ["1.0.0", "1.9.9"], ["0.9.9", "2.0.0", "2.0.0-alpha"]),
    (">1.2", ["1.3.0"], ["1.2.9", "1.2.0"]),
    (">1.2.3", ["1.2.4"], ["1.2.3"]),
    ("<=1.2", ["1.2.9", "0.1.0"], ["1.3.0"]),
    ("<=1.2.3", ["1.2.3"], ["1.2.4"]),
    ("<1.2", ["1.1.9"], ["1.2.0", "1.2.0-rc.1"]),
    ("1.x", ["1.0.0", "1.9.0"], ["0.9.0", "2.0.0"]),
    ("1.2.*", ["1.2.0", "1.2.9"], ["1.3.0"]),
    ("1.2", ["1.2.7"], ["1.3.0"]),
    ("1.2.3", ["1.2.3"], ["1.2.4", "1.2.3-rc.1"]),
    ("=1.2.3", ["1.2.3"], ["1.2.4"]),
    ("*", ["0.0.0", "9.9.9"], ["1.0.0-rc.1"]),
    ("^1.0 || >=3.1 <4", ["1.5.0", "3.1.0"], ["2.0.0", "3.0.0", "4.0.0"]),
    ("^1.2.3-beta.2", ["1.2.3-beta.2", "1.2.3-beta.4", "1.2.3", "1.9.0"], ["1.2.3-beta.1", "1.2.4-beta.3"]),
    (">=1.0.0-0", ["1.0.0-alpha", "1.0.0", "2.0.0"], ["0.9.0", "1.1.0-alpha"]),
    ("  >= 1.0   < 1.5  ", ["1.4.0"], ["1.5.0"]),
    ("<0.0.0", [], ["0.0.0", "1.0.0"]),
  ]) func rangesTakeWhatNpmsTake(_ range: String, _ inside: [String], _ outside: [String]) throws {
    let range = try VersionRange(range)
    for text in inside { #expect(range.contains(try SemanticVersion(text)), "\(text) in \(range)") }
    for text in outside { #expect(!range.contains(try SemanticVersion(text)), "\(text) not in \(range)") }
  }

  @Test(arguments: [
    ("", "its end"), ("   ", "its end"), ("1.2.3 -", "'-'"), ("1.0 - 2.0", "'- 2.0'"), ("^^1", "'^^1'"),
    ("1.x.3", "'1.x.3'"), ("latest", "'latest'"), (">=1.0,<2", "'>=1.0,<2'"), ("1 ||", "''"), ("|| 1", "'|| 1'"),
    ("1.2.3.4", "'1.2.3.4'"), ("^1.2ä", "'^1.2ä'"), ("1|2", "'1|2'"),
  ]) func whatIsNoRangeIsToldWithItsPlace(_ text: String, _ place: String) throws {
    let error = try #require(throws: PackageError.self) { try VersionRange(text) }
    #expect(error.kind == .usage && error.message.contains(place), "\(error)")
    #expect(error.hint?.contains("^1.2") == true)
  }

  @Test func longTextsAreRefusedAtOnce() throws {
    let long = String(repeating: "^1.2 ", count: 100_000)
    #expect(throws: PackageError.self) { try VersionRange(long) }
    #expect(throws: PackageError.self) { try SemanticVersion(String(repeating: "1", count: 100_000)) }
  }

  @Test func tagsNameVersionsWithOrWithoutTheirLetter() {
    #expect(SemanticVersion(tag: "v1.2.3")?.description == "1.2.3")
    #expect(SemanticVersion(tag: "1.2.3-rc.1")?.description == "1.2.3-rc.1")
    #expect(SemanticVersion(tag: "release-1.2.3") == nil && SemanticVersion(tag: "vv1.2.3") == nil)
  }
}
