import Foundation
import Ingest
package import Learning
package import Primitives
import Yams

/// How this installation is set up: `config/moonwatch.yaml`, then `MOONWATCH_…` variables, then flags.
///
/// The name of a variable is the key in upper case with points as underscores: `MOONWATCH_ALERTS_DEDUP_WINDOW`.
package struct Settings: Sendable {
  /// The folder that holds `config/`; relative paths in the file start here.
  package var root: String
  package var file: String
  /// Holds database, models and dead letters; unlike the other paths it starts at the working directory.
  package var dataDirectory = "var"
  package var sources = "config/sources"
  package var owners = "config/owners.yaml"
  package var lists = "config/lists"
  package var plugins = ["plugins", "scenarios"]
  /// Worker threads; as many as the machine has cores unless set.
  package var threads = max(1, ProcessInfo.processInfo.activeProcessorCount)
  /// False alarms a day that the model may raise; its threshold is chosen for this on validation rows.
  package var modelFalseAlarmsPerDay = 3.0
  /// What an incident costs that the model misses, and what an alarm of it costs; with both, they choose its threshold.
  package var missCost: Double?
  package var alarmCost: Double?
  /// False alerts a day that plugins may raise on the events of the gate.
  package var gateFalseAlertsPerDay = 30.0
  /// Findings on one entity with one meaning within this time join one alert.
  package var dedupWindow = TimeSpan.hours(1)
  /// Alerts that one rule may raise on one source within an hour; missing for any number.
  package var floodLimit: Int? = 200
  /// How late an event may be and still be placed by its time.
  package var allowedLateness = TimeSpan.days(1)
  /// How long events and alerts stay.
  package var retention = Retention()
  /// What the service reads.
  package var run = RunSettings()
  /// What escalations and playbooks may do, by their id; nothing is granted to one that is not named.
  package var grants: [String: GrantSettings] = [:]
  /// Who does the acts that the host does not do itself, by capability.
  package var acts: [String: ActChannel] = [:]

  /// How long beyond its limit a plugin may keep a processor before the process is ended for it.
  package var watchdog = TimeSpan.seconds(1)
  /// How alerts are weighed against each other.
  package var judgement = JudgementSettings()

  package static let defaultFile = "config/moonwatch.yaml"

  /// Reads the file that `path` names, else `config/moonwatch.yaml` here or beside the program.
  ///
  /// - Throws: `Failure(.usage)` naming every problem of the file and of the environment at once.
  package static func load(
    path: String?, environment: [String: String] = ProcessInfo.processInfo.environment
  ) throws(Failure) -> Settings {
    let read = try read(path: path, environment: environment)
    if let failure = read.failure { throw failure }
    if !read.problems.isEmpty { throw Failure(read.problems) }
    // Half a price is told before anything is read.
    _ = try read.settings.alarmPrices()
    return read.settings
  }

  /// The same with what is wrong beside it, for jobs that go on: what cannot be read stands at its default.
  ///
  /// - Throws: where there is no such file.
  package static func tolerant(
    path: String?, environment: [String: String] = ProcessInfo.processInfo.environment
  ) throws(Failure) -> (settings: Settings, problems: [Diagnostic]) {
    let read = try read(path: path, environment: environment)
    var problems = read.problems
    do throws(Failure) {
      if let failure = read.failure { throw failure }
      _ = try read.settings.alarmPrices()
    } catch {
      problems.insert(
        Diagnostic(
          code: "settings", file: read.settings.file,
          message: error.message.replacing("\(read.settings.file): ", with: ""),
          suggestion: error.advice), at: 0)
    }
    return (read.settings, problems)
  }

  private static func read(
    path: String?, environment: [String: String]
  ) throws(Failure) -> (settings: Settings, problems: [Diagnostic], failure: Failure?) {
    let file = try locate(path ?? environment["MOONWATCH_CONFIG"])
    let folder = (file as NSString).deletingLastPathComponent
    let root =
      (folder as NSString).lastPathComponent == "config"
      ? (folder as NSString).deletingLastPathComponent : folder
    var settings = Settings(root: root.isEmpty ? "." : root, file: file)
    var problems: [Diagnostic] = []
    do {
      let written = try entries(of: file)
      for (key, value, line) in written.entries {
        settings.set(key, value, file: file, line: line, problems: &problems)
      }
      settings.run = written.run.settings
      settings.grants = written.grants.grants
      settings.acts = written.acts.channels
      problems += written.run.problems + written.grants.problems + written.acts.problems
    } catch {
      return (settings, [], error)
    }
    for (variable, value) in environment.sorted(by: { $0.key < $1.key })
    where variable.hasPrefix("MOONWATCH_") {
      guard let key = Settings.keys.first(where: { Settings.variable($0) == variable }) else {
        if let problem = Settings.unknown(variable) { problems.append(problem) }
        continue
      }
      settings.set(key, [value], file: "environment \(variable)", line: nil, problems: &problems)
    }
    return (settings, problems, nil)
  }

  /// A variable that looks like a setting and is none; those of the tests are not ours to judge.
  private static func unknown(_ variable: String) -> Diagnostic? {
    let others = [
      "MOONWATCH_CONFIG", Control.actorVariable, "MOONWATCH_BINARY", Supervisor.mark,
    ]
    if others.contains(variable) || variable.hasPrefix("MOONWATCH_TEST_") { return nil }
    let near = nearestName(to: variable, among: keys.map(Settings.variable) + others.prefix(2))
    return Diagnostic(
      code: "unknown-key", file: "environment", message: "unknown setting '\(variable)'",
      suggestion: near.map { "did you mean '\($0)'?" } ?? "unset it")
  }

  /// Sets the number of worker threads that a command line asks for.
  package mutating func use(threads count: Int) throws(Failure) {
    guard (1...256).contains(count) else {
      throw Failure(.usage, "--threads is \(count)", advice: "give 1 to 256")
    }
    threads = count
  }

  /// A path of the settings file as seen from the working directory.
  package func resolve(_ path: String) -> String {
    path.hasPrefix("/") || root == "." ? path : root + "/" + path
  }

  package static func variable(_ key: String) -> String {
    "MOONWATCH_" + key.uppercased().replacingOccurrences(of: ".", with: "_")
  }

  private init(root: String, file: String) {
    self.root = root
    self.file = file
  }

  private static func locate(_ path: String?) throws(Failure) -> String {
    let files = FileManager.default
    if let path {
      guard files.fileExists(atPath: path) else {
        throw Failure(
          .usage, "cannot read the configuration '\(path)': no such file",
          advice: "give the path of a moonwatch.yaml")
      }
      return path
    }
    if files.fileExists(atPath: defaultFile) { return defaultFile }
    var folder = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
    for _ in 0..<5 {
      folder.deleteLastPathComponent()
      let candidate = folder.appendingPathComponent(defaultFile).path
      if files.fileExists(atPath: candidate) { return candidate }
    }
    throw Failure(
      .usage, "cannot find \(defaultFile)",
      advice: "run from the project's folder, or give --config")
  }

  /// A settings file: keys with their values and lines, and the sections that are read by themselves.
  private struct Written {
    var entries: [(String, [String], Int)] = []
    var run: RunSection
    var grants: GrantSection
    var acts: ActSection
  }

  private static func entries(of file: String) throws(Failure) -> Written {
    var written = Written(
      run: RunSection(file: file), grants: GrantSection(file: file), acts: ActSection(file: file))
    let text = try Folder.text(of: file, "the configuration")
    let node: Node?
    do {
      node = try YAMLText.compose(text, file: file)
    } catch {
      throw Failure([error])
    }
    guard let node, node != Node("") else { return written }
    guard let mapping = node.mapping else {
      throw Failure(
        .usage, "\(file):\(node.mark?.line ?? 1): these are no settings",
        advice: "write a key and its value a line, such as 'threads: 2'")
    }
    for (key, value) in mapping {
      let name = key.string ?? "?"
      switch name {
      case "run": written.run.read(value)
      case "grants": written.grants.read(value)
      case "acts": written.acts.read(value)
      default: try collect(value, prefix: name, file: file, into: &written.entries)
      }
    }
    return written
  }

  private static func collect(
    _ node: Node, prefix: String, file: String, into entries: inout [(String, [String], Int)]
  ) throws(Failure) {
    let line = node.mark?.line ?? 1
    switch node {
    case .mapping(let mapping):
      for (key, value) in mapping {
        let name = key.string ?? "?"
        try collect(value, prefix: "\(prefix).\(name)", file: file, into: &entries)
      }
    case .sequence(let sequence):
      entries.append((prefix, sequence.map { $0.string ?? "" }, line))
    case .scalar(let scalar):
      entries.append((prefix, [scalar.string], line))
    case .alias:
      throw Failure(.usage, "\(file):\(line): aliases are not used here", advice: "write it out")
    }
  }
}

extension Settings {
  /// What misses and alarms cost, by the settings or as given; missing where nobody says.
  package func alarmPrices() throws(Failure) -> AlarmPrices? {
    switch (missCost, alarmCost) {
    case (nil, nil): return nil
    case (let miss?, let alarm?): return try AlarmPrices(miss: miss, alarm: alarm)
    default:
      throw Failure(
        .usage, "the cost of \(missCost == nil ? "a miss" : "an alarm") is not said",
        advice: "give both, alerts.miss_cost and alerts.alarm_cost, or neither")
    }
  }

  package static let keys =
    [
      "data_dir", "sources", "owners", "lists", "plugins", "threads", "alerts.model_false_per_day",
      "alerts.miss_cost", "alerts.alarm_cost", "alerts.dedup_window", "alerts.flood_limit",
      "events.allowed_lateness", "gate.false_alerts_per_day", "watchdog",
      "retention.days", "retention.bytes", "retention.alert_bytes", RunSection.checkpointKey,
      RunSection.gateKey,
    ] + JudgementSettings.keys

  private mutating func set(
    _ key: String, _ values: [String], file: String, line: Int?, problems: inout [Diagnostic]
  ) {
    func problem(_ code: String, _ message: String, _ advice: String?) {
      problems.append(
        Diagnostic(code: code, file: file, line: line, message: message, suggestion: advice))
    }
    let value = values.first ?? ""
    if Settings.keys.contains(key) && (values.isEmpty || values.contains("")) {
      return problem("bad-value", "'\(key)' is empty", "give it a value, or leave it out")
    }
    if values.count > 1 && key != "plugins" && Settings.keys.contains(key) {
      return problem("bad-value", "'\(key)' is a list", "give one value")
    }
    switch key {
    case "data_dir": dataDirectory = value
    case "sources": sources = value
    case "owners": owners = value
    case "lists": lists = value
    case "plugins": plugins = values.flatMap { $0.split(separator: ":").map(String.init) }
    case "threads":
      guard let count = Int(value), (1...256).contains(count) else {
        return problem("bad-value", "threads is '\(value)'", "give a whole number from 1 to 256")
      }
      threads = count
    case "alerts.model_false_per_day", "gate.false_alerts_per_day", "alerts.miss_cost",
      "alerts.alarm_cost":
      guard let count = Double(value), count > 0, count.isFinite else {
        return problem("bad-value", "\(key) is '\(value)'", "give a number above 0")
      }
      switch key {
      case "gate.false_alerts_per_day": gateFalseAlertsPerDay = count
      case "alerts.miss_cost": missCost = count
      case "alerts.alarm_cost": alarmCost = count
      default: modelFalseAlarmsPerDay = count
      }
    case "retention.days":
      guard let days = Double(value), (0...Retention.mostDays).contains(days) else {
        return problem(
          "bad-value", "retention.days is '\(value)'",
          "give a number of days, or 0 to keep no events")
      }
      retention.days = days
    case "retention.bytes", "retention.alert_bytes":
      guard let bytes = ByteWords.count(value) else {
        return problem("bad-value", "\(key) is '\(value)'", "give a size such as '2 GiB'")
      }
      if key == "retention.bytes" { retention.bytes = bytes } else { retention.alertBytes = bytes }
    case "alerts.dedup_window", "events.allowed_lateness", "watchdog":
      guard let span = TimeSpan(words: value) else {
        return problem(
          "bad-value", "\(key) is '\(value)'", "give a duration such as '90 seconds' or '1 hour'")
      }
      switch key {
      case "alerts.dedup_window": dedupWindow = span
      case "watchdog": watchdog = span
      default: allowedLateness = span
      }
    case "alerts.flood_limit":
      if value == "off" {
        floodLimit = nil
        return
      }
      guard let count = Int(value), (1...1_000_000).contains(count) else {
        return problem(
          "bad-value", "\(key) is '\(value)'", "give a whole number from 1 to 1000000, or off")
      }
      floodLimit = count
    case RunSection.checkpointKey:
      guard let span = RunSection.checkpointSpan(value) else {
        return problem("bad-value", "\(key) is '\(value)'", RunSection.checkpointAdvice)
      }
      run.checkpointEvery = span
    case RunSection.gateKey:
      guard value == "true" || value == "false" else {
        return problem("bad-value", "\(key) is '\(value)'", RunSection.gateAdvice)
      }
      run.gatesReloads = value == "true"
    case _ where JudgementSettings.keys.contains(key):
      if let advice = judgement.set(key, value) {
        problem("bad-value", "\(key) is '\(value)'", advice)
      }
    default:
      let near = nearestName(to: key, among: Settings.keys)
      problem(
        "unknown-key", "unknown setting '\(key)'\(near.map { ", did you mean '\($0)'?" } ?? "")",
        near == nil ? "known: \(Settings.keys.joined(separator: ", "))" : nil)
    }
  }
}
