import Cases
import Primitives

/// The course of an attack as a tree: each step hangs on the one with which somebody came in whom it names, too.
///
/// What happened to one user stands side by side below the first step that names them; where the attack went over to a card
/// by way of a device, the card's steps hang one deeper, on the step that brought the device in.
struct ChainTree {
  struct Step {
    var first: Timestamp
    /// Whom it is about.
    var entity: Entity?
    /// Everybody it names.
    var named: Set<Entity>
    var words: String
  }

  private let steps: [Step]

  /// - Parameter steps: in order of time.
  init(_ steps: [Step]) { self.steps = steps }

  /// One line a step, each with its time and how long after the step it hangs on.
  var lines: [String] {
    let links = links
    var lines: [String] = []
    func add(_ place: Int, before: String, isLast: Bool, isRoot: Bool) {
      let step = steps[place]
      var text = Format.minute(step.first)
      if let link = links[place] {
        text += " (+\(Format.span(max(.zero, step.first - steps[link.parent].first))))"
      }
      text += "  \(step.words)"
      if let link = links[place], link.by != step.entity {
        text += ", by way of \(safe(link.by.field)) \(safe(link.by.value))"
      }
      lines.append(isRoot ? before + text : before + (isLast ? "└─ " : "├─ ") + text)
      let children = links.indices.filter { links[$0]?.parent == place }
      for child in children {
        add(
          child, before: isRoot ? before : before + (isLast ? "   " : "│  "),
          isLast: child == children.last, isRoot: false)
      }
    }
    for place in steps.indices where links[place] == nil {
      add(place, before: "  ", isLast: true, isRoot: true)
    }
    return lines
  }

  /// By step, the one that it hangs on and whom both name; missing where it begins something.
  private var links: [(parent: Int, by: Entity)?] {
    steps.indices.map { place in
      let step = steps[place]
      let earlier = steps[..<place]
      if let entity = step.entity,
        let parent = earlier.firstIndex(where: { $0.named.contains(entity) })
      {
        return (parent, entity)
      }
      guard let parent = earlier.firstIndex(where: { !$0.named.isDisjoint(with: step.named) }),
        let by = steps[parent].named.intersection(step.named).min(by: {
          ($0.field, $0.value) < ($1.field, $1.value)
        })
      else { return nil }
      return (parent, by)
    }
  }
}
