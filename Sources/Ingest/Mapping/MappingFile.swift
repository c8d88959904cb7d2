import Detection
package import Primitives
import Yams

extension SourceMapping {
  /// Reads one mapping and reports all its problems at once; missing where any of them is an error.
  package static func read(
    _ text: String, file: String
  ) -> (mapping: SourceMapping?, problems: [Diagnostic]) {
    var reader = MappingReader(file: file)
    let mapping = reader.read(text)
    return (mapping, reader.document.problems)
  }
}

private enum TypeWord: String, CaseIterable {
  case number, text, flag
  var type: FieldType {
    switch self {
    case .number: .number
    case .text: .text
    case .flag: .flag
    }
  }
}

private enum TimeWord: String, CaseIterable {
  case iso8601
  case monthDayYear = "month_day_year"
  case epochSeconds = "epoch_seconds"
  case epochMilliseconds = "epoch_milliseconds"
  case epochMicroseconds = "epoch_microseconds"
  case secondsSince = "seconds_since"
  case syslog
  case any
}

private enum LabelWord: String, CaseIterable { case fraud, anomaly }

private struct MappingReader {
  private static let keys = [
    "id", "about", "format", "delimiter", "time", "event_id", "kind", "columns", "combine",
    "constants", "entities", "truth", "ignore", "discover", "file_field", "programs", "patterns",
  ]
  private static let reserved: Set<String> = ["time", "id", "source", "kind"]

  var document: YAMLDocument
  private var hasErrors: Bool { !document.problems.isEmpty }

  init(file: String) { document = YAMLDocument(file: file) }

  mutating func read(_ text: String) -> SourceMapping? {
    guard let top = document.open(text) else { return nil }
    document.checkKeys(of: top, known: MappingReader.keys, place: "a source")
    let whole = Node.mapping(top)
    func need(_ key: String, _ document: inout YAMLDocument) -> Node? {
      if let node = top[key] { return node }
      document.report("missing-key", at: whole, "'\(key)' is missing")
      return nil
    }
    let id = document.text(need("id", &document), "id") ?? ""
    checkName(id, at: top["id"], isID: true)
    _ = document.text(top["about"], "about")
    let format =
      document.word(need("format", &document), "format", as: SourceMapping.Format.self) ?? .csv
    let (timeColumns, timeFormat, zone) = time(need("time", &document), format)
    let kind = kindRule(top["kind"], required: format != .syslog, whole)
    let kindSettings = kindSettings(top["kind"])
    let kindSplits = kindSplits(top["kind"])
    let columns = columns(top["columns"])
    let combinations = combinations(top["combine"], format)
    let constants = constants(top["constants"])
    let patterns = patterns(top["patterns"], format, whole)
    let fileField = document.text(top["file_field"], "file_field")
    let mapping = SourceMapping(
      id: id, format: format, timeColumns: timeColumns, timeFormat: timeFormat, zone: zone,
      eventIDColumns: document.texts(top["event_id"], "event_id"), kind: kind,
      kindSettings: kindSettings, kindSplits: kindSplits, columns: columns,
      combinations: combinations, constants: constants, entities: entities(top["entities"]),
      truth: truth(top["truth"]), ignored: Set(document.texts(top["ignore"], "ignore")),
      discovers: document.flag(top["discover"], "discover") ?? false, fileField: fileField,
      delimiter: delimiter(top["delimiter"]), programs: document.texts(top["programs"], "programs"),
      patterns: patterns)
    if mapping.discovers && format != .jsonl {
      document.report("discover", at: top["discover"], "only jsonl sources discover fields")
    }
    check(mapping, top)
    return hasErrors ? nil : mapping
  }

  // MARK: the whole

  /// What one part says against another.
  private mutating func check(_ mapping: SourceMapping, _ top: Node.Mapping) {
    do {
      _ = try Schema(mapping.fields)
    } catch {
      document.report("field-type", at: top["columns"], error.message)
    }
    let fields = mapping.fields
    for name in mapping.entityFields.sorted() {
      if let field = fields.first(where: { $0.name == name }) {
        if field.type != .text {
          document.report(
            "entity", at: top["entities"],
            "entity '\(name)' is a \(field.type.rawValue), not a text",
            suggestion: "give its column 'type: text'")
        }
      } else {
        let near = nearestName(to: name, among: fields.map(\.name))
        document.report(
          "entity", at: top["entities"], "entity '\(name)' is no field of the source",
          suggestion: near.map { "did you mean '\($0)'?" })
      }
    }
    let texts = Set(fields.filter { $0.type == .text }.map(\.name))
    for (kind, settings) in mapping.kindSettings.sorted(by: { $0.key < $1.key }) {
      for (name, setting) in settings.sorted(by: { $0.key < $1.key }) {
        var wrong = texts.contains(name) ? nil : name
        if case .field(let other) = setting, !texts.contains(other) { wrong = other }
        guard let wrong else { continue }
        document.report(
          "set", at: top["kind"],
          "kind '\(kind)' sets '\(name)' and '\(wrong)' is no text field",
          suggestion: fields.contains { $0.name == wrong }
            ? nil : nearestName(to: wrong, among: texts).map { "did you mean '\($0)'?" })
      }
    }
    for (kind, split) in mapping.kindSplits.sorted(by: { $0.key < $1.key })
    where !texts.contains(split.field) {
      document.report(
        "split", at: top["kind"],
        "kind '\(kind)' is split by '\(split.field)', which is no text field",
        suggestion: nearestName(to: split.field, among: texts).map { "did you mean '\($0)'?" })
    }
    guard let truth = mapping.truth else { return }
    let hidden = Set(truth.columns + truth.nameColumns)
    for column in mapping.columns where hidden.contains(column.name) {
      document.report(
        "truth", at: top["truth"], "ground truth '\(column.name)' is also a field",
        suggestion: "take it out of 'columns'")
    }
  }

  private mutating func checkName(_ name: String, at node: Node?, isID: Bool = false) {
    if name.isEmpty && node == nil { return }
    let isGood =
      name.utf8.first.map { (97...122).contains($0) } == true
      && name.utf8.allSatisfy {
        (97...122).contains($0) || (48...57).contains($0) || $0 == (isID ? 0x2D : 0x5F)
      }
    if !isGood {
      document.report(
        "name", at: node,
        isID
          ? "'\(name)' is not a source id: lower-case letters, digits and '-', a letter first"
          : "'\(name)' is not a field name: lower-case letters, digits and '_', a letter first")
    }
    if !isID && MappingReader.reserved.contains(name) {
      document.report("name", at: node, "'\(name)' is a part of every event and cannot be a field")
    }
  }

  // MARK: the parts

  private mutating func time(
    _ node: Node?, _ format: SourceMapping.Format
  ) -> ([String], TimeFormat, String?) {
    guard let mapping = document.mapping(node, "time") else { return ([], .iso8601, nil) }
    document.checkKeys(
      of: mapping, known: ["column", "format", "zone", "base", "year"], place: "'time'")
    let columns = document.texts(mapping["column"], "column")
    if columns.isEmpty && format != .syslog {
      document.report("missing-key", at: node, "'time' needs 'column'")
    }
    let zone = document.text(mapping["zone"], "zone")
    if let zone, ZoneTable.named(zone) == nil {
      document.report(
        "zone", at: mapping["zone"], "unknown time zone '\(zone)'",
        suggestion: "use an IANA name such as Europe/Berlin")
    }
    let word = document.word(mapping["format"], "time format", as: TimeWord.self)
    let implied: TimeWord = format == .syslog ? .syslog : .iso8601
    return (columns, timeFormat(word ?? implied, mapping, node), zone)
  }

  private mutating func timeFormat(
    _ word: TimeWord, _ mapping: Node.Mapping, _ node: Node?
  ) -> TimeFormat {
    if word != .secondsSince, let base = mapping["base"] {
      document.report("time", at: base, "'base' goes with format seconds_since only")
    }
    if word != .syslog, let year = mapping["year"] {
      document.report("time", at: year, "'year' goes with format syslog only")
    }
    switch word {
    case .iso8601: return .iso8601
    case .monthDayYear: return .monthDayYear
    case .epochSeconds: return .epoch(unit: 1_000_000)
    case .epochMilliseconds: return .epoch(unit: 1000)
    case .epochMicroseconds: return .epoch(unit: 1)
    case .any: return .any
    case .secondsSince:
      let text = document.text(mapping["base"], "base") ?? ""
      guard let base = TimeParser.timestamp(text) else {
        document.report(
          "time", at: mapping["base"] ?? node,
          "'base' should be a time such as 2013-09-01T00:00:00Z")
        return .iso8601
      }
      return .secondsSince(base)
    case .syslog:
      guard let year = document.integer(mapping["year"], "year"), (1970...9998).contains(year)
      else {
        document.report(
          "time", at: mapping["year"] ?? node,
          "syslog lines have no year: 'year' should give the first one, such as 2026")
        return .iso8601
      }
      return .syslog(year: year)
    }
  }

  private mutating func kindRule(
    _ node: Node?, required: Bool, _ whole: Node
  ) -> SourceMapping.KindRule {
    guard let node else {
      if required { document.report("missing-key", at: whole, "'kind' is missing") }
      return .constant("event")
    }
    guard case .mapping(let mapping) = node else {
      return .constant(document.text(node, "kind") ?? "event")
    }
    document.checkKeys(
      of: mapping, known: ["column", "values", "otherwise", "set", "split"], place: "'kind'")
    let columns = document.texts(mapping["column"], "column")
    if columns.isEmpty { document.report("missing-key", at: node, "'kind' needs 'column'") }
    let values = document.table(mapping["values"], "values")
    return .column(
      columns, values: Dictionary(values.map { ($0.key, $0.value) }) { $1 },
      otherwise: document.text(mapping["otherwise"], "otherwise"))
  }

  /// `set: { login: { outcome: success, user: "{target_user}" } }`: a name in braces is that of another field.
  private mutating func kindSettings(
    _ node: Node?
  ) -> [String: [String: SourceMapping.Setting]] {
    guard case .mapping(let mapping)? = node, let set = document.mapping(mapping["set"], "set")
    else { return [:] }
    var settings: [String: [String: SourceMapping.Setting]] = [:]
    for (key, value) in set {
      guard let kind = document.text(key, "set") else { continue }
      settings[kind] = constants(value).mapValues { text in
        text.hasPrefix("{") && text.hasSuffix("}")
          ? .field(String(text.dropFirst().dropLast())) : .constant(text)
      }
    }
    return settings
  }

  /// `split: { login: { by: logon_type, values: { "3": network_login } } }`.
  private mutating func kindSplits(_ node: Node?) -> [String: SourceMapping.KindSplit] {
    guard case .mapping(let mapping)? = node,
      let split = document.mapping(mapping["split"], "split")
    else { return [:] }
    var splits: [String: SourceMapping.KindSplit] = [:]
    for (key, value) in split {
      guard let kind = document.text(key, "split"),
        let inner = document.mapping(value, "split.\(kind)")
      else { continue }
      document.checkKeys(of: inner, known: ["by", "values"], place: "'split'")
      let values = document.table(inner["values"], "values")
      guard let field = document.text(inner["by"], "by"), !values.isEmpty else {
        document.report("missing-key", at: value, "'split' of '\(kind)' needs 'by' and 'values'")
        continue
      }
      splits[kind] = SourceMapping.KindSplit(
        field: field, kinds: Dictionary(values.map { ($0.key, $0.value) }) { $1 })
    }
    return splits
  }

  private mutating func columns(_ node: Node?) -> [SourceMapping.Column] {
    guard let mapping = document.mapping(node, "columns") else { return [] }
    var columns: [SourceMapping.Column] = []
    for (key, value) in mapping {
      guard let name = document.text(key, "columns") else { continue }
      columns += column(name, key, value)
    }
    return columns
  }

  private mutating func column(_ name: String, _ key: Node, _ node: Node) -> [SourceMapping.Column]
  {
    let range = ColumnRange.expand(name)
    if range == nil && name.contains("..") {
      document.report("range", at: key, "'\(name)' is not a range such as V1..V28")
    }
    let names = range ?? [name]
    guard case .mapping(let mapping) = node else {
      let type = document.word(node, "type", as: TypeWord.self)?.type ?? .text
      for name in names { checkName(snakeCase(name), at: key) }
      return names.map { SourceMapping.Column(name: $0, field: snakeCase($0), type: type) }
    }
    document.checkKeys(
      of: mapping, known: ["field", "type", "required", "values"], place: "column '\(name)'")
    let given = document.text(mapping["field"], "field")
    if given != nil && names.count > 1 {
      document.report(
        "range", at: mapping["field"], "a range of columns cannot be one field",
        suggestion: "leave 'field' out")
    }
    let type = document.word(mapping["type"], "type", as: TypeWord.self)?.type ?? .text
    let required = document.flag(mapping["required"], "required") ?? false
    let values = document.table(mapping["values"], "values")
    if !values.isEmpty && type != .text {
      document.report("values", at: mapping["values"], "only texts can be replaced by 'values'")
    }
    return names.map { name in
      let field = given ?? snakeCase(name)
      checkName(field, at: mapping["field"] ?? key)
      return SourceMapping.Column(
        name: name, field: field, type: type, isRequired: required,
        values: Dictionary(values.map { ($0.key, $0.value) }) { $1 })
    }
  }

  private mutating func combinations(
    _ node: Node?, _ format: SourceMapping.Format
  ) -> [SourceMapping.Combination] {
    guard let node, let mapping = document.mapping(node, "combine") else { return [] }
    if format != .csv {
      document.report("combine", at: node, "only csv sources combine columns")
    }
    return mapping.compactMap { key, value in
      guard let field = document.text(key, "combine") else { return nil }
      checkName(field, at: key)
      let columns = document.texts(value, field)
      if columns.isEmpty { document.report("combine", at: key, "'\(field)' needs columns") }
      return SourceMapping.Combination(field: field, columns: columns)
    }
  }

  private mutating func constants(_ node: Node?) -> [String: String] {
    let table = document.table(node, "constants")
    for (name, _, key) in table { checkName(name, at: key) }
    return Dictionary(table.map { ($0.key, $0.value) }) { $1 }
  }

  private mutating func entities(_ node: Node?) -> SourceMapping.Entities {
    guard let node else { return SourceMapping.Entities(byKind: [:], others: []) }
    guard case .mapping(let mapping) = node else {
      return SourceMapping.Entities(byKind: [:], others: document.texts(node, "entities"))
    }
    var entities = SourceMapping.Entities(byKind: [:], others: [])
    for (key, value) in mapping {
      guard let kind = document.text(key, "entities") else { continue }
      let fields = document.texts(value, kind)
      if kind == "otherwise" { entities.others = fields } else { entities.byKind[kind] = fields }
    }
    return entities
  }

  private mutating func truth(_ node: Node?) -> SourceMapping.Truth? {
    guard let node, let mapping = document.mapping(node, "truth") else { return nil }
    document.checkKeys(
      of: mapping,
      known: ["column", "positive", "type", "name", "name_column", "names", "severity"],
      place: "'truth'")
    let columns = document.texts(mapping["column"], "column")
    if columns.isEmpty { document.report("missing-key", at: node, "'truth' needs 'column'") }
    let severity = document.integer(mapping["severity"], "severity") ?? 5
    if !(1...5).contains(severity) {
      document.report("severity", at: mapping["severity"], "'severity' should be 1 to 5")
    }
    let type = document.word(mapping["type"], "label type", as: LabelWord.self) ?? .fraud
    let positive = document.texts(mapping["positive"], "positive")
    return SourceMapping.Truth(
      columns: columns, positive: positive.isEmpty ? ["1", "true"] : Set(positive),
      type: type.rawValue, name: document.text(mapping["name"], "name") ?? type.rawValue,
      nameColumns: document.texts(mapping["name_column"], "name_column"),
      names: Dictionary(document.table(mapping["names"], "names").map { ($0.key, $0.value) }) {
        $1
      },
      severity: severity)
  }

  private mutating func delimiter(_ node: Node?) -> UInt8 {
    guard let text = document.text(node, "delimiter") else { return UInt8(ascii: ",") }
    let known: [String: UInt8] = [",": 0x2C, ";": 0x3B, "tab": 0x09, "\t": 0x09, "|": 0x7C]
    if let byte = known[text] { return byte }
    document.report("delimiter", at: node, "'delimiter' should be ',', ';', '|' or 'tab'")
    return UInt8(ascii: ",")
  }

  private mutating func patterns(
    _ node: Node?, _ format: SourceMapping.Format, _ whole: Node
  ) -> [SourceMapping.Pattern] {
    guard let node else {
      if format == .syslog { document.report("missing-key", at: whole, "'patterns' is missing") }
      return []
    }
    guard format == .syslog, case .sequence(let sequence) = node else {
      document.report("patterns", at: node, "'patterns' should be a list, in a syslog source")
      return []
    }
    return sequence.compactMap { pattern($0) }
  }

  private mutating func pattern(_ node: Node) -> SourceMapping.Pattern? {
    guard let mapping = document.mapping(node, "patterns") else { return nil }
    document.checkKeys(of: mapping, known: ["match", "kind", "set"], place: "a pattern")
    guard let text = document.text(mapping["match"], "match"),
      let kind = document.text(mapping["kind"], "kind")
    else {
      document.report("missing-key", at: node, "a pattern needs 'match' and 'kind'")
      return nil
    }
    let constants = constants(mapping["set"])
    switch SyslogPattern.parse(text) {
    case .success(let match):
      return SourceMapping.Pattern(match: match, kind: kind, constants: constants)
    case .failure(let problem):
      document.report("pattern", at: mapping["match"], problem.message)
      return nil
    }
  }
}
