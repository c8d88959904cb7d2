/// What every payment with one card carries.
struct Wallet {
  let currency: String
  let emailDomain: String?
}
