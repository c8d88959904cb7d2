--- Call after call is refused: somebody finds out what a stolen key may do.
local refused = { matches "*AccessDenied*", matches "*Unauthorized*" }

return rule {
  id       = "cloud.many-denied",
  title    = "Many refused cloud calls",
  severity = "medium",
  tags     = { "attack.t1580" },

  on      = { kind = "api_call", error_code = refused },
  per     = "user",
  features = { denied_10m = count { within = 10 * minute, where = { error_code = refused } } },
  when    = { denied_10m = at_least(20) },
  message = "{denied_10m} of the calls of {user} were refused within ten minutes",
}
