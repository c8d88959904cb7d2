import Primitives
import Testing

@testable import Learning

@Suite("Curves of a detector")
struct QualityChartTests {
  private func rows(_ count: Int, seed: UInt64) -> (scores: [Double], labels: [Bool]) {
    var random = SeededRandom(seed: seed)
    let labels = (0..<count).map { _ in random.chance(0.1) }
    let scores = labels.map { label in
      // Ties are common.
      (random.uniform() * 50 + (label ? 30 : 0)).rounded(.down) / 80
    }
    return (scores, labels)
  }

  private func curves(_ count: Int, seed: UInt64) -> QualityCurves {
    let (scores, labels) = rows(count, seed: seed)
    return QualityCurves(margins: scores, probabilities: scores, labels: labels)
  }

  @Test(
    "The area below the drawn ROC is the area that is told", arguments: 1...5 as ClosedRange<UInt64>
  )
  func area(seed: UInt64) throws {
    let curves = curves(3_000, seed: seed)
    var area = 0.0
    for (a, b) in zip(curves.roc, curves.roc.dropFirst()) {
      #expect(b.x >= a.x && b.y >= a.y)
      area += (b.x - a.x) * (a.y + b.y) / 2
    }
    #expect(curves.roc.first == QualityCurves.Point(x: 0, y: 0))
    #expect(curves.roc.last == QualityCurves.Point(x: 1, y: 1))
    #expect(abs(area - (try #require(curves.rocAUC))) < 0.005)
  }

  @Test("Precision and recall end at all rows, and bars count each row once")
  func ends() throws {
    let (scores, labels) = rows(2_000, seed: 9)
    let curves = QualityCurves(margins: scores, probabilities: scores, labels: labels)
    let last = try #require(curves.precisionRecall.last)
    let share = Double(curves.positives) / 2_000
    #expect(last.x == 1 && abs(last.y - share) < 1e-12)
    #expect(curves.distribution.reduce(0) { $0 + $1.harmless } == labels.count { !$0 })
    #expect(curves.distribution.reduce(0) { $0 + $1.positive } == labels.count { $0 })
  }

  @Test("A million rows are drawn in as many points as a few thousand")
  func bounded() {
    var random = SeededRandom(seed: 4)
    let labels = (0..<200_000).map { _ in random.chance(0.5) }
    let scores = labels.map { _ in random.uniform() }
    let curves = QualityCurves(margins: scores, probabilities: scores, labels: labels)
    #expect(curves.roc.count < 2_000)
  }

  @Test("Without positives there is a page that says so")
  func oneSided() {
    let curves = QualityCurves(
      margins: [0.1, 0.2], probabilities: [0.1, 0.2], labels: [false, false])
    #expect(curves.roc.count == 1 && curves.precisionRecall.isEmpty)
    let html = QualityPage(title: "none", curves: curves).html
    #expect(html.contains("2 rows, 0 of them positive (0.00 %). Average precision –"))
  }

  @Test("A page is whole, fetches nothing and shows a title as it is written")
  func page() {
    let html = QualityPage(title: "<script>a&\"b\"", curves: curves(500, seed: 2)).html
    #expect(html.hasPrefix("<!DOCTYPE html>") && html.hasSuffix("</html>\n"))
    #expect(html.contains("<h1>&lt;script&gt;a&amp;&quot;b&quot;</h1>"))
    #expect(!html.contains("<script") && !html.contains("http"))
    #expect(html.components("<svg") == 4 && html.components("</svg>") == 4)
    #expect(!html.contains("nan") && !html.contains("inf"))
  }
}

extension String {
  /// How often a text occurs.
  fileprivate func components(_ text: String) -> Int {
    var count = 0
    var rest = self[...]
    while let found = rest.firstRange(of: text) {
      count += 1
      rest = rest[found.upperBound...]
    }
    return count
  }
}
