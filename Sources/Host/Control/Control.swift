import Cases
import Foundation
import Primitives
import Store

/// The one door to a data directory: whatever an analyst asks or changes, on the command line or elsewhere, goes
/// through here, so that it means the same everywhere.
///
/// What it can do stands beside this file, one `Control+….swift` a topic.
package struct Control: Sendable {
  let settings: Settings
  /// In whose name changes are made.
  let pen: AuditPen

  /// - Parameter asUser: who changes things; else `MOONWATCH_ACTOR`, else the account that the program runs under.
  package init(
    settings: Settings, asUser: String? = nil,
    environment: [String: String] = ProcessInfo.processInfo.environment
  ) {
    self.settings = settings
    let given = asUser ?? environment[Control.actorVariable] ?? ""
    let name = AlertCard.shown(given)
    pen = AuditPen(
      Actor(.person, name.isEmpty ? AuditPen.account : name, account: AuditPen.account))
  }

  static let actorVariable = "MOONWATCH_ACTOR"

  func database(_ access: Database.Access) throws(Failure) -> Database {
    try Database.open(dataDirectory: settings.dataDirectory, access: access)
  }

  func store(_ access: Database.Access) throws(Failure) -> AlertStore {
    AlertStore(try database(access), pen: pen)
  }

  /// Reads one of a few words; an unknown one is answered with the nearest.
  func word<Word>(
    _ text: String?, _ what: String, _ make: (String) -> Word?, _ known: [String]
  ) throws(Failure) -> Word? {
    guard let text else { return nil }
    if let value = make(text) { return value }
    throw Failure(
      .usage, "unknown \(what) '\(text)'",
      advice: nearestName(to: text, among: known).map { "did you mean '\($0)'?" }
        ?? "give one of \(known.joined(separator: ", "))")
  }
}
