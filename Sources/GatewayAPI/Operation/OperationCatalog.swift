/// Every operation there is, in the order manuals list them.
public enum OperationCatalog {
  public static let all: [any GatewayOperation.Type] = [
    Publish.self,
    Offline.self,
    Batch.self,
    SwitchVersion.self,
    History.self,
    Export.self,
    ImportDefinitions.self,
    ListAPIs.self,
    GetAPI.self,
    GetVersion.self,
    ListGroups.self,
    ListEnvironments.self,
    ListGateways.self,
    GetRuntimeDefinition.self,
    DeleteVersion.self,
    CreateAPI.self,
    UpdateAPI.self,
    DeleteAPI.self,
    GetGroup.self,
    CreateGroup.self,
    UpdateGroup.self,
    DeleteGroup.self,
    CreateEnvironment.self,
    UpdateEnvironment.self,
    DeleteEnvironment.self,
    GetGateway.self,
    DebugAPI.self,
  ]

  /// The names of those that change something.
  public static let writes = Set(all.filter { $0.descriptor.effect == .write }.map { $0.name })
}
