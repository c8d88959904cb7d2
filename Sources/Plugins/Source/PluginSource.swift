import Primitives

/// The text of one plugin file and the place where a message about it points to.
package struct PluginSource: Hashable, Sendable {
  /// The path as people know it: the folder they gave, then the way below it.
  package let file: String
  package let text: String

  package init(file: String, text: String) {
    self.file = file
    self.text = text
  }

  /// Of the text: tells whether a file is still the one that something is known about.
  package var hash: UInt64 { StableHash.of(text.utf8) }
}

/// Which declaration of which file a value was read from; runners find its functions there again.
package struct PluginOrigin: Hashable, Sendable {
  package let source: PluginSource
  /// The place in the list that the file returns, from 0.
  package let index: Int
  package let line: Int

  package var file: String { source.file }
}
