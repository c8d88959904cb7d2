/// What a case expected and got instead.
struct Unmet: Error, CustomStringConvertible {
  let expected: String
  let got: String

  var description: String { "expected \(expected), but \(got)" }
}
