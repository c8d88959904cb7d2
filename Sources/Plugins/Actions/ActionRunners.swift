package import Detection
package import Primitives
package import Response
import Scripting

/// Runs an escalation's function on an alert. Owns a Lua state and belongs to one thread at a time.
package final class EscalationRunner {
  package let plugin: EscalationPlugin
  private let script: Script
  private let function: ScriptFunction
  private let settings: ScriptObject
  private let acts: ActFunctions

  /// - Parameter settings: what the installation says, by name; a secret as its token. What is not said has its default.
  package init(_ plugin: EscalationPlugin, settings: [String: Value]) throws(Diagnostic) {
    self.plugin = plugin
    let acts = ActFunctions(owner: plugin.id, uses: plugin.escalation.uses)
    self.acts = acts
    do throws(ScriptError) {
      script = try Script(
        name: plugin.id, limits: .action, prelude: [LuaPrelude.source],
        functions: acts.functions + [FigureFunction.function])
      let envelope = try PluginLoader.envelope(of: plugin.origin, in: script)
      guard let function = envelope["body"].table?["run"].function else {
        throw changed(plugin.origin)
      }
      self.function = function
      self.settings = try script.object(
        ActionSettings.reader(plugin.escalation.settings, settings))
    } catch {
      throw diagnostic(error, plugin.origin)
    }
  }

  package func run(
    _ alert: AlertFacts, act: @escaping (Act) throws -> JSONValue
  ) throws(Diagnostic) {
    acts.act = act
    defer { acts.act = nil }
    do throws(ScriptError) {
      _ = try script.call(function, try script.object(FactReader(alert)), settings)
    } catch {
      throw diagnostic(error, plugin.origin)
    }
  }
}

/// Runs the steps of a playbook on an alert. Owns a Lua state and belongs to one thread at a time.
package final class PlaybookRunner {
  package let plugin: PlaybookPlugin
  private let script: Script
  private let steps: [(run: ScriptFunction?, undo: ScriptFunction?)]
  private let acts: ActFunctions

  package init(_ plugin: PlaybookPlugin) throws(Diagnostic) {
    self.plugin = plugin
    let acts = ActFunctions(owner: plugin.id, uses: plugin.playbook.uses)
    self.acts = acts
    do throws(ScriptError) {
      script = try Script(
        name: plugin.id, limits: .action, prelude: [LuaPrelude.source],
        functions: acts.functions + [FigureFunction.function])
      let envelope = try PluginLoader.envelope(of: plugin.origin, in: script)
      guard let list = envelope["body"].table?["steps"].table?.list,
        list.count == plugin.playbook.steps.count
      else { throw changed(plugin.origin) }
      steps = list.map { ($0.table?["run"].function, $0.table?["undo"].function) }
    } catch {
      throw diagnostic(error, plugin.origin)
    }
  }

  /// What a `PlaybookRun` calls to have a step done or undone.
  package func runner(
    _ alert: AlertFacts, act: @escaping (Act) throws -> JSONValue
  ) -> PlaybookRun.Runner {
    { [self] place, undo, answers in
      guard let function = undo ? steps[place].undo : steps[place].run else { return }
      acts.act = act
      defer { acts.act = nil }
      do throws(ScriptError) {
        let questions = plugin.playbook.steps.filter { step in
          if case .ask = step.kind { true } else { false }
        }
        let given = FactReader(
          FactReader.answers, known: questions.map(\.name), values: answers.mapValues { .text($0) })
        _ = try script.call(
          function, try script.object(FactReader(alert)), try script.object(given))
      } catch {
        throw diagnostic(error, plugin.origin)
      }
    }
  }

  /// A question with its places filled in.
  package static func text(_ question: Playbook.Question, _ alert: AlertFacts) -> String {
    MessageTemplate(question.text).filled { RuleMessage.text(alert.value($0)) }
  }
}

/// What an installation says to a plugin.
package enum ActionSettings {
  /// Settings that must be said and are not.
  package static func missing(
    _ definitions: [SettingDefinition], _ given: [String: Value]
  ) -> [SettingDefinition] {
    definitions.filter { given[$0.name] == nil && $0.standard == nil }
  }

  static func reader(_ definitions: [SettingDefinition], _ given: [String: Value]) -> FactReader {
    var values: [String: Value] = [:]
    for setting in definitions {
      values[setting.name] = given[setting.name] ?? setting.standard
      if setting.kind == .secret, values[setting.name] != nil {
        values[setting.name] = .text(SecretToken.token(setting.name))
      }
    }
    return FactReader(
      FactReader.settings, known: definitions.map(\.name), values: values,
      durations: Set(definitions.filter { $0.kind == .duration }.map(\.name)))
  }
}

private func changed(_ origin: PluginOrigin) -> ScriptError {
  ScriptError(
    kind: .value, message: "returns something else than when it was checked", chunk: origin.file,
    line: nil)
}

private func diagnostic(_ error: ScriptError, _ origin: PluginOrigin) -> Diagnostic {
  Diagnostic(
    code: error.kind.rawValue, file: origin.file, line: error.line,
    message: printable(error.message, limit: 500))
}
