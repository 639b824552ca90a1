internal import GatewayAPI
internal import ReleaseEngine

/// Stands where nothing may be asked: what is made of a journal alone never comes here.
struct UnaskedGateway: Gateway {
  let product = GatewayProduct.apigw

  func perform<Operation: GatewayOperation>(_ operation: Operation) async throws -> Operation.Output {
    throw ReplayEnd()
  }
}
