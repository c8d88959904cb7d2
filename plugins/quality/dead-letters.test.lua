local function letter(reason) return { kind = "dead_letter", file = "logs/a.csv", reason = reason } end

return suite "quality.dead-letters" {
  ["a column was added overnight"] = function(t)
    t:send(letter "column_count", { times = 60, every = 2 * second })
    t:expect {
      severity = "medium", mapping = "unreadable-source",
      reason = "50 records of logs/a.csv could not be read within ten minutes, most lately for column_count",
    }
  end,

  ["now and then a broken line"] = function(t)
    t:send(letter "bad_number", { times = 200, every = 5 * minute })
    t:expect_nothing()
  end,

  ["a file that is broken all day"] = function(t)
    t:send(letter "bad_number", { times = 1000, every = 13 * second })
    t:expect_nothing()
  end,
}
