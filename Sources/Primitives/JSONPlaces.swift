/// The objects of a line that lead to known keys, each with the path of keys that leads to it.
///
/// `{"a":{"b":1}}` and `{"a.b":1}` give the same path `a.b` and are different places.
struct JSONPlaces {
  private struct Place {
    var parent: Int32
    var depth: Int
    /// `a.` for the object under the key `a`; empty for the line's own object.
    var prefix: [UInt8]
  }

  /// Before or behind the line's own object.
  static let outside: Int32 = -1
  /// The line's own object.
  static let top: Int32 = 0

  private var places = [Place(parent: JSONPlaces.outside, depth: 0, prefix: [])]
  private var children: [Child: Int32] = [:]

  private struct Child: Hashable {
    var parent: Int32
    var path: [UInt8]
  }

  var count: Int { places.count }

  func parent(_ place: Int32) -> Int32 { places[Int(place)].parent }
  func depth(_ place: Int32) -> Int { place < 0 ? 0 : places[Int(place)].depth }

  /// Writes the path of a key of a place and gives its length; missing where it is longer than the space.
  func path(
    _ key: UnsafeBufferPointer<UInt8>, in place: Int32, to space: UnsafeMutableBufferPointer<UInt8>
  ) -> Int? {
    let prefix = places[Int(place)].prefix
    let length = prefix.count + key.count
    if length > space.count { return nil }
    for index in 0..<prefix.count { space[index] = prefix[index] }
    for index in 0..<key.count { space[prefix.count + index] = key[index] }
    return length
  }

  /// The object under a key that leads to known keys.
  mutating func child(of place: Int32, path: UnsafeBufferPointer<UInt8>) -> Int32 {
    let child = Child(parent: place, path: Array(path))
    if let known = children[child] { return known }
    places.append(
      Place(
        parent: place, depth: places[Int(place)].depth + 1,
        prefix: child.path + [UInt8(ascii: ".")]))
    children[child] = Int32(places.count - 1)
    return Int32(places.count - 1)
  }
}
