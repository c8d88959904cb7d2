--- Records of a file cannot be read any more: its format changed, or it is damaged.
return rule {
  id       = "quality.dead-letters",
  title    = "Records cannot be read",
  severity = "medium",
  tags     = { "quality.dead-letters" },

  on  = { kind = "dead_letter" },
  per = "file",
  features = {
    letters = count { within = 10 * minute },
    of_day  = count { within = 1 * day },
    reasons = distinct { "reason", within = 10 * minute },
  },
  when = { letters = at_least(50) },

  detect = function(_, f)
    -- A file of which some records are always broken is known by now.
    if f.letters * 2 < f.of_day then return nil end
    return "{letters} records of {file} could not be read within ten minutes, most lately for {reason}"
  end,
}
