return suite "cloud.firewall-opened" {
  ["ingress"] = function(t)
    t:send { kind = "api_call", user = "arn:ana", operation = "AuthorizeSecurityGroupIngress" }
    t:expect {
      severity = "low", mapping = "cloud-sharing", reason = "arn:ana added a way in: AuthorizeSecurityGroupIngress",
    }
  end,

  ["it was refused"] = function(t)
    t:send { kind = "api_call", user = "arn:ana", operation = "AuthorizeSecurityGroupIngress", error_code = "Client.UnauthorizedOperation" }
    t:expect_nothing()
  end,
}
