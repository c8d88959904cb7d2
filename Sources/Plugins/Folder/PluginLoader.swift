import Cases
import Crypto
import Detection
import Primitives
import Response
import Scripting

extension PluginSet {
  /// Reads every plugin below some folders.
  ///
  /// A file with an error gives nothing, and the other files are read as if it were not there.
  ///
  /// - Parameter setAside: files that are not even run, by the hash of their text, and why.
  package static func load(
    folders: [String], vocabulary: Vocabulary, setAside: [UInt64: String] = [:]
  ) -> PluginSet {
    let files = PluginFiles(folders: folders)
    var loader = PluginLoader(vocabulary: vocabulary)
    var left: [Diagnostic] = []
    for problem in files.problems { loader.miss(problem.file, "cannot be read") }
    for source in files.sources {
      if let reason = setAside.isEmpty ? nil : setAside[source.hash] {
        left.append(
          Diagnostic(
            .warning, code: "set-aside", file: source.file, message: reason,
            suggestion: "change the file to have it back"))
        loader.miss(source.file, "is set aside")
      } else {
        loader.open(source)
      }
    }
    var set = loader.read()
    set.problems = files.problems + left + set.problems
    set.problems.sort {
      ($0.file, $0.line ?? 0, $0.column ?? 0, $0.message)
        < ($1.file, $1.line ?? 0, $1.column ?? 0, $1.message)
    }
    set.files = zip(files.names, files.sources).map { PluginFile(name: $0, source: $1) }
    var hash = SHA256()
    for (name, source) in zip(files.names, files.sources) {
      hash.update(data: Array("\(name)\u{0}\(source.text.utf8.count)\u{0}\(source.text)".utf8))
    }
    set.digest = hash.finalize().map { byte in
      let digits = String(byte, radix: 16)
      return digits.count == 1 ? "0\(digits)" : digits
    }.joined()
    return set
  }
}

/// Runs each file for its declarations, then reads these kind by kind, since mappings may name what rules define.
struct PluginLoader {
  private struct File {
    let reading: FileReading
    let declared: [Declared]
    var isTest: Bool { reading.source.file.hasSuffix(".test.lua") }
  }

  private let vocabulary: Vocabulary
  private var files: [File] = []
  /// Files that are there and were not opened.
  private var missed: [PackShelf.File] = []

  init(vocabulary: Vocabulary) { self.vocabulary = vocabulary }

  /// Notes a file that is there and cannot be opened, which its pack has to answer for.
  mutating func miss(_ path: String, _ fault: String) {
    missed.append(PackShelf.File(path: path, fault: fault))
  }

  mutating func open(_ source: PluginSource) {
    let reading = FileReading(source: source, vocabulary: vocabulary)
    let unknown = LuaWorld.unknown(reading.names)
    for name in unknown { reading.report(name.code, at: name.position, name.message) }
    reading.checkLists()
    files.append(File(reading: reading, declared: PluginLoader.declared(in: reading, unknown)))
  }

  /// What the file returns. One with names that are not known is run with something in their place, to find what else is
  /// wrong with it; where that fails it is told what stops it as it is.
  private static func value(
    of source: PluginSource, _ unknown: [LuaWorld.Unknown]
  ) throws(ScriptError) -> ScriptValue {
    func load(_ more: [String]) throws(ScriptError) -> ScriptValue {
      let script = try Script(
        name: source.file, prelude: [LuaPrelude.source] + more, functions: LuaWorld.functions,
        keepsGlobals: !more.isEmpty)
      return try script.load(Array(source.text.utf8), chunk: source.file)
    }
    guard !unknown.isEmpty else { return try load([]) }
    do throws(ScriptError) {
      return try load([LuaWorld.stand(in: unknown)])
    } catch {
      return try load([])
    }
  }

  /// What the file returns: a declaration or a list of them.
  private static func declared(
    in reading: FileReading, _ unknown: [LuaWorld.Unknown]
  ) -> [Declared] {
    let source = reading.source
    let value: ScriptValue
    do throws(ScriptError) {
      value = try self.value(of: source, unknown)
    } catch {
      let message = printable(error.message, limit: 500)
      // A name that is not known was told with its place.
      if !unknown.contains(where: { $0.message == error.message }) {
        reading.report(
          error.kind.rawValue, at: error.line.map { SourcePosition(line: $0, column: 1) }, message)
      }
      return []
    }
    let items = items(of: value)
    if items.isEmpty {
      reading.report(
        "no-declaration", at: nil, "returns \(described(value)), and no plugin",
        suggestion: "end the file with return rule { … }")
    }
    var counts: [String: Int] = [:]
    var declared: [Declared] = []
    for (index, item) in items.enumerated() where !LuaWorld.isUnknown(item) {
      guard let word = Declared.word(item), let envelope = item.table,
        LuaPrelude.declarations.contains(word.tag)
      else {
        reading.report(
          "no-declaration", at: nil, "item \(index + 1) of what it returns is \(described(item))",
          suggestion: "return rule { … }, or a list of such declarations")
        continue
      }
      let ordinal = counts[word.tag, default: 0]
      counts[word.tag] = ordinal + 1
      let place = reading.map.declaration(
        kind: word.tag, id: word.body["id"].text, ordinal: ordinal)
      let origin = PluginOrigin(source: source, index: index, line: place?.position.line ?? 1)
      declared.append(
        Declared(
          kind: word.tag, body: word.body, envelope: envelope, place: place, origin: origin))
    }
    for (place, one) in declared.enumerated() {
      let written = reading.map.declarations.count { $0.kind == one.kind }
      declared[place].sharesPlace = counts[one.kind, default: 0] > written
    }
    return declared
  }

  private static func items(of value: ScriptValue) -> [ScriptValue] {
    if Declared.word(value) != nil { return [value] }
    return value.table?.list ?? []
  }

  /// The declaration at a place of a file's list again, in a script of the runner's own.
  static func envelope(
    of origin: PluginOrigin, in script: Script
  ) throws(ScriptError) -> ScriptTable {
    let value = try script.load(Array(origin.source.text.utf8), chunk: origin.file)
    let items = items(of: value)
    guard origin.index < items.count, let table = items[origin.index].table else {
      throw ScriptError(
        kind: .value, message: "returns something else than when it was checked",
        chunk: origin.file, line: nil)
    }
    return table
  }

  // MARK: reading

  func read() -> PluginSet {
    var set = PluginSet()
    checkKinds()
    checkIdentifiers()
    checkActs()
    let names = sharedNames()
    for file in files { file.reading.shared = names }
    var rules: [(File, Rule)] = []
    var scenarios: [(File, Scenario)] = []
    var mappings: [(File, Mapping)] = []
    var escalations: [(File, EscalationPlugin)] = []
    var playbooks: [(File, PlaybookPlugin)] = []
    var suites: [(File, Suite)] = []
    var packs: [(File, Pack)] = []
    for (file, declared) in files.flatMap({ file in file.declared.map { (file, $0) } }) {
      let reader = TableReader(declared, in: file.reading)
      switch declared.kind {
      case "rule": RuleReader(reader: reader).rule().map { rules.append((file, $0)) }
      case "scenario":
        ScenarioReader(reader: reader).scenario().map { scenarios.append((file, $0)) }
      case "mapping":
        MappingReader(reader: reader).mapping().map { mappings.append((file, $0)) }
      case "escalation":
        EscalationReader(reader: reader).escalation().map { escalations.append((file, $0)) }
      case "playbook":
        PlaybookReader(reader: reader).playbook().map { playbooks.append((file, $0)) }
      case "suite": SuiteReader(reader: reader).suite().map { suites.append((file, $0)) }
      default: PackReader(reader: reader).pack().map { packs.append((file, $0)) }
      }
    }
    checkReferences()
    let lost = leftOut(packs.map(\.1))
    func kept<Plugin>(_ read: [(File, Plugin)]) -> [(File, Plugin)] {
      read.filter { !$0.0.reading.hasErrors && !lost.contains($0.0.reading.source.file) }
    }
    set.rules = kept(rules).map(\.1)
    set.scenarios = kept(scenarios).map(\.1)
    // What is said of some rules counts before what is said of events of a kind, wherever their files stand.
    let read = kept(mappings).map(\.1)
    set.mappings = read.filter(\.asksRule) + read.filter { !$0.asksRule }
    set.mappingFiles = Dictionary(
      kept(mappings).map { ($0.1.id, $0.0.reading.source.file) },
      uniquingKeysWith: { first, _ in first })
    set.escalations = kept(escalations).map(\.1)
    set.playbooks = kept(playbooks).map(\.1)
    set.suites = kept(suites).map(\.1)
    set.packs = kept(packs).map(\.1)
    set.problems = files.flatMap(\.reading.problems) + dangling()
    return set
  }

  /// The files of packs that cannot be used; each such pack is reported with its reasons.
  private func leftOut(_ packs: [Pack]) -> Set<String> {
    let opened = files.map {
      PackShelf.File(
        path: $0.reading.source.file, fault: $0.reading.hasErrors ? "has errors" : nil)
    }
    let shelf = PackShelf(packs: packs, files: opened + missed)
    let broken = shelf.foldersWithoutPack
    var lost: Set<String> = []
    for file in files where shelf.folder(of: file.reading.source.file).map(broken.contains) == true
    {
      lost.insert(file.reading.source.file)
      if file.reading.source.file.hasSuffix("/pack.lua") { continue }
      file.reading.report(
        "pack-left-out", at: nil, "is left out with its pack, whose pack.lua cannot be used",
        suggestion: "mend pack.lua, or move the folder away", severity: .warning)
    }
    for refusal in shelf.refusals() {
      let own = files.filter {
        shelf.pack(of: $0.reading.source.file)?.folder == refusal.pack.folder
      }
      lost.formUnion(own.map(\.reading.source.file))
      guard let file = own.first(where: { $0.reading.source.file == refusal.pack.file }) else {
        continue
      }
      file.reading.report(
        "pack-left-out", at: file.declared.first { $0.kind == "pack" }?.place?.position,
        "pack: \(refusal.pack.name) is left out as a whole: \(refusal.reason)",
        suggestion: "mend it, or move the folder away")
    }
    return lost
  }

  private func all(_ kind: String) -> [(File, Declared)] {
    files.flatMap { file in file.declared.filter { $0.kind == kind }.map { (file, $0) } }
  }

  /// Suites stand in `*.test.lua`, packs in `pack.lua`, and nothing else does.
  private func checkKinds() {
    for file in files {
      let isPack = file.reading.source.file.hasSuffix("/pack.lua")
      for declared in file.declared where (declared.kind == "pack") != isPack {
        file.reading.report(
          "wrong-file", at: declared.place?.position,
          isPack ? "pack.lua holds a \(declared.kind)" : "a pack outside of a pack.lua",
          suggestion: isPack
            ? "move it to a file of its own" : "move it to pack.lua in the folder of the pack")
      }
      for declared in file.declared where (declared.kind == "suite") != file.isTest {
        file.reading.report(
          "wrong-file", at: declared.place?.position,
          file.isTest
            ? "a file of tests holds a \(declared.kind)" : "a suite outside of a file of tests",
          suggestion: file.isTest
            ? "move it out of the .test.lua file" : "move it to a file that ends in .test.lua")
      }
    }
  }

  private func checkActs() {
    for file in files {
      file.reading.checkActs(of: file.declared)
    }
  }

  /// One id, one plugin of a kind; and one row of all mappings.
  private func checkIdentifiers() {
    var seen: [String: String] = [:]
    func check(_ key: String, _ what: String, _ id: String, _ file: File, _ place: SourcePosition?)
    {
      let here = "\(file.reading.source.file):\(place?.line ?? 1)"
      if let first = seen["\(key) \(id)"] {
        file.reading.report(
          "taken-id", at: place, "\(what): the id \(quoted(id)) is taken by \(first)",
          suggestion: "give one of the two another id")
      } else {
        seen["\(key) \(id)"] = here
      }
    }
    for (file, declared) in files.flatMap({ file in file.declared.map { (file, $0) } })
    where declared.kind != "suite" {
      let place = declared.place
      let at = place.map { file.reading.map.position(of: [.name("id")], in: $0) }
      let key = declared.kind == "pack" ? "name" : "id"
      if let id = declared.body[key].text { check(declared.kind, declared.kind, id, file, at) }
      guard declared.kind == "mapping", let rows = declared.body["rows"].table?.list else {
        continue
      }
      var own: Set<String> = []
      for (index, row) in rows.enumerated() {
        guard let id = row.table?["id"].text, own.insert(id).inserted else { continue }
        let at = place.map {
          file.reading.map.position(of: [.name("rows"), .index(index + 1), .name("id")], in: $0)
        }
        check("row", "mapping: rows[\(index + 1)]", id, file, at)
      }
    }
  }

  /// Suites name a plugin. Also those of files with a problem are known here, so that one mistake is told once.
  private func checkReferences() {
    let subjects = Set(
      files.flatMap(\.declared).filter { !["suite", "pack"].contains($0.kind) }
        .compactMap(\.id))
    let broken = files.contains { $0.declared.isEmpty }
    for (file, declared) in all("suite") {
      guard let subject = declared.id, !subjects.contains(subject), !broken else { continue }
      file.reading.report(
        "unknown-subject", at: declared.place?.position,
        "suite: there is no plugin \(quoted(subject))\(didYouMean(subject, among: subjects))")
    }
  }

  /// What one plugin may name of another, also of those with a problem, so that one mistake is told once.
  private func sharedNames() -> SharedNames {
    var names = SharedNames()
    for (_, declared) in all("rule") {
      if let id = declared.id { names.rules.insert(id) }
      // A feature may not have the name of a field; where one does, the name still means the field to all others.
      for (name, _) in declared.body["features"].table?.named ?? []
      where vocabulary.fields[name] == nil && !["kind", "source"].contains(name) {
        names.ruleFeatures.insert(name)
      }
    }
    for (_, declared) in all("mapping") {
      for row in declared.body["rows"].table?.list ?? [] {
        if let id = row.table?["id"].text { names.rows.insert(id) }
      }
      for choice in declared.body["response"].table?.list ?? [] {
        if let word = choice.table?.list.first?.text { names.responses.insert(word) }
      }
    }
    return names
  }

  /// Scenarios whose alert could never get the name that they expect. They load all the same: they can be planted.
  private func dangling() -> [Diagnostic] {
    let rows = files.first?.reading.shared.rows ?? []
    let broken = files.contains { $0.declared.isEmpty }
    return all("scenario").compactMap { file, declared in
      guard !broken, let wanted = declared.body["expect"].table?["mapping"].text,
        !rows.contains(wanted)
      else { return nil }
      let at = declared.place.map {
        file.reading.map.position(of: [.name("expect"), .name("mapping")], in: $0)
      }
      return Diagnostic(
        code: "unknown-mapping", file: file.reading.source.file, line: at?.line,
        column: at?.column,
        message: "scenario: expect: no mapping has a row \(quoted(wanted))"
          + didYouMean(wanted, among: rows))
    }
  }
}

extension Mapping {
  fileprivate var asksRule: Bool { on.contains { $0.name == "rule" } }
}
