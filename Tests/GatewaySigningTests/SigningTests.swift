import GatewaySigning
import Testing

@Suite struct SigningTests {
  @Test func theVectorsAreThere() { #expect(SigningVector.all.count >= 18) }

  @Test(arguments: SigningVector.all)
  func signsAsTheOfficialSignerDoes(_ vector: SigningVector) throws {
    let signed = try #require(vector.signed)
    let authorization = try #require(signed.header("authorization"))
    #expect(authorization == vector.expectedAuthorization)
    let names = signed.headers.map { $0.name.lowercased() }.filter { $0 != "authorization" && !$0.contains("_") }
    let canonical = CanonicalRequest(signed, signing: names)
    #expect(canonical.text == vector.canonicalRequest)
    #expect(canonical.stringToSign(at: vector.date) == vector.stringToSign)
  }

  @Test(arguments: SigningVector.all)
  func aSignedRequestVerifiesAndAnAlteredOneDoesNot(_ vector: SigningVector) throws {
    let signed = try #require(vector.signed)
    let now = try #require(SigningDate(stamp: vector.date))
    let verifier = RequestVerifier()
    #expect(RequestVerifier.accessKey(of: signed) == vector.ak)
    try verifier.verify(signed, credential: vector.credential, now: now)

    func expectRefusal(_ what: String, _ change: (inout SignableRequest) -> Void) {
      var altered = signed
      change(&altered)
      #expect(throws: VerificationError.self, "\(vector.name): \(what)") {
        try verifier.verify(altered, credential: vector.credential, now: now)
      }
    }
    expectRefusal("method") { $0.method = $0.method == "GET" ? "PUT" : "GET" }
    expectRefusal("path") { $0.path += "x" }
    expectRefusal("query") { $0.query.append(("extra", "1")) }
    if !(signed.header("x-sdk-content-sha256") == "UNSIGNED-PAYLOAD") {
      expectRefusal("body") { $0.body.append(0x20) }
      expectRefusal("body taken out of the signature") {
        $0.headers.append(("X-Sdk-Content-Sha256", "UNSIGNED-PAYLOAD"))
        $0.body.append(0x20)
      }
    }
    for (index, header) in signed.headers.enumerated() where !header.name.contains("_") {
      expectRefusal("header \(header.name)") { $0.headers[index].value += "1" }
      expectRefusal("no header \(header.name)") { $0.headers.remove(at: index) }
    }
  }

  @Test func aWrongSecretIsRefused() throws {
    let vector = try #require(SigningVector.all.first)
    let now = try #require(SigningDate(stamp: vector.date))
    let other = Credential(accessKey: vector.ak, secretKey: vector.sk + "x")
    let signed = try #require(vector.signed)
    #expect(throws: VerificationError.mismatch) { try RequestVerifier().verify(signed, credential: other, now: now) }
  }

  @Test(arguments: [(-901, false), (-900, true), (900, true), (901, false)])
  func aDateMayBeFifteenMinutesOff(_ seconds: Int64, _ isAccepted: Bool) throws {
    let vector = try #require(SigningVector.all.first)
    let date = try #require(SigningDate(stamp: vector.date))
    let signed = try #require(vector.signed)
    let now = SigningDate(secondsSince1970: date.secondsSince1970 + seconds)
    let verify = { try RequestVerifier().verify(signed, credential: vector.credential, now: now) }
    if isAccepted { try verify() } else { #expect(throws: VerificationError.skew) { try verify() } }
  }

  @Test(arguments: ["host", "x-sdk-date"])
  func hostAndDateMustBeSigned(_ name: String) throws {
    let vector = try #require(SigningVector.all.first)
    let now = try #require(SigningDate(stamp: vector.date))
    var request = try #require(vector.signed)
    let names = ["content-type", "host", "x-sdk-date"].filter { $0 != name }
    let canonical = CanonicalRequest(request, signing: names)
    let signature = canonical.signature(at: vector.date, secretKey: vector.sk)
    request.headers.removeAll { $0.name == "Authorization" }
    request.headers.append(
      (
        "Authorization",
        "SDK-HMAC-SHA256 Access=\(vector.ak), SignedHeaders=\(canonical.signedHeaders), Signature=\(signature)"
      ))
    #expect(throws: VerificationError.missingSignedHeader(name)) {
      try RequestVerifier().verify(request, credential: vector.credential, now: now)
    }
  }

  @Test(arguments: ["", "Basic x", "SDK-HMAC-SHA256", "SDK-HMAC-SHA256 Access=a", "SDK-HMAC-SHA256 ,,=,"])
  func whatIsNoAuthorizationIsMalformed(_ text: String) throws {
    let vector = try #require(SigningVector.all.first)
    let now = try #require(SigningDate(stamp: vector.date))
    var request = vector.request
    request.headers.append(("Authorization", text))
    #expect(throws: VerificationError.malformed) {
      try RequestVerifier().verify(request, credential: vector.credential, now: now)
    }
  }

  @Test func aCredentialNeverShowsItsSecret() {
    let credential = Credential(accessKey: "AK", secretKey: "very-secret", securityToken: "hidden-token")
    var dumped = ""
    dump(credential, to: &dumped)
    for text in ["\(credential)", String(reflecting: credential), dumped] {
      #expect(!text.contains("very-secret") && !text.contains("hidden-token"))
    }
  }
}
