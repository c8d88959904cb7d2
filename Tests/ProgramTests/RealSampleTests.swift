import Foundation
import Primitives
import Testing

/// Recorded attacks and the background around them, where they are at hand: which shipped rules speak, and which stay silent.
@Suite("Real samples of cloud and endpoint") struct RealSampleTests {
  private static let data: URL? = {
    let folder =
      ProcessInfo.processInfo.environment["MOONWATCH_TEST_DATA"].map { URL(fileURLWithPath: $0) }
      ?? Program.repository.deletingLastPathComponent().appendingPathComponent("shared/data")
    return FileManager.default.fileExists(atPath: folder.path) ? folder : nil
  }()

  private static func place(_ name: String) -> String? {
    data.map { $0.appendingPathComponent(name).path }.flatMap {
      FileManager.default.fileExists(atPath: $0) ? $0 : nil
    }
  }

  /// Findings by rule.
  private func findings(_ file: String, _ source: String) async throws -> [String: Int] {
    let workspace = try Workspace()
    return try await findings(in: workspace, file, source)
  }

  private func findings(
    in workspace: Workspace, _ file: String, _ source: String
  ) async throws -> [String: Int] {
    let outcome = try await workspace.run(
      "detect", file, "--source", source, "--model", "none", "--report", "r.json", "--quiet")
    #expect(outcome.status == 0, "\(outcome.errors)")
    let report = try workspace.json("r.json")
    #expect(report["dead_letters"] == 0)
    guard case .object(let members) = report["findings_by_rule"] else { return [:] }
    return Dictionary(
      members.map { ($0.key, Int($0.value.number ?? 0)) }, uniquingKeysWith: { first, _ in first })
  }

  private static let cloud = place("cloudtrail_stratus_detonations/events.jsonl.zst")

  @Test(
    "Detonations in a cloud account are named by seven rules",
    .enabled(if: cloud != nil, "the public data sets are not here"))
  func cloudTrail() async throws {
    let found = try await findings(try #require(RealSampleTests.cloud), "cloudtrail")
    #expect(
      Set(found.keys) == [
        "cloud.credentials-created", "cloud.firewall-opened", "cloud.logging-stopped",
        "cloud.login-without-mfa", "cloud.rights-widened", "cloud.secrets-harvested",
        "cloud.shared-outside",
      ])
  }

  private static let wmi = place("windows_splunk_attack_range/T1047.jsonl.zst")

  @Test(
    "An attack by WMI is named, and the logons of services around it are not",
    .enabled(if: wmi != nil, "the public data sets are not here"))
  func attackRange() async throws {
    let found = try await findings(try #require(RealSampleTests.wmi), "windows-events")
    #expect(found == ["endpoint.encoded-powershell": 19, "endpoint.lsass-access": 4])
  }

  private static let evtx = place("windows_evtx_to_mitre/events.jsonl.zst")

  @Test(
    "Events that were made from .evtx are read, with their parts apart",
    .enabled(if: evtx != nil, "the public data sets are not here"))
  func fromEvtx() async throws {
    let workspace = try Workspace()
    // The file is in order of techniques, and time has to go on.
    let sorted = try await workspace.bash(
      """
      zstd -dcq '\(try #require(RealSampleTests.evtx))' | python3 -c '
      import json, sys
      def time(line): return json.loads(line)["event"]["System"]["TimeCreated"]["#attributes"]["SystemTime"]
      sys.stdout.writelines(sorted(sys.stdin, key=time))' > sorted.jsonl
      """)
    #expect(sorted.status == 0, "\(sorted.errors)")
    let found = try await findings(in: workspace, "sorted.jsonl", "windows-events")
    #expect(
      Set(found.keys) == [
        "endpoint.audit-policy-changed", "endpoint.backups-deleted",
        "endpoint.credential-store-copied", "endpoint.log-cleared", "endpoint.lsass-access",
        "endpoint.remote-service",
      ])
  }

  private static let captures = [
    ("cmd_dumping_ntds_dit_file_ntdsutil", "endpoint.credential-store-copied"),
    ("cmd_psexec_lsa_secrets_dump", "endpoint.remote-service"),
    ("cmd_sam_copy_esentutl", "endpoint.credential-store-copied"),
    ("empire_launcher_vbs", "endpoint.encoded-powershell"),
    ("psh_lsass_memory_dump_comsvcs", "endpoint.lsass-access"),
    ("auditpol_system_user_auditpolicy_modification", "endpoint.log-cleared"),
    ("psh_stop_event_logging_controlset_minint_key", "endpoint.logging-disabled"),
  ]

  @Test(
    "Each of seven recorded attacks is named by its rule",
    .enabled(if: place("windows_otrf") != nil, "the public data sets are not here"),
    arguments: captures)
  func capture(_ name: String, _ rule: String) async throws {
    let file = try #require(RealSampleTests.place("windows_otrf/\(name).jsonl.zst"))
    #expect(try await findings(file, "windows-events")[rule] != nil)
  }
}
