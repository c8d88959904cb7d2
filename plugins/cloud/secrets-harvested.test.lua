return suite "cloud.secrets-harvested" {
  ["ten in two minutes"] = function(t)
    t:send({ kind = "api_call", user = "arn:ana", operation = "GetSecretValue" }, { times = 10, every = 10 * second })
    t:expect { severity = "high", reason = "arn:ana asked for secrets 10 times within ten minutes" }
  end,

  ["a service that starts"] = function(t)
    t:send({ kind = "api_call", user = "arn:ana", operation = "GetSecretValue" }, { times = 30, every = 5 * minute })
    t:expect_nothing()
  end,
}
