import Scripting

/// `figure(x)`: a number as people read it, for sentences that a function puts together.
enum FigureFunction {
  static let name = "figure"

  static var function: HostFunction {
    HostFunction(name) { arguments in
      let value = arguments.first ?? .nil
      if value.isNil { return .text("(missing)") }
      guard let x = value.number else {
        throw Refusal("figure needs a number, not \(described(value))")
      }
      return .text(Figures.short(x))
    }
  }
}
