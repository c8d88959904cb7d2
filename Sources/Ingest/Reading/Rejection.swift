/// Why a record cannot become an event.
struct Rejection: Error {
  var reason: DeadLetter.Reason
  var detail: String
}
