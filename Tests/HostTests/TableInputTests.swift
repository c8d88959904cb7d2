import Foundation
import Learning
import Primitives
import Synchronization
import Testing

@testable import Host

@Suite("Tables of numbers")
struct TableInputTests {
  private final class Warnings: JobProgress {
    let texts = Mutex<[String]>([])
    func begin(_ stage: String, total: Int?) {}
    func advance(to done: Int) {}
    func end(_ result: String) {}
    func warn(_ text: String) { texts.withLock { $0.append(text) } }
  }

  private let scratch: Scratch
  private let settings: Settings

  init() throws {
    scratch = try Scratch()
    settings = try shipped(scratch)
  }

  private func train(_ header: String, _ row: (Int) -> String) throws -> [String] {
    let rows = (0..<200).map(row).joined(separator: "\n")
    let path = try scratch.write("t.csv", "\(header)\n\(rows)\n")
    let warnings = Warnings()
    _ = try TableTrainingJob(
      settings: settings, table: path, label: "y", fitting: FittingOptions(rounds: 2, depth: 2),
      model: scratch.path + "/m.json"
    ).run(progress: warnings)
    return warnings.texts.withLock { $0 }
  }

  @Test("Columns of texts are taken as categories, and that is said")
  func texts() throws {
    #expect(
      try train("a,city,y") { "\($0 % 7),Rome,\($0 % 2)" } == [
        "column 'city' holds texts and is taken as categories; --without leaves it out"
      ])
    #expect(
      try train("city,a,land,y") { "Rome,\($0 % 7),it,\($0 % 2)" } == [
        "columns 'city', 'land' hold texts and are taken as categories; --without leaves them out"
      ])
    #expect(try train("a,y") { "\($0 % 7),\($0 % 2)" } == [])
  }

  @Test("Categories find what numbers cannot, and one that training never saw counts as missing")
  func categories() throws {
    let towns = ["Bonn", "Köln", "Ulm", "Hof", "=1+1"]
    let rows = (0..<1000).map { "\(towns[$0 * 7 % 5]),\($0 * 7 % 5 % 2 == 0 ? 1 : 0)" }
    let path = try scratch.write("t.csv", "town,y\n" + rows.joined(separator: "\n") + "\n")
    let report = try job(path)
    #expect(report.categories == ["town": 5])
    #expect(report.test.rocAUC == 1)
    let asked = try scratch.write("s.csv", "id,town\na,Bonn\nb,Köln\nc,Rome\nd,\n")
    let scored = scratch.path + "/s.out"
    _ = try ScoreJob(
      settings: settings, table: asked, model: scratch.path + "/m.json", out: scored, margin: true
    ).run(progress: NoProgress())
    let lines = try String(contentsOfFile: scored, encoding: .utf8).split(separator: "\n")
    let margins = lines.dropFirst().compactMap { Double($0.split(separator: ",")[1]) }
    #expect(margins.count == 4)
    #expect(margins[0] > 0 && margins[1] < 0)
    #expect(margins[2] == margins[3])
  }

  @Test("Numbers are categories where it is said, and columns can be left out")
  func chosenColumns() throws {
    let path = try table()
    let report = try job(path) {
      $0.categorical = ["a"]
      $0.without = ["w"]
    }
    #expect(report.columns == 2)
    #expect(report.categories == ["a": 17])
    let label = #expect(throws: Failure.self) { try job(path) { $0.without = ["y"] } }
    #expect(label?.description == "--without names the label 'y' (name columns to learn from)")
    var fitting = FittingOptions(rounds: 2, depth: 2)
    fitting.rises = ["a"]
    let rising = #expect(throws: Failure.self) {
      try job(path, fitting: fitting) { $0.categorical = ["a"] }
    }
    #expect(
      rising?.description
        == "column 'a' holds categories, which neither rise nor fall (name a column of numbers)")
    _ = try job(path)
    let changed = #expect(throws: Failure.self) {
      try job(path, model: "n.json") {
        $0.categorical = ["a"]
        $0.start = (scratch.path + "/m.json", Continuing(.add, decay: 1))
      }
    }
    #expect(
      changed?.description
        == "the model to go on with takes column 'a' as numbers (give the column as it was when"
        + " the model was trained)")
  }

  @Test("A label of texts is refused")
  func label() throws {
    let error = #expect(throws: Failure.self) {
      try train("a,y") { "\($0),\($0 % 2 == 0 ? "good" : "bad")" }
    }
    #expect(
      error?.description.hasSuffix(
        "t.csv: the column 'y' holds texts (write what is to be predicted as numbers, such as 0"
          + " and 1)") == true)
  }

  private func job(
    _ path: String, model: String = "m.json", fitting: FittingOptions? = nil,
    _ change: (inout TableTrainingJob.Extras) -> Void = { _ in }
  ) throws -> TrainingReport {
    var extras = TableTrainingJob.Extras()
    change(&extras)
    return try TableTrainingJob(
      settings: settings, table: path, label: "y",
      fitting: fitting ?? FittingOptions(rounds: 3, depth: 2), extras: extras,
      model: scratch.path + "/" + model
    ).run(progress: NoProgress())
  }

  private func table() throws -> String {
    let rows = (0..<400).map { "\($0 % 17),\($0 % 5),\($0 % 2 + 1),\($0 % 17 > 9 ? 1 : 0)" }
    return try scratch.write("w.csv", "a,b,w,y\n" + rows.joined(separator: "\n") + "\n")
  }

  @Test("The column of weights is not learned from, and one that is not there is refused")
  func weights() throws {
    let path = try table()
    #expect(try job(path).columns == 3)
    #expect(try job(path) { $0.weights = "w" }.columns == 2)
    let error = #expect(throws: Failure.self) { try job(path) { $0.weights = "ww" } }
    #expect(
      error?.description.hasSuffix(
        "w.csv: there is no column 'ww' of weights (did you mean 'w'?)") == true)
  }

  @Test("A model is gone on with: more trees, or the same splits with other leaves")
  func goingOn() throws {
    let path = try table()
    #expect(try job(path).trees == 3)
    let first = scratch.path + "/m.json"
    #expect(
      try job(path, model: "more.json") { $0.start = (first, Continuing(.add, decay: 1)) }.trees
        == 6
    )
    let refitted = try job(path, model: "refit.json") {
      $0.start = (first, Continuing(.refit, decay: 0.5))
    }
    #expect(refitted.trees == 3)
    #expect(refitted.rounds == 0)
    let error = #expect(throws: Failure.self) {
      try job(path, model: "m.json") { $0.start = (first, Continuing(.add, decay: 1)) }
    }
    #expect(error?.kind == .usage)
  }

  @Test("Columns that may only rise or fall are named; others are refused")
  func monotone() throws {
    let path = try table()
    var fitting = FittingOptions(rounds: 2, depth: 2)
    fitting.rises = ["a"]
    fitting.falls = ["b"]
    #expect(try job(path, fitting: fitting).trees == 2)
    fitting.falls = ["c"]
    let unknown = #expect(throws: Failure.self) { try job(path, fitting: fitting) }
    #expect(
      unknown?.description.hasPrefix("there is no column 'c' to rise or fall with (did you mean")
        == true)
    fitting.falls = ["a"]
    let twice = #expect(throws: Failure.self) { try job(path, fitting: fitting) }
    #expect(twice?.description == "column 'a' is named twice (let it rise or fall)")
  }
}
