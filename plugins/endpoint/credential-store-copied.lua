--- The store of all passwords of a machine or a domain is copied.
return rule {
  id       = "endpoint.credential-store-copied",
  title    = "Credential store was copied",
  severity = "critical",
  tags     = { "attack.t1003.003" },

  on      = {
    kind = "process",
    command = {
      matches_any_case "*ntdsutil*ifm*", matches_any_case "*ntds.dit*", matches_any_case "*reg* save *\\sam*",
      matches_any_case "*reg* save *\\security*", matches_any_case "*reg* save *\\system*",
      matches_any_case "*esentutl*\\sam*",
    },
  },
  per     = "device",
  message = "{command} on {device}",
}
