package import Detection
import Primitives

/// Why this event was found: what raised it, what spoke against it, and the sum that proves it.
package struct Explanation: Hashable, Sendable {
  /// Most reasons that an alert carries; the rest stand in the features frozen with it.
  package static let mostReasons = 6

  /// What the functions of the fired rules compared where they decided; what else these rules look at and is not as usual, the
  /// oddest first; then, where the model found it too, what raised the model's margin, largest first.
  package var causes: [Reason]
  /// What lowered the margin, largest first. Never called a cause.
  package var against: [Reason]
  /// The model's margin of an event about which nothing is known.
  package var bias: Double
  /// What the bias and all contributions sum to; missing where no model scored or they do not.
  package var margin: Double?
  /// Who gave how much of what the alert states; missing where nothing was judged.
  package var contributions: Contributions?

  /// Contributions that do not sum to the margin explain another prediction and are left out: in a model with leaves so
  /// large that they swallow the others, the sum is lost to rounding.
  ///
  /// - Parameter most: no more causes than this, and nothing that spoke against: what an alert carries. All where missing.
  package init(_ evidence: Evidence, most: Int? = nil) {
    let places = Dictionary(
      evidence.features.indices.map { (evidence.features[$0].name, $0) },
      uniquingKeysWith: { first, _ in first })
    func measured(_ name: String) -> Measurement? { places[name].map { evidence.features[$0] } }
    let isTrue = evidence.margin.map {
      Explanation.sums(evidence.contributions, bias: evidence.bias, to: $0)
    }
    let contributed = Dictionary(
      (isTrue ?? true ? evidence.contributions : []).map { ($0.feature, $0.value) },
      uniquingKeysWith: +)
    func reason(_ name: String, _ contribution: Double?) -> Reason {
      Reason(measured(name) ?? Measurement(name: name, value: .nan), contribution)
    }

    /// Whether something that is told already is the same number, seen over a window that holds no more.
    func repeats(_ name: String, _ told: [Reason]) -> Bool {
      guard let own = measured(name) else { return false }
      return told.contains { reason in
        measured(reason.feature).map { FeatureSentence.saysTheSame($0, own) } ?? false
      }
    }
    var named: Set<String> = []
    var causes: [Reason] = []
    let limit = most ?? .max
    for decided in evidence.decided where named.insert(decided.name).inserted {
      if causes.count == limit { continue }
      causes.append(Reason(decided, measured(decided.name)))
    }
    let odd = Explanation.odd(
      evidence.ruleFeatures, measured, orAll: evidence.decided.isEmpty)
    for name in odd where named.insert(name).inserted {
      if causes.count == limit || repeats(name, causes) { continue }
      // A rule's feature that the model held against the alert is the rule's reason, not the model's.
      let added = contributed[name].flatMap { $0 > 0 ? $0 : nil }
      causes.append(reason(name, added))
    }
    // What a model adds to an event that it lets pass is no cause of a rule's alert.
    let isOfModel = evidence.findings.contains { $0.origin == .model }
    let ranked =
      isOfModel || most == nil
      ? contributed.sorted { (abs($0.value), $1.key) > (abs($1.value), $0.key) } : []
    for (name, added) in ranked where isOfModel && added > 0 && !named.contains(name) {
      // A text with a number in it is no other feature's: nothing more can become a part of what is named.
      if causes.count >= limit, measured(name)?.words?.hasNumber ?? true { continue }
      // What is not known may have raised the margin, and says nothing to a reader unless nothing else does.
      if measured(name)?.value.isNaN ?? true, most != nil, !causes.isEmpty || ranked.count > 1 {
        continue
      }
      if repeats(name, causes) { continue }
      let cause = reason(name, added)
      // The time of day is two features, and one cause.
      if let place = causes.firstIndex(where: { $0.text == cause.text }),
        let before = causes[place].contribution
      {
        causes[place].contribution = before + added
      } else if causes.count < limit {
        causes.append(cause)
      }
    }
    self.causes = causes
    against = most == nil ? ranked.filter { $0.value < 0 }.map { reason($0.key, $0.value) } : []
    bias = evidence.bias
    margin = isTrue ?? true ? evidence.margin : nil
  }

  /// Says beside each cause that an alert carries what is usual for its peers.
  mutating func compare(_ evidence: Evidence, peers: (String) -> Usual?) {
    for place in causes.indices.prefix(Explanation.mostReasons) {
      let name = causes[place].feature
      guard let measured = evidence.features.first(where: { $0.name == name }),
        let usual = peers(name)
      else { continue }
      causes[place].peers = usual
      causes[place].text += FeatureSentence.text(ofPeers: usual, measured)
    }
  }

  /// What a rule looks at and is not as usual, the oddest first: it may look at ten things, of which one was odd. Where all
  /// are as usual, their coming together is the cause.
  ///
  /// - Parameter orAll: whether all are named where none is odd.
  private static func odd(
    _ names: [String], _ measured: (String) -> Measurement?, orAll: Bool
  ) -> [String] {
    let oddities = names.map { name in
      (name, measured(name).map { FeatureSentence.oddity($0) } ?? 0)
    }
    let odd = names.filter { measured($0).map { !FeatureSentence.isUsual($0) } ?? true }
    // What is not known says nothing, unless nothing is.
    let known = odd.filter { measured($0).map { !$0.value.isNaN } ?? true }
    let kept = Set(odd.isEmpty ? (orAll ? names : []) : known.isEmpty && orAll ? odd : known)
    return oddities.enumerated().sorted { ($1.element.1, $0.offset) < ($0.element.1, $1.offset) }
      .map(\.element.0).filter(kept.contains)
  }

  /// Equal to a part in 100,000 of what was added up, which single precision leaves of a few hundred trees.
  package static func sums(
    _ contributions: [Contribution], bias: Double, to margin: Double
  ) -> Bool {
    var sum = bias
    var size = 1 + abs(bias)
    for contribution in contributions {
      sum += contribution.value
      size += abs(contribution.value)
    }
    return size.isFinite && abs(sum - margin) <= 1e-5 * size
  }
}

extension Reason {
  /// What a rule decided by. What was asked is said where the number by itself does not stand out.
  init(_ decided: Decided, _ measured: Measurement?) {
    let plain = FeatureWords(phrase: "\(decided.name.replacing("_", with: " ")) {n}", decimals: 2)
    // A local may have the name of a feature and hold something else.
    let known = measured.flatMap {
      abs($0.value - decided.value) <= 1e-6 * max(1, abs(decided.value)) ? $0 : nil
    }
    let measured = known ?? Measurement(name: decided.name, value: decided.value, words: plain)
    self.init(measured, nil)
    value = decided.value
    text = FeatureSentence.text(measured, saysUsual: false)
    if measured.usual == nil || FeatureSentence.isUsual(measured) {
      text += "; the rule asks for \(decided.bound)"
    }
  }

  /// For a sentence of several: without what is usual for others, and without what only says that nothing is odd.
  var brief: String {
    var text = self.text[...]
    if let others = text.firstRange(of: "; others ") { text = text[..<others.lowerBound] }
    if let usual = text.firstRange(of: ", as usual (") { return String(text[..<usual.lowerBound]) }
    guard let usual = text.firstRange(of: "; usually ") else { return String(text) }
    return "\(text[..<usual.lowerBound]) (usually \(text[usual.upperBound...]))"
  }

  init(_ measured: Measurement, _ contribution: Double?) {
    self.init(
      feature: measured.name, value: measured.value.isNaN ? nil : measured.value,
      normal: measured.usual?.median, contribution: contribution,
      text: FeatureSentence.text(measured), usual: measured.usual, peers: nil)
  }
}

/// Answers what was usual before the event at hand, by feature. Asked for alerts that are raised alone: an answer costs
/// microseconds.
package struct UsualLookup {
  package var own: (String) -> Usual?
  package var peers: (String) -> Usual?

  package init(own: @escaping (String) -> Usual?, peers: @escaping (String) -> Usual?) {
    self.own = own
    self.peers = peers
  }
}

extension Evidence {
  /// Notes what was usual in all that is frozen with an alert.
  mutating func look(up usual: UsualLookup) {
    for place in features.indices where !features[place].value.isNaN {
      features[place].usual = usual.own(features[place].name)
    }
  }
}
