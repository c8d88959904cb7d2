--- The event log of a machine is told to stop: what follows is not to be seen.
local stops = {
  matches_any_case "*\\control\\minint*", matches_any_case "*\\services\\eventlog\\start*",
  matches_any_case "*\\processcreationincludecmdline_enabled*",
}

return {
  rule {
    id       = "endpoint.logging-disabled",
    title    = "Event logging was switched off",
    severity = "high",
    tags     = { "attack.t1562.002" },

    on      = { kind = "registry", target = stops },
    per     = "device",
    message = "{process} set {target} on {device}",
  },

  rule {
    id       = "endpoint.audit-policy-changed",
    title    = "What is audited was changed",
    severity = "high",
    tags     = { "attack.t1562.002" },

    on      = {
      kind = "process",
      command = {
        matches_any_case "*auditpol*/clear*", matches_any_case "*auditpol*/remove*", matches_any_case "*auditpol*:disable*",
        matches_any_case "*sc* config eventlog *disabled*", matches_any_case "*wevtutil* sl *",
      },
    },
    per     = "device",
    message = "the audit of {device} was changed: {command}",
  },
}
