// swift-tools-version: 6.2
import PackageDescription

// Data flows from left to right and a target imports only what stands to its left:
//
//     CLua ─ CLuaShim ─── Scripting ────────────────┐
//     Primitives ─► Detection ─► Cases ─► Response ─┴─► Plugins ─► Host ─► Console ─► moonwatch
//                       ├─► Ingest ────────────────────────►
//                       ├─► Learning ──────────────────────►
//                       ├─► Synthetic ─────────────────────►
//                       └─► Store (also Cases) ────────────►
//     CWeb ─► Host
//     CEdit ─ CLineEditor, Primitives ─► Questions ─► Repl (also Console, Scripting) ─► moonwatch
//
// `swift build --explicit-target-dependency-import-check error` refuses an import outside this graph.

let strict: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .treatAllWarnings(as: .error),
]

/// The hot path, calls of rules included, is compiled without exclusivity checks at run time: one owner per shard is
/// the rule there. In debug builds it is optimised too, all checks in place: the tests take half the time.
let hot: [SwiftSetting] =
  strict + [
    .unsafeFlags(["-enforce-exclusivity=unchecked"], .when(configuration: .release)),
    .unsafeFlags(["-O"], .when(configuration: .debug)),
  ]

let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let arguments = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let grdb = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
let sqlite = Target.Dependency.product(name: "GRDBSQLite", package: "GRDB.swift")
let yams = Target.Dependency.product(name: "Yams", package: "Yams")

func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
  .testTarget(name: "\(name)Tests", dependencies: dependencies, swiftSettings: strict)
}

let package = Package(
  name: "moonwatch",
  products: [.executable(name: "moonwatch", targets: ["moonwatch"])],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
    .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
  ],
  targets: [
    .systemLibrary(name: "CLua", pkgConfig: "lua5.4", providers: [.apt(["liblua5.4-dev"])]),
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
    .systemLibrary(name: "CZstd", pkgConfig: "libzstd", providers: [.apt(["libzstd-dev"])]),
    .systemLibrary(name: "CEdit", pkgConfig: "libedit", providers: [.apt(["libedit-dev"])]),
    .target(name: "CLuaShim", dependencies: ["CLua"]),
    .target(name: "CLineEditor", dependencies: ["CEdit"]),
    .target(name: "CPrefetch"),
    .target(name: "CWeb", linkerSettings: [.linkedLibrary("dl")]),

    .target(name: "Primitives", swiftSettings: hot),
    .target(name: "Detection", dependencies: ["Primitives"], swiftSettings: hot),
    .target(
      name: "Ingest", dependencies: ["Primitives", "Detection", "CZlib", "CZstd", yams],
      swiftSettings: hot),
    .target(
      name: "Learning", dependencies: ["CPrefetch", "Primitives", "Detection", crypto],
      swiftSettings: hot),
    .target(name: "Synthetic", dependencies: ["Primitives", "Detection"], swiftSettings: strict),
    .target(
      name: "Cases", dependencies: ["Primitives", "Detection", crypto], swiftSettings: strict),
    .target(
      name: "Scripting", dependencies: ["CLua", "CLuaShim", "Primitives"], swiftSettings: hot),
    .target(
      name: "Response", dependencies: ["Primitives", "Detection", "Cases"], swiftSettings: strict),
    .target(
      name: "Plugins",
      dependencies: ["Primitives", "Detection", "Cases", "Response", "Scripting", crypto],
      swiftSettings: hot),
    .target(
      name: "Store", dependencies: ["Primitives", "Detection", "Cases", grdb, sqlite],
      swiftSettings: strict
    ),
    .target(
      name: "Host",
      dependencies: [
        "CWeb", "Primitives", "Detection", "Ingest", "Learning", "Synthetic", "Cases", "Response",
        "Plugins", "Store", crypto, yams,
      ], swiftSettings: strict),
    .target(
      name: "Console",
      dependencies: [
        "Primitives", "Detection", "Learning", "Synthetic", "Cases", "Plugins", "Store", "Host",
      ], swiftSettings: strict),
    .target(name: "Questions", dependencies: ["Primitives"], swiftSettings: strict),
    .target(
      name: "Repl",
      dependencies: [
        "CLineEditor", "Primitives", "Detection", "Cases", "Scripting", "Store", "Host", "Console",
        "Questions",
      ], swiftSettings: strict),
    .executableTarget(
      name: "moonwatch",
      dependencies: ["Primitives", "Learning", "Console", "Host", "Repl", arguments],
      swiftSettings: strict),

    tests("Primitives", ["Primitives"]),
    tests("Detection", ["Primitives", "Detection"]),
    .target(name: "CAllocationCount", path: "Tests/CAllocationCount"),
    tests("Ingest", ["Primitives", "Detection", "Ingest", "CAllocationCount"]),
    tests("Learning", ["Primitives", "Detection", "Learning"]),
    tests("Synthetic", ["Primitives", "Detection", "Synthetic"]),
    tests("Cases", ["Primitives", "Detection", "Cases"]),
    tests("Scripting", ["Primitives", "Scripting"]),
    tests("Response", ["Primitives", "Detection", "Cases", "Response"]),
    tests("Plugins", ["Primitives", "Detection", "Cases", "Response", "Scripting", "Plugins"]),
    tests("Store", ["Primitives", "Detection", "Cases", "Store"]),
    tests(
      "Host",
      [
        "Primitives", "Detection", "Ingest", "Learning", "Cases", "Response", "Plugins", "Store",
        "Host",
      ]),
    tests(
      "Console",
      [
        "Primitives", "Detection", "Learning", "Synthetic", "Cases", "Plugins", "Store", "Host",
        "Console",
      ]),
    .testTarget(
      name: "QuestionsTests", dependencies: ["Primitives", "Questions"],
      exclude: ["questions.tsv", "held-out.tsv"], swiftSettings: strict),
    tests(
      "Repl",
      [
        "Primitives", "Detection", "Cases", "Scripting", "Store", "Host", "Console", "Questions",
        "Repl",
      ]),
    tests("Program", ["Primitives"]),
  ],
  swiftLanguageModes: [.v6]
)
