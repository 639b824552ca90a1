internal import Hummingbird
internal import NIOCore

/// What travels with a request through middleware and routes.
struct GatewayRequestContext: RequestContext {
  var coreContext: CoreRequestContextStorage
  let exchange = Exchange()
  /// The client's connection, for faults that end it.
  let channel: any Channel

  init(source: ApplicationRequestContextSource) {
    coreContext = CoreRequestContextStorage(source: source)
    channel = source.channel
  }
}
