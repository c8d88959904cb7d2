package import Detection
package import Primitives

/// The anomaly windows of the Numenta Anomaly Benchmark: `combined_windows.json`, file → list of [start, end].
package enum NABLabels {
  /// One label a window, for the series named after the file; known once the window is over.
  package static func read(_ path: String) throws(Failure) -> [Label] {
    let document: JSONValue
    do {
      document = try JSONValue.parse(try readText(path))
    } catch let failure as Failure {
      throw failure
    } catch {
      throw Failure(.input, "'\(path)' is not JSON: \(reason(error))")
    }
    guard let members = document.members else { throw shape(path, "the top is no object") }
    var labels: [Label] = []
    for member in members {
      guard let windows = member.value.list else {
        throw shape(path, "'\(member.key)' has no list of windows")
      }
      let series = stem(member.key)
      for window in windows {
        guard let times = window.list, times.count == 2,
          let start = times[0].text.flatMap(TimeParser.timestamp),
          let end = times[1].text.flatMap(TimeParser.timestamp), start <= end
        else { throw shape(path, "'\(member.key)' has a window that is no pair of times") }
        labels.append(
          Label(
            entityField: "series", entity: series, start: start, end: end, type: "anomaly",
            name: "anomaly_window", severity: 3, knownAt: end))
      }
    }
    return labels
  }

  private static func reason(_ error: any Error) -> String {
    (error as? JSONProblem).map { "\($0.message) (byte \($0.offset + 1))" } ?? "\(error)"
  }

  private static func shape(_ path: String, _ what: String) -> Failure {
    Failure(
      .input, "'\(path)' does not hold anomaly windows: \(what)",
      advice: "it should be NAB's combined_windows.json")
  }

  private static func stem(_ key: String) -> String {
    let name = key.split(separator: "/").last.map(String.init) ?? key
    return name.hasSuffix(".csv") ? String(name.dropLast(4)) : name
  }
}
