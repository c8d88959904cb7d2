import Cases
import Foundation
import Host
import Primitives
import Questions
import Store

/// Answers questions in words: with the query that they come to, a question back, or that it cannot be done.
struct Asker {
  enum Answer {
    case query(String)
    case words(String, isFailure: Bool)
  }

  private let host: ReplHost
  private var reader: QuestionReader?

  init(_ host: ReplHost) { self.host = host }

  mutating func answer(_ text: String) -> Answer {
    do throws(Failure) {
      if reader == nil { reader = try Asker.reader(host) }
      guard var reader else { preconditionFailure("a reader was just made") }
      let answer = reader.answer(text, now: host.now)
      self.reader = reader
      switch answer {
      case .query(let lua): return .query(lua)
      case .cannot(let reason): return .words("I cannot answer that: \(reason)", isFailure: true)
      case .ask(let what, let choices):
        let lines = choices.enumerated().map { "  ? \($0 + 1)   \($1)" }.joined(separator: "\n")
        return .words("\(what). Did you mean\n\(lines)", isFailure: true)
      }
    } catch {
      return .words(error.description, isFailure: true)
    }
  }

  /// The names of plugins and of the data directory, read when the first question comes.
  private static func reader(_ host: ReplHost) throws(Failure) -> QuestionReader {
    var schema = QuestionSchema()
    schema.rules = try host.control.rules().map { ($0.id, $0.title) }
    schema.fields = try host.control.entityFields()
    schema.categories = try host.control.values(of: .category)
    schema.sources = try host.control.values(of: .source)
    schema.owners = host.owners.owners.map { ($0.key, $0.value.name) }.sorted { $0.0 < $1.0 }
    let (text, file) = try host.control.questionWords()
    return QuestionReader(words: try QuestionWords(text, file: file), schema: schema)
  }
}
