import Cases
import Detection
import Foundation
import Ingest
import Plugins
import Primitives
import Yams

/// What stands in the configured folders: sources, owners, lists and plugins, read once.
struct Installation {
  let sources: [SourceMapping]
  /// Sources whose files cannot be used; only a job that asks for one of them fails.
  let brokenSources: [(id: String, failure: Failure)]
  let owners: Owners
  let lists: TextLists
  let plugins: PluginSet
  let vocabulary: Vocabulary
  /// What plugins may do and are told.
  let grants: GrantBook

  /// What stands in the way where it goes on without: each with its file.
  let problems: [Diagnostic]

  /// - Parameters:
  ///   - folders: plugin folders instead of the configured ones; empty for those.
  ///   - isTolerant: whether owners and lists that cannot be read are noted in `problems`, and all the rest is read without.
  init(_ settings: Settings, folders: [String] = [], isTolerant: Bool = false) throws(Failure) {
    let folder = try MappingFolder(settings.resolve(settings.sources))
    sources = folder.mappings
    brokenSources = folder.broken
    var problems: [Diagnostic] = []
    func go(on file: String, without failure: Failure) throws(Failure) {
      guard isTolerant else { throw failure }
      problems.append(
        Diagnostic(
          code: "unreadable", file: file, message: failure.message, suggestion: failure.advice))
    }
    var owners: Owners?
    let ownersFile = settings.resolve(settings.owners)
    do throws(Failure) {
      owners = try Installation.owners(ownersFile)
    } catch {
      try go(on: ownersFile, without: error)
    }
    self.owners = owners ?? Owners()
    var broken: [(file: String, failure: Failure)] = []
    lists = TextLists(folder: settings.resolve(settings.lists)) { broken.append(($0, $1)) }
    for (file, failure) in broken { try go(on: file, without: failure) }
    if isTolerant {
      for (id, failure) in folder.broken {
        try go(on: "\(settings.resolve(settings.sources))/\(id).yaml", without: failure)
      }
    }
    self.problems = problems
    vocabulary = Installation.vocabulary(sources, owners: owners, lists: lists)
    for folder in folders where !FileManager.default.fileExists(atPath: folder) {
      throw Failure(
        .usage, "cannot read the plugins in '\(folder)': no such folder",
        advice: "check the path")
    }
    let places = folders.isEmpty ? settings.plugins.map(settings.resolve) : folders
    OverrunRecord.arm(settings)
    var aside = try SetAsidePlugins.read(settings)
    let known = aside.reasons
    let vocabulary = vocabulary
    _ = try aside.takeUp(settings) { id in
      let set = PluginSet.load(folders: places, vocabulary: vocabulary, setAside: known)
      return set.rules.first { $0.id == id }?.origin.source
        ?? set.scenarios.first { $0.id == id }?.origin.source
        ?? set.escalations.first { $0.id == id }?.origin.source
        ?? set.playbooks.first { $0.id == id }?.origin.source
    }
    plugins = PluginSet.load(
      folders: places, vocabulary: vocabulary, setAside: aside.reasons)
    grants = GrantBook(settings, plugins, isWhole: folders.isEmpty)
  }

  /// What alerts may name as the rule that found them: those of plugins, what watches series and what watches rules.
  var finders: [String] {
    plugins.rules.map(\.id) + vocabulary.finders.sorted()
  }

  func source(_ id: String) throws(Failure) -> SourceMapping {
    try Installation.chosen(id, among: sources, broken: brokenSources)
  }

  /// One source by itself, for jobs that need no plugins.
  static func source(_ id: String, _ settings: Settings) throws(Failure) -> SourceMapping {
    let folder = try MappingFolder(settings.resolve(settings.sources))
    return try chosen(id, among: folder.mappings, broken: folder.broken)
  }

  private static func chosen(
    _ id: String, among sources: [SourceMapping], broken: [(id: String, failure: Failure)]
  ) throws(Failure) -> SourceMapping {
    if let found = sources.first(where: { $0.id == id }) { return found }
    if let found = broken.first(where: { $0.id == id }) { throw found.failure }
    let ids = sources.map(\.id).sorted()
    throw Failure(
      .usage, "unknown source '\(id)'",
      advice: nearestName(to: id, among: ids).map { "did you mean '\($0)'?" }
        ?? "known: \(ids.joined(separator: ", "))")
  }

  /// Names every problem of the sources and plugins; with `strict`, an error among them stops the job, otherwise the file is
  /// left out and the others run.
  func reportPlugins(to progress: some JobProgress, strict: Bool = false) throws(Failure) {
    let errors = plugins.problems.filter { $0.severity == .error }
    if strict && !errors.isEmpty {
      var failure = Failure(errors)
      failure.advice = "mend the plugin, or move it out of the folder"
      throw failure
    }
    for source in brokenSources {
      progress.warn("\(source.failure.description) – the source '\(source.id)' is left out")
    }
    for problem in plugins.problems {
      let isFile = problem.code != "no-folder" && problem.code != "not-a-folder"
      let effect = problem.severity == .error && isFile ? " – the file is left out" : ""
      let text = problem.description + effect
      if problem.severity == .error { progress.tell(error: text) } else { progress.warn(text) }
    }
  }

  /// The policy that findings are judged by.
  var policy: Judge.Policy {
    let lists = lists
    return Judge.Policy(
      mappings: plugins.mappings, owners: owners, pluginsDigest: plugins.digest,
      dedup: Dictionary(
        plugins.rules.compactMap { rule in rule.dedup.map { (rule.id, $0) } },
        uniquingKeysWith: { first, _ in first }),
      lists: { lists.has($0, $1) })
  }

  static func owners(_ settings: Settings) throws(Failure) -> Owners {
    try owners(settings.resolve(settings.owners))
  }

  private static func owners(_ path: String) throws(Failure) -> Owners {
    let text = try Folder.text(of: path, "the owners")
    do {
      return try YAMLDecoder().decode(Owners.self, from: text)
    } catch let error as DecodingError {
      throw Failure(
        .usage, "\(path): \(Installation.words(error))",
        advice: "give every owner name, contact and sla_minutes, a whole number")
    } catch {
      throw Failure(.usage, "\(path): \(error)", advice: "mend the YAML")
    }
  }

  private static func words(_ error: DecodingError) -> String {
    func place(_ path: [any CodingKey]) -> String {
      path.isEmpty ? "the file" : "'\(path.map(\.stringValue).joined(separator: "."))'"
    }
    return switch error {
    case .keyNotFound(let key, let context): "\(place(context.codingPath + [key])) is missing"
    case .typeMismatch(_, let context), .valueNotFound(_, let context):
      "\(place(context.codingPath)) is not what it should be"
    case .dataCorrupted(let context): "\(place(context.codingPath)): \(context.debugDescription)"
    @unknown default: "\(error)"
    }
  }

  private static func vocabulary(
    _ sources: [SourceMapping], owners: Owners?, lists: TextLists
  ) -> Vocabulary {
    var fields: [String: FieldType] = [:]
    var truth: Set<String> = []
    var kinds: Set<String> = []
    for source in sources {
      for field in source.fields { fields[field.name] = field.type }
      truth.formUnion(source.truth?.columns ?? [])
      kinds.formUnion(source.kinds)
    }
    return Vocabulary(
      fields: fields, groundTruth: truth.subtracting(fields.keys), kinds: kinds,
      sources: Set(sources.map(\.id)), features: FeatureSet.standard.features,
      lists: lists.names, owners: owners.map { Set($0.owners.keys) },
      finders: [SeriesStage.ruleID, SilenceTeller.ruleID])
  }
}

extension PluginSet {
  /// The name of a scenario's labels → the scenario's id.
  var scenarioIDs: [String: String] {
    Dictionary(
      scenarios.map { ($0.label.name, $0.id) }, uniquingKeysWith: { first, _ in first })
  }

  /// The name of a scenario's labels → the mapping row that an alert on it should get.
  var expectedMappings: [String: String] {
    Dictionary(
      scenarios.compactMap { scenario in
        scenario.expectMapping.map { (scenario.label.name, $0) }
      }, uniquingKeysWith: { first, _ in first })
  }
}
