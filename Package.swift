// swift-tools-version: 6.2
import PackageDescription

let settings: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
  .enableUpcomingFeature("InferIsolatedConformances"),
  .treatAllWarnings(as: .error),
]

// What scripts/release-build makes is linked with the toolchain's own linker: that script says why.
let linking: [LinkerSetting] = [.unsafeFlags(["-use-ld=lld"], .when(platforms: [.linux], configuration: .release))]

let package = Package(
  name: "apig-lua",
  products: [
    .executable(name: "apig-lua", targets: ["apig-lua"]),
    .library(
      name: "ApigLua",
      targets: [
        "GatewayAPI", "GatewayClient", "GatewayCredentials", "GatewayScripting", "GatewaySigning", "GatewayTransport",
        "LuaIsolation", "LuaRuntime", "OpenAPIDiff", "PlaybookPackages", "ReleaseEngine", "RunJournal", "SQLiteJournal",
      ]),
    .library(name: "LocalGateway", targets: ["LocalGateway"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
    .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
    .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
    .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
    .package(url: "https://github.com/apple/swift-nio-http2", from: "1.46.0"),
    .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
    .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
    .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
    .package(url: "https://github.com/swiftlang/swift-docc-plugin", from: "1.5.0"),
    .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2"),
  ],
  targets: [
    // What the gateway is: operations, records, errors. Pure; everything else rests on it.
    .target(
      name: "GatewayAPI", resources: [.embedInCode("Resources/error-codes.json")], swiftSettings: settings),
    .target(
      name: "GatewaySigning",
      dependencies: ["GatewayAPI", .product(name: "Crypto", package: "swift-crypto")],
      swiftSettings: settings),
    // Requests out, answers in: the only place that knows the HTTP library.
    .target(
      name: "GatewayTransport",
      dependencies: [
        "GatewayAPI", "GatewaySigning",
        .product(name: "AsyncHTTPClient", package: "async-http-client"),
        .product(name: "Logging", package: "swift-log"),
        .product(name: "Metrics", package: "swift-metrics"),
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOHTTP1", package: "swift-nio"),
        .product(name: "NIOPosix", package: "swift-nio"),
        .product(name: "NIOSSL", package: "swift-nio-ssl"),
      ],
      swiftSettings: settings),
    // One piece of work for everyone who wants the same.
    .target(name: "JointTasks", swiftSettings: settings),
    .target(
      name: "GatewayClient",
      dependencies: [
        "GatewayAPI", "GatewaySigning", "GatewayTransport", "JointTasks",
        .product(name: "DequeModule", package: "swift-collections"),
        .product(name: "Logging", package: "swift-log"),
        .product(name: "Metrics", package: "swift-metrics"),
      ],
      swiftSettings: settings),
    // Where credentials come from, and how those that end are renewed.
    .target(
      name: "GatewayCredentials",
      dependencies: [
        "GatewayAPI", "GatewaySigning", "GatewayTransport",
        .product(name: "Subprocess", package: "swift-subprocess"),
        .product(name: "SystemPackage", package: "swift-system"),
      ],
      swiftSettings: settings),
    // JSON values as YAML text, and back: what no few lines can blow up.
    .target(
      name: "DocumentYAML", dependencies: ["GatewayAPI", .product(name: "Yams", package: "Yams")],
      swiftSettings: settings),
    .target(
      name: "LocalGateway",
      dependencies: [
        "DocumentYAML", "GatewayAPI", "GatewaySigning",
        .product(name: "GRDB", package: "GRDB.swift"),
        .product(name: "HTTPTypes", package: "swift-http-types"),
        .product(name: "Hummingbird", package: "hummingbird"),
        .product(name: "HummingbirdCore", package: "hummingbird"),
        .product(name: "Logging", package: "swift-log"),
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOHTTP1", package: "swift-nio"),
        .product(name: "Yams", package: "Yams"),
      ],
      swiftSettings: settings),
    // Lua in Swift, ignorant of gateways: everything that can jump is C.
    .systemLibrary(name: "CLua", pkgConfig: "lua5.4", providers: [.apt(["liblua5.4-dev"])]),
    .target(name: "CLuaShims", dependencies: ["CLua"]),
    .target(name: "LuaRuntime", dependencies: ["CLuaShims"], swiftSettings: settings + [.strictMemorySafety()]),
    // The same in a process of its own, for scripts from elsewhere.
    .target(
      name: "LuaIsolation",
      dependencies: [
        "CLuaShims", "LuaRuntime",
        .product(name: "Subprocess", package: "swift-subprocess"),
        .product(name: "SystemPackage", package: "swift-system"),
      ],
      swiftSettings: settings + [.strictMemorySafety()]),
    // What a run did, and who may change what: the form of it, and where it is kept on one machine.
    .target(name: "RunJournal", dependencies: ["GatewayAPI"], swiftSettings: settings),
    .target(
      name: "SQLiteJournal",
      dependencies: ["GatewayAPI", "RunJournal", .product(name: "GRDB", package: "GRDB.swift")],
      swiftSettings: settings),
    // What differs between two definitions, and what of it breaks callers.
    .target(name: "OpenAPIDiff", dependencies: ["GatewayAPI"], swiftSettings: settings),
    // A run: what stands between a script's call and the client's request.
    .target(
      name: "ReleaseEngine",
      dependencies: [
        "GatewayAPI", "JointTasks", "RunJournal", .product(name: "Crypto", package: "swift-crypto"),
      ],
      swiftSettings: settings),
    .target(
      name: "GatewayScripting",
      dependencies: [
        "DocumentYAML", "GatewayAPI", "LuaIsolation", "LuaRuntime", "OpenAPIDiff", "ReleaseEngine", "RunJournal",
      ],
      resources: [
        .embedInCode("Resources/apig.lua"), .embedInCode("Resources/console.lua"),
        .embedInCode("Resources/packages.lua"), .embedInCode("Resources/release.lua"),
      ],
      swiftSettings: settings),
    // Lines typed at a terminal, edited with libedit.
    .systemLibrary(name: "CEdit", pkgConfig: "libedit", providers: [.apt(["libedit-dev"])]),
    .target(name: "CLineEditor", dependencies: ["CEdit"], cSettings: [.define("_GNU_SOURCE")]),
    .target(name: "LineEditor", dependencies: ["CLineEditor"], swiftSettings: settings),
    // What can be said of a script without running it: Lua's syntax, and what the functions' declarations demand.
    .target(
      name: "ScriptAnalysis", dependencies: ["GatewayAPI", "GatewayScripting", "LuaRuntime"], swiftSettings: settings),
    // Playbooks of others: versions, archives, sources, locks, signatures. Nothing of them runs here.
    .systemLibrary(name: "CZlib", providers: [.apt(["zlib1g-dev"])]),
    .target(
      name: "PlaybookPackages",
      dependencies: [
        "CZlib", "GatewayAPI",
        .product(name: "Crypto", package: "swift-crypto"),
        .product(name: "Subprocess", package: "swift-subprocess"),
        .product(name: "SystemPackage", package: "swift-system"),
        .product(name: "Yams", package: "Yams"),
      ],
      swiftSettings: settings),
    // What is left of a process that a fatal signal ends: C, for a handler of signals may call next to nothing.
    .target(name: "CCrashReport"),
    // The command: settings, commands, rendering, exit codes.
    .target(
      name: "ApigLuaCommand",
      dependencies: [
        "CCrashReport", "DocumentYAML", "GatewayAPI", "GatewayClient", "GatewayCredentials", "GatewayScripting",
        "GatewaySigning",
        "GatewayTransport", "LineEditor", "LocalGateway", "LuaIsolation", "LuaRuntime", "OpenAPIDiff",
        "PlaybookPackages", "ReleaseEngine", "RunJournal", "SQLiteJournal", "ScriptAnalysis",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "AsyncHTTPClient", package: "async-http-client"),
        .product(name: "Logging", package: "swift-log"),
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOHTTP1", package: "swift-nio"),
        .product(name: "NIOPosix", package: "swift-nio"),
        .product(name: "Subprocess", package: "swift-subprocess"),
        .product(name: "SystemPackage", package: "swift-system"),
        .product(name: "Yams", package: "Yams"),
      ],
      resources: [
        .embedInCode("Resources/switch-version.lua"), .embedInCode("Resources/restore-snapshot.lua"),
        .embedInCode("Resources/release-apis.lua"), .embedInCode("Resources/result.schema.json"),
        .embedInCode("Resources/test.lua"), .embedInCode("Resources/project-apig.yaml"),
        .embedInCode("Resources/project-luarc.json"), .embedInCode("Resources/project-release.lua"),
        .embedInCode("Resources/project-release-spec.lua"),
      ],
      swiftSettings: settings),
    .executableTarget(
      name: "apig-lua", dependencies: ["ApigLuaCommand", "LuaIsolation"], swiftSettings: settings,
      linkerSettings: linking),
    .testTarget(
      name: "GatewaySigningTests", dependencies: ["GatewaySigning"], resources: [.copy("Vectors")],
      swiftSettings: settings),
    // What is measured by scripts/benchmark, beside plain C.
    .target(name: "CBenchmarkFloors", dependencies: ["CLua"], path: "Sources/Benchmarks/Floors"),
    .executableTarget(
      name: "engine-benchmark", dependencies: ["CBenchmarkFloors", "LuaRuntime"], path: "Sources/Benchmarks/Engine",
      swiftSettings: settings, linkerSettings: linking),
    .executableTarget(
      name: "http-benchmark",
      dependencies: [
        "GatewayAPI", "GatewayClient", "GatewaySigning",
        .product(name: "Hummingbird", package: "hummingbird"),
        .product(name: "Logging", package: "swift-log"),
      ],
      path: "Sources/Benchmarks/HTTP", swiftSettings: settings, linkerSettings: linking),
    .executableTarget(
      name: "instruction-workloads",
      dependencies: ["GatewayAPI", "GatewaySigning", "LuaRuntime", "RunJournal", "ScriptAnalysis"],
      path: "Sources/Benchmarks/Instructions", swiftSettings: settings, linkerSettings: linking),
    .testTarget(
      name: "LuaRuntimeTests", dependencies: ["LuaRuntime"], resources: [.copy("Attacks")], swiftSettings: settings),
    // Runs the files of Lua's own test suite; see scripts/official-lua-tests.
    .executableTarget(
      name: "lua-engine", dependencies: ["LuaRuntime"], path: "Tests/lua-engine", swiftSettings: settings),
    .executableTarget(
      name: "lua-worker", dependencies: ["CLuaShims", "LuaIsolation"], path: "Tests/LuaWorkerForTests",
      swiftSettings: settings),
    .testTarget(
      name: "LuaIsolationTests", dependencies: ["CLuaShims", "LuaIsolation", "LuaRuntime", "lua-worker"],
      swiftSettings: settings),
    .target(
      name: "GatewayTestSupport",
      dependencies: [
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOPosix", package: "swift-nio"),
        .product(name: "NIOSSL", package: "swift-nio-ssl"),
        .product(name: "Subprocess", package: "swift-subprocess"),
        .product(name: "SystemPackage", package: "swift-system"),
      ],
      path: "Tests/Support", swiftSettings: settings),
    .testTarget(
      name: "GatewayTransportTests",
      dependencies: [
        "GatewayAPI", "GatewaySigning", "GatewayTransport", "GatewayTestSupport",
        .product(name: "Logging", package: "swift-log"),
        .product(name: "Metrics", package: "swift-metrics"),
        .product(name: "MetricsTestKit", package: "swift-metrics"),
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOHTTP1", package: "swift-nio"),
        .product(name: "NIOHTTP2", package: "swift-nio-http2"),
        .product(name: "NIOPosix", package: "swift-nio"),
        .product(name: "NIOSSL", package: "swift-nio-ssl"),
      ],
      swiftSettings: settings),
    .testTarget(
      name: "GatewayClientTests",
      dependencies: ["GatewayAPI", "GatewayClient", "GatewaySigning", "GatewayTransport", "GatewayTestSupport"],
      swiftSettings: settings),
    .testTarget(
      name: "GatewayCredentialsTests",
      dependencies: [
        "GatewayAPI", "GatewayCredentials", "GatewaySigning", "GatewayTransport", "GatewayTestSupport", "LocalGateway",
      ],
      swiftSettings: settings),
    .testTarget(
      name: "LocalGatewayTests",
      dependencies: [
        "GatewayAPI", "GatewaySigning", "LocalGateway",
        .product(name: "AsyncHTTPClient", package: "async-http-client"),
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOHTTP1", package: "swift-nio"),
      ],
      resources: [.copy("Documents")], swiftSettings: settings),
    // Works on a journal from a process of its own: for tests that kill it, and for scripts/benchmark.
    .executableTarget(
      name: "journal-driver", dependencies: ["GatewayAPI", "RunJournal", "SQLiteJournal"],
      path: "Tests/JournalDriver", swiftSettings: settings, linkerSettings: linking),
    .testTarget(
      name: "SQLiteJournalTests",
      dependencies: [
        "GatewayAPI", "GatewayTestSupport", "RunJournal", "SQLiteJournal", "journal-driver",
        .product(name: "GRDB", package: "GRDB.swift"),
        .product(name: "Subprocess", package: "swift-subprocess"),
        .product(name: "SystemPackage", package: "swift-system"),
      ],
      swiftSettings: settings),
    .testTarget(
      name: "GatewayScriptingTests",
      dependencies: [
        "GatewayAPI", "GatewayClient", "GatewayScripting", "GatewaySigning", "GatewayTestSupport", "GatewayTransport",
        "LocalGateway", "LuaRuntime", "ReleaseEngine", "RunJournal", "SQLiteJournal",
      ],
      swiftSettings: settings),
    .testTarget(
      name: "ApigLuaCommandTests",
      dependencies: [
        "apig-lua", "ApigLuaCommand", "GatewayAPI", "GatewayClient", "GatewayScripting", "GatewayTestSupport",
        "LineEditor", "ReleaseEngine", "RunJournal", "SQLiteJournal",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "AsyncHTTPClient", package: "async-http-client"),
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOHTTP1", package: "swift-nio"),
        .product(name: "Subprocess", package: "swift-subprocess"),
        .product(name: "SystemPackage", package: "swift-system"),
        .product(name: "Yams", package: "Yams"),
      ],
      exclude: ["OfficialSDK", "OpenAPIValidator", "ResultSchema", "Transcripts/Expected"],
      resources: [.copy("Examples")],
      swiftSettings: settings),
    .testTarget(
      name: "ScriptAnalysisTests", dependencies: ["GatewayAPI", "GatewayScripting", "LuaRuntime", "ScriptAnalysis"],
      swiftSettings: settings),
    .testTarget(name: "OpenAPIDiffTests", dependencies: ["GatewayAPI", "OpenAPIDiff"], swiftSettings: settings),
    .testTarget(name: "GatewayAPITests", dependencies: ["GatewayAPI"], swiftSettings: settings),
    .testTarget(
      name: "PlaybookPackagesTests", dependencies: ["GatewayAPI", "GatewayTestSupport", "PlaybookPackages"],
      swiftSettings: settings),
  ],
  swiftLanguageModes: [.v6]
)

// The Lua part alone builds in half a minute and depends on nothing: see scripts/sanitize.
if Context.environment["APIG_LUA_PART"] != nil {
  let part: Set = ["CLua", "CLuaShims", "LuaRuntime", "LuaRuntimeTests", "lua-engine"]
  package.targets.removeAll { !part.contains($0.name) }
  package.dependencies = []
  package.products = []
}
