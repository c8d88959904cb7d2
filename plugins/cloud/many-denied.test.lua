return suite "cloud.many-denied" {
  ["twenty in two minutes"] = function(t)
    t:send({ kind = "api_call", user = "arn:ana", operation = "ListUsers", error_code = "AccessDenied" },
      { times = 20, every = 5 * second })
    t:expect { severity = "medium", reason = "20 of the calls of arn:ana were refused within ten minutes" }
  end,

  ["a typing error"] = function(t)
    t:send({ kind = "api_call", user = "arn:ana", operation = "ListUsers", error_code = "AccessDenied" },
      { times = 3, every = 5 * second })
    t:expect_nothing()
  end,
}
