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

  /// The query could not be run: what follows is not to build upon it.
  mutating func takeBack() { reader?.takeBack() }

  /// The names of plugins and of the data directory, read when the first question comes.
  private static func reader(_ host: ReplHost) throws(Failure) -> QuestionReader {
    var schema = QuestionSchema()
    schema.rules = try host.control.rules().map { ($0.id, $0.title) }
    schema.fields = try host.control.entityFields()
    schema.named = try host.control.namedFields()
    let events = try host.control.eventWords()
    let kinds = try host.control.rules().flatMap(\.kinds)
    schema.kinds = Set(kinds).union(events.kinds).sorted()
    schema.eventFields = events.fields
    schema.values = events.values.mapValues { $0.sorted() }
    let control = host.control
    schema.knows = { name in
      // What cannot be read is told by the query that is run.
      do throws(Failure) { return try Asker.known(name, control) } catch { return .anybody }
    }
    schema.categories = try host.control.values(of: .category)
    schema.sources = try host.control.values(of: .source)
    schema.owners = host.owners.owners.map { ($0.key, $0.value.name) }.sorted { $0.0 < $1.0 }
    let (text, file) = try host.control.questionWords()
    return QuestionReader(words: try QuestionWords(text, file: file), schema: schema)
  }

  /// Who is called so: what alerts are about, a part of such names up to where a part of them ends, or a value of events.
  private static func known(
    _ name: String, _ control: Control
  ) throws(Failure) -> QuestionSchema.Known {
    let near = try control.entities(holding: name)
    let same = near.filter { $0.value == name }
    if !same.isEmpty { return .entity(fields: Set(same.map(\.field)).sorted()) }
    if let event = try eventFields(name, control) { return event }
    func isWhole(_ value: String) -> (isBegin: Bool, isEnd: Bool) {
      let ends = "./:-_@\\"
      let rest = value.dropFirst(name.count).first
      let before = value.dropLast(name.count).last
      return (
        value.hasPrefix(name) && rest.map { ends.contains($0) } ?? false,
        value.hasSuffix(name) && before.map { ends.contains($0) } ?? false
      )
    }
    let begins = near.filter { isWhole($0.value).isBegin }.map(\.value)
    if let first = begins.first, let sign = first.dropFirst(name.count).first {
      return begins.count == 1 ? .part(first) : .part("\(name)\(sign)*")
    }
    let ends = near.filter { isWhole($0.value).isEnd }.map(\.value)
    if let first = ends.first, let sign = first.dropLast(name.count).last {
      return ends.count == 1 ? .part(first) : .part("*\(sign)\(name)")
    }
    return .nobody
  }

  private static func eventFields(
    _ name: String, _ control: Control
  ) throws(Failure) -> QuestionSchema.Known? {
    let fields = try control.eventFields(holding: name)
    return fields.isEmpty ? nil : .inEvents(fields: fields)
  }
}
