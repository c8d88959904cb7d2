import Primitives

/// A question as it was understood: what is asked for, and of which alerts.
struct Understood {
  enum Intent: String {
    case alerts, count, tally, timeline, why, entity, rules, rule, changed, alert
    case incidents, queue, risk, ledger, counterfactual, prove, whynot, whatif
  }

  var intent = Intent.alerts
  /// The filters by key; a later word of the same kind takes the place of an earlier.
  var filters: [String: String] = [:]
  var numbers: [String: Double] = [:]
  var time: TimeRange?
  var against: TimeRange?
  var by: String?
  var order: String?
  /// How many.
  var limit: Int?
  /// The beginning of an alert's id.
  var id: String?
  /// The id of an event, and the values that its fields would have.
  var event: String?
  var values: [(field: String, value: String)] = []

  private static let textKeys = [
    "severity", "rule", "category", "owner", "source", "kind", "entity", "field", "status",
    "disposition", "text",
  ]
  private static let numberKeys = ["min_cost", "max_cost", "min_score"]

  /// The query in Lua, its options always in the same order.
  var lua: String {
    switch intent {
    case .rules: return "rules()"
    case .rule: return "rule(\(quoted(filters["rule"] ?? "")))"
    case .alert: return "alert(\(quoted(id ?? "")))"
    case .why where id != nil: return "why(\(quoted(id ?? "")))"
    case .counterfactual, .prove: return "\(intent.rawValue)(\(quoted(id ?? "")))"
    case .ledger: return time == nil ? "ledger()" : "ledger{\(times.joined(separator: ", "))}"
    case .queue: return "queue{\(limit.map { "limit = \($0)" } ?? "")}"
    case .whynot:
      return "whynot(\(quoted(filters["rule"] ?? "")), \(quoted(event ?? "")))"
    case .whatif:
      let pairs = values.map { "\($0.field) = \($0.value)" }.joined(separator: ", ")
      return "whatif(\(quoted(event ?? "")), {\(pairs)})"
    case .incidents: return incidents
    case .entity, .risk:
      let parts = (filters["entity"] ?? "").split(separator: "=", maxSplits: 1).map(String.init)
      return
        "\(intent.rawValue)(\(quoted(parts.first ?? "")), \(quoted(parts.count > 1 ? parts[1] : "")))"
    default: break
    }
    var options = Understood.textKeys.compactMap { key in
      filters[key].map { "\(key) = \(quoted($0))" }
    }
    options += Understood.numberKeys.compactMap { key in
      numbers[key].map { "\(key) = \(number($0))" }
    }
    options += times
    if let against, intent == .changed {
      if let since = against.since { options.append("against_since = \(quoted(words(since)))") }
      if let before = against.before { options.append("against_before = \(quoted(words(before)))") }
    }
    if let by, intent == .tally || intent == .timeline { options.append("by = \(quoted(by))") }
    if intent == .alerts, let order { options.append("order = \(quoted(order))") }
    if let limit {
      if intent == .tally { options.append("top = \(limit)") }
      if intent == .alerts { options.append("limit = \(limit)") }
    }
    return "\(intent.rawValue){\(options.joined(separator: ", "))}"
  }

  private var times: [String] {
    guard let time else { return [] }
    var options: [String] = []
    if let since = time.since { options.append("since = \(quoted(words(since)))") }
    if let before = time.before { options.append("before = \(quoted(words(before)))") }
    if let last = time.last { options.append("last = \(last.amount) * \(last.unit)") }
    return options
  }

  private var incidents: String {
    var options = ["severity", "entity"].compactMap { key in
      filters[key].map { "\(key) = \(quoted($0))" }
    }
    options += times
    if let status = filters["status"] { options.append("open = \(status == "open")") }
    if let limit { options.append("limit = \(limit)") }
    return "incidents{\(options.joined(separator: ", "))}"
  }

  private func quoted(_ text: String) -> String {
    "\"" + text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
  }

  private func number(_ x: Double) -> String {
    x == x.rounded() && abs(x) < 1e15 ? "\(Int(x))" : "\(x)"
  }

  private func words(_ time: Timestamp) -> String {
    let text = time.description.replacing("T", with: " ").replacing("Z", with: "")
    if text.hasSuffix(" 00:00:00") { return String(text.dropLast(9)) }
    return text.count == 19 && text.hasSuffix(":00") ? String(text.dropLast(3)) : text
  }
}
