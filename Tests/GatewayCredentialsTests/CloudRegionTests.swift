import GatewayAPI
import GatewayCredentials
import Testing

@Suite struct CloudRegionTests {
  @Test func aRegionGivesTheDocumentedAddresses() throws {
    let region = try #require(CloudRegion("cn-north-4"))
    #expect(region.isKnown)
    #expect(region.endpoint(of: .apigw) == "https://apig.cn-north-4.myhuaweicloud.com")
    #expect(region.endpoint(of: .apic) == "https://roma.cn-north-4.myhuaweicloud.com")
    #expect(region.identityEndpoint == "https://iam.cn-north-4.myhuaweicloud.com")
    let europe = try #require(CloudRegion("eu-west-101"))
    #expect(europe.endpoint(of: .apigw) == "https://apig.eu-west-101.myhuaweicloud.eu")
    #expect(europe.identityEndpoint == "https://iam.eu-west-101.myhuaweicloud.eu")
    #expect(CloudRegion("xx-new-1")?.isKnown == false)
  }

  @Test(arguments: ["", "a.b", "evil.com/#", "a b", "-a", "a-", "CN-North-4", "ä", "a\n"])
  func whatIsNoPartOfAHostNameIsNone(_ name: String) { #expect(CloudRegion(name) == nil) }

  @Test func anAddressTellsItsRegion() {
    #expect(CloudRegion(endpoint: "https://apig.cn-north-4.myhuaweicloud.com")?.name == "cn-north-4")
    #expect(CloudRegion(endpoint: "https://apig.eu-west-101.myhuaweicloud.eu/")?.name == "eu-west-101")
    for other in ["https://gateway.example.com", "http://127.0.0.1:8080", "https://apig.cn-north-4.example.com", "x"] {
      #expect(CloudRegion(endpoint: other) == nil)
    }
  }
}
