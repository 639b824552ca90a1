/// Every operation there is, in the order manuals list them.
public enum OperationCatalog {
  public static let all: [any GatewayOperation.Type] = [
    Publish.self,
    Offline.self,
    Batch.self,
    SwitchVersion.self,
    History.self,
    Export.self,
    ListAPIs.self,
    GetAPI.self,
    GetVersion.self,
    ListGroups.self,
    ListEnvironments.self,
    ListGateways.self,
  ]
}
