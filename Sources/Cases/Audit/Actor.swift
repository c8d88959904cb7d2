/// Who changes something: a person, a plugin or the program itself.
package struct Actor: Hashable, Sendable {
  package enum Kind: String, Hashable, Sendable, CaseIterable { case person, plugin, system }

  package var kind: Kind
  /// The user's name, the plugin's id, or the command that runs.
  package var name: String
  /// The account of the operating system that the program ran under, whatever name was given.
  package var account: String

  package init(_ kind: Kind, _ name: String, account: String) {
    self.kind = kind
    self.name = name
    self.account = account
  }
}
