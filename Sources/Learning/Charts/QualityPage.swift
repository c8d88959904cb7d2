import Primitives

/// A page with the curves of a detector, drawn as SVG: one file, without scripts or anything to fetch.
package struct QualityPage: Sendable {
  private let title: String
  private let curves: QualityCurves

  package init(title: String, curves: QualityCurves) {
    self.title = title
    self.curves = curves
  }

  private static let side = 300.0
  private static let margin = 44.0

  package var html: String {
    let precision = curves.averagePrecision.map { Format.decimal($0, 3) } ?? Format.missing
    let area = curves.rocAUC.map { Format.decimal($0, 3) } ?? Format.missing
    let share = curves.rows == 0 ? 0 : Double(curves.positives) / Double(curves.rows)
    let charts = [
      chart(
        "ROC, area \(area)", x: "false alarm rate", y: "recall",
        line(curves.roc) + diagonal),
      chart(
        "Precision and recall, average \(precision)", x: "recall", y: "precision",
        line(curves.precisionRecall) + level(share)),
      chart(
        "Reliability", x: "predicted probability", y: "share of positives",
        diagonal + line(curves.reliability) + dots(curves.reliability)),
      chart(
        "Scores of harmless (grey) and positive (red) rows", x: "probability",
        y: "rows, by powers of ten", bars),
    ]
    return """
      <!DOCTYPE html>
      <html lang="en"><head><meta charset="utf-8"><title>\(QualityPage.safe(title))</title>
      <style>body{font:14px sans-serif;margin:2em;max-width:860px}svg{margin:8px}
      text{font:11px sans-serif;fill:#444}.t{font-weight:bold;fill:#000}
      .l{fill:none;stroke:#1455a8;stroke-width:1.6}.d{stroke:#999;stroke-dasharray:4 3}
      .a{fill:none;stroke:#444}.h{fill:#888}.p{fill:#c0392b;fill-opacity:.75}</style></head><body>
      <h1>\(QualityPage.safe(title))</h1>
      <p>\(Format.count(curves.rows)) rows, \(Format.count(curves.positives)) of them positive \
      (\(Format.percent(share, 2))). Average precision \(precision), of a blind guess \
      \(Format.decimal(share, 4)). Area under the ROC curve \(area).</p>
      \(charts.joined(separator: "\n"))
      </body></html>

      """
  }

  private func chart(_ name: String, x: String, y: String, _ inside: String) -> String {
    let (side, margin) = (QualityPage.side, QualityPage.margin)
    let size = QualityPage.number(side + 2 * margin)
    let middle = QualityPage.number(margin + side / 2)
    let bottom = QualityPage.number(margin + side)
    return """
      <svg width="\(size)" height="\(size)" role="img" aria-label="\(QualityPage.safe(name))">
      <text class="t" x="\(middle)" y="24" text-anchor="middle">\(QualityPage.safe(name))</text>
      <rect class="a" x="\(margin)" y="\(margin)" width="\(side)" height="\(side)"/>
      <text x="\(margin)" y="\(QualityPage.number(margin + side + 14))">0</text>
      <text x="\(bottom)" y="\(QualityPage.number(margin + side + 14))" text-anchor="end">1</text>
      <text x="\(middle)" y="\(QualityPage.number(margin + side + 30))" text-anchor="middle">\(x)</text>
      <text x="14" y="\(middle)" text-anchor="middle" transform="rotate(-90 14 \(middle))">\(y)</text>
      \(inside)
      </svg>
      """
  }

  private func line(_ points: [QualityCurves.Point]) -> String {
    if points.isEmpty { return "" }
    let places = points.map { "\(QualityPage.x($0.x)),\(QualityPage.y($0.y))" }
    return "<polyline class=\"l\" points=\"\(places.joined(separator: " "))\"/>"
  }

  private func dots(_ points: [QualityCurves.Point]) -> String {
    points.map {
      "<circle cx=\"\(QualityPage.x($0.x))\" cy=\"\(QualityPage.y($0.y))\" r=\"3\" fill=\"#1455a8\"/>"
    }.joined()
  }

  private var diagonal: String { rule(0, 0, 1, 1) }

  private func level(_ y: Double) -> String { rule(0, y, 1, y) }

  private func rule(_ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double) -> String {
    "<line class=\"d\" x1=\"\(QualityPage.x(x1))\" y1=\"\(QualityPage.y(y1))\""
      + " x2=\"\(QualityPage.x(x2))\" y2=\"\(QualityPage.y(y2))\"/>"
  }

  /// Heights by powers of ten: positives are few.
  private var bars: String {
    let most = curves.distribution.map { max($0.harmless, $0.positive) }.max() ?? 0
    let top = QualityPage.decades(most)
    if top == 0 { return "" }
    let width = 1 / Double(curves.distribution.count)
    func bar(_ rows: Int, _ low: Double, _ kind: String) -> String {
      if rows == 0 { return "" }
      let height = QualityPage.decades(rows) / top
      return "<rect class=\"\(kind)\" x=\"\(QualityPage.x(low + 0.1 * width))\""
        + " y=\"\(QualityPage.y(height))\""
        + " width=\"\(QualityPage.number(0.8 * width * QualityPage.side))\""
        + " height=\"\(QualityPage.number(height * QualityPage.side))\">"
        + "<title>\(Format.count(rows)) rows</title></rect>"
    }
    return curves.distribution.map {
      bar($0.harmless, $0.low, "h") + bar($0.positive, $0.low, "p")
    }.joined()
  }

  /// 0 for none, 1 for one row, 2 for ten.
  private static func decades(_ rows: Int) -> Double {
    var left = Double(rows)
    var decades = 0.0
    while left >= 10 {
      left /= 10
      decades += 1
    }
    // Straight between powers of ten.
    return rows == 0 ? 0 : decades + 1 + (left - 1) / 9
  }

  private static func x(_ value: Double) -> String { number(margin + value * side) }
  private static func y(_ value: Double) -> String { number(margin + (1 - value) * side) }

  private static func number(_ value: Double) -> String {
    let tenths = Int((value * 10).rounded())
    return tenths % 10 == 0 ? "\(tenths / 10)" : "\(tenths / 10).\(tenths % 10)"
  }

  private static func safe(_ text: String) -> String {
    var safe = ""
    for character in text {
      switch character {
      case "&": safe += "&amp;"
      case "<": safe += "&lt;"
      case ">": safe += "&gt;"
      case "\"": safe += "&quot;"
      default: safe.append(character)
      }
    }
    return safe
  }
}
