package import Primitives
package import Store

extension Control {
  /// Escalations and playbooks that alerts set off, newest first.
  package func responses(
    state: String? = nil, plugin: String? = nil, alert: String? = nil, limit: Int
  ) throws(Failure) -> [StoredResponse] {
    let state = try word(
      state, "state", StoredResponse.State.init, StoredResponse.State.allCases.map(\.rawValue))
    return try responseStore(.readOnly).responses(
      state: state, plugin: plugin, alert: alert, limit: try positive(limit))
  }

  /// Acts, newest first; of one response in order.
  package func acts(
    of response: Int64?, dead: Bool, limit: Int
  ) throws(Failure) -> [StoredAct] {
    let limit = try positive(limit)
    let store = try responseStore(.readOnly)
    if let response { return try store.acts(of: response) }
    return try store.acts(dead: dead, limit: limit)
  }

  /// Answers what a playbook asks; the service goes on with it.
  package func answer(_ response: Int64, _ choice: String) throws(Failure) -> StoredResponse {
    try responseStore(.change).answer(response, choice)
  }

  package func retryAct(_ key: String, note: String?) throws(Failure) -> StoredAct {
    try responseStore(.change).retry(key, note: note)
  }

  package func dropAct(_ key: String, note: String?) throws(Failure) -> StoredAct {
    try responseStore(.change).drop(key, note: note)
  }

  private func responseStore(_ access: Database.Access) throws(Failure) -> ResponseStore {
    ResponseStore(try database(access), pen: pen)
  }

  private func positive(_ limit: Int) throws(Failure) -> Int {
    if limit < 1 { throw Failure(.usage, "--limit is \(limit)", advice: "give 1 or more") }
    return limit
  }
}
