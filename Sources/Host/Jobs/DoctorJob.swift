import Cases
import Detection
import Foundation
import Glibc
import Plugins
import Primitives
import Store

/// Looks at everything that a run needs and says what to do where something is wrong.
package struct DoctorJob: Sendable {
  private let config: String?
  private let dataDirectory: String?

  package init(config: String?, dataDirectory: String?) {
    self.config = config
    self.dataDirectory = dataDirectory
  }

  package func run() -> [DoctorCheck] {
    var checks: [DoctorCheck] = []
    let settings: Settings
    do throws(Failure) {
      var loaded = try Settings.load(path: config)
      if let dataDirectory { loaded.dataDirectory = dataDirectory }
      settings = loaded
      checks.append(passed("configuration", settings.file))
    } catch {
      return [failed("configuration", error)]
    }
    checks += installation(settings)
    checks += folder(settings.dataDirectory)
    checks += database(settings)
    checks.append(rules(settings))
    checks.append(memory())
    return checks
  }

  private func installation(_ settings: Settings) -> [DoctorCheck] {
    do throws(Failure) {
      let installation = try Installation(settings)
      var checks = [
        passed("sources", "\(installation.sources.count) in \(settings.resolve(settings.sources))"),
        passed(
          "owners", "\(installation.owners.owners.count) in \(settings.resolve(settings.owners))"),
        passed(
          "lists",
          "\(installation.lists.names.count) in \(settings.resolve(settings.lists))"
            + installation.lists.size),
      ]
      let plugins = installation.plugins
      let count =
        "\(plugins.rules.count) rules, \(plugins.scenarios.count) scenarios, "
        + "\(plugins.mappings.count) mappings, \(plugins.escalations.count) escalations, "
        + "\(plugins.playbooks.count) playbooks, \(plugins.suites.count) suites"
      let errors = plugins.problems.filter { $0.severity == .error }
      if let first = errors.first {
        checks.append(
          DoctorCheck(
            name: "plugins", status: .failed,
            finding: "\(errors.count) problems, the first: \(first.description)",
            advice: "run 'moonwatch plugins check'"))
      } else if plugins.rules.isEmpty {
        checks.append(
          DoctorCheck(
            name: "plugins", status: .warned, finding: "no rules are installed",
            advice: "set 'plugins' in \(settings.file) to the folders that hold them"))
      } else {
        checks.append(passed("plugins", count))
      }
      if let check = grants(installation.grants, settings) { checks.append(check) }
      let aside = try SetAsidePlugins.read(settings).health
      if !aside.isEmpty {
        checks.append(
          DoctorCheck(
            name: "set aside", status: .warned,
            finding: aside.compactMap(\.lastFailure?.description).joined(separator: "\n"),
            advice: "mend the files: each is asked again when its content is another"))
      }
      return checks
    } catch {
      return [failed("installation", error)]
    }
  }

  /// Missing where no plugin asks for anything.
  private func grants(_ book: GrantBook, _ settings: Settings) -> DoctorCheck? {
    if let first = book.problems.first {
      return DoctorCheck(
        name: "grants", status: .failed,
        finding: "\(book.problems.count) problems, the first: \(first.description)",
        advice: "run 'moonwatch plugins check'")
    }
    let missing = book.gaps.map { "\($0.plugin) (\($0.missing.joined(separator: ", ")))" }
    if !missing.isEmpty {
      return passed("grants", "not granted what they ask for: \(missing.joined(separator: ", "))")
    }
    return book.grants.isEmpty
      ? nil : passed("grants", "\(book.grants.count) in \(settings.file)")
  }

  private func folder(_ path: String) -> [DoctorCheck] {
    do throws(Failure) {
      try Folder.make(path)
      let probe = try OutputFile(path + "/.doctor")
      try probe.write("writable\n")
      try probe.finish()
      unlink(path + "/.doctor")
    } catch {
      return [failed("data directory", error)]
    }
    var checks = [passed("data directory", "\(path) can be written")]
    var status = statvfs()
    if statvfs(path, &status) == 0 {
      let free = Int(
        clamping: UInt64(status.f_bavail).multipliedReportingOverflow(
          by: UInt64(status.f_frsize)
        ).partialValue)
      let finding = "\(Format.bytes(free)) free"
      checks.append(
        free < 1 << 30
          ? DoctorCheck(
            name: "disk", status: .warned, finding: finding,
            advice: "free some space: a busy day of alerts needs up to 1 GiB")
          : passed("disk", finding))
    }
    return checks
  }

  private func database(_ settings: Settings) -> [DoctorCheck] {
    let path = settings.dataDirectory + "/moonwatch.db"
    guard FileManager.default.fileExists(atPath: path) else {
      return [passed("database", "none yet; the first run makes it")]
    }
    do throws(Failure) {
      let database = try Database.open(
        dataDirectory: settings.dataDirectory, access: .readOnly)
      let store = AlertStore(database)
      let counts = try store.counts()
      return [
        passed("database", "\(counts.total) alerts, \(counts.open) of them open"),
        try audit(database),
        passed("events", try kept(store, settings.retention)),
        passed("setups", try kept(SetupStore(database), settings.retention)),
      ]
    } catch {
      return [failed("database", error)]
    }
  }

  private func audit(_ database: Database) throws(Failure) -> DoctorCheck {
    let verdict = try AuditLog(database).verify()
    if verdict.isWhole {
      return passed("audit", "\(verdict.records) records, as they were written")
    }
    let finding =
      verdict.problem.map { "it is broken at record \($0.record): \($0.what)" }
      ?? "\(verdict.mismatches.count) of what it tells of changed past it"
    return DoctorCheck(
      name: "audit", status: .failed, finding: finding,
      advice: "moonwatch audit verify tells more; find out who writes to \(database.path)")
  }

  private func kept(_ store: AlertStore, _ retention: Retention) throws(Failure) -> String {
    let streams = try store.keptStreams()
    let limits =
      retention.keepsEvents
      ? "at most \(Format.bytes(retention.bytes)), for \(Format.number(retention.days)) days"
      : "none are kept from now on"
    guard let oldest = streams.map(\.written).min() else { return "none kept yet; \(limits)" }
    let events = streams.reduce(0) { $0 + $1.events }
    let bytes = streams.reduce(0) { $0 + $1.bytes }
    return "\(Format.count(events)) kept in \(Format.bytes(bytes)) since "
      + "\(oldest); \(limits)"
  }

  /// The rules, lists and models of then.
  private func kept(_ store: SetupStore, _ retention: Retention) throws(Failure) -> String {
    let days = retention.days > 0 ? ", for \(Format.number(retention.days)) days" : ""
    let limits = "at most \(Format.bytes(SetupStore.mostBytes))\(days), and what is in force"
    guard let sizes = try store.sizes() else {
      return "no rules, lists and models of then yet; \(limits)"
    }
    let changes = "\(Format.count(sizes.changes)) change\(sizes.changes == 1 ? "" : "s")"
    return "\(changes) of rules, lists and models in \(Format.bytes(sizes.bytes)) since "
      + "\(sizes.oldest); \(limits)"
  }

  /// Rules that fell silent or read what is gone.
  private func rules(_ settings: Settings) -> DoctorCheck {
    do throws(Failure) {
      let health = try Control(settings: settings).ruleHealth()
      let alarms = health.flatMap { rule in rule.alarms.map { "\(rule.rule): \($0)" } }
      if alarms.isEmpty {
        let fired = health.count { $0.firing.alerts > 0 }
        return passed(
          "rules", "\(fired) of \(health.count) fired in the last 28 days that were read")
      }
      return DoctorCheck(
        name: "rules", status: .warned, finding: alarms.joined(separator: "\n"),
        advice: "mend the source in \(settings.resolve(settings.sources)), or the rule")
    } catch {
      return failed("rules", error)
    }
  }

  private func memory() -> DoctorCheck {
    let total = Int(clamping: ProcessInfo.processInfo.physicalMemory)
    let cores = ProcessInfo.processInfo.activeProcessorCount
    let finding = "\(cores) cores, \(Format.bytes(total)) of memory"
    return total < 2 << 30
      ? DoctorCheck(
        name: "machine", status: .warned, finding: finding, advice: "the demo needs 1 GiB free")
      : passed("machine", finding)
  }

  private func passed(_ name: String, _ finding: String) -> DoctorCheck {
    DoctorCheck(name: name, status: .passed, finding: finding, advice: "")
  }

  private func failed(_ name: String, _ failure: Failure) -> DoctorCheck {
    DoctorCheck(
      name: name, status: .failed, finding: failure.message, advice: failure.advice ?? "")
  }
}
