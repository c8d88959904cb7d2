--- The store of all passwords of a machine or a domain is copied.
return rule {
  id       = "endpoint.credential-store-copied",
  title    = "Credential store was copied",
  severity = "critical",
  tags     = { "attack.t1003.003" },

  on      = {
    kind = "process",
    command = {
      matches "*ntdsutil*ifm*", matches "*ntds.dit*", matches "*reg* save *\\sam*", matches "*reg* save *\\SAM*",
      matches "*reg* save *\\security*", matches "*reg* save *\\system*", matches "*esentutl*\\SAM*",
    },
  },
  per     = "device",
  message = "{command} on {device}",
}
