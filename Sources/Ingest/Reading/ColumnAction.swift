/// What the values of one column, key or capture become.
struct ColumnAction {
  enum Role { case time, id, kind, source, number, flag, text, truth, truthName }

  var role: Role
  /// The batch's number or text slot.
  var slot = 0
  /// Among alternatives for the same role, 0 is preferred.
  var rank: Int32 = 0
  /// The number of the value table that replaces texts; -1 for none.
  var values: Int32 = -1
  var isRequired = false
}
