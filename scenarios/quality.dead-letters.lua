--- The program that writes a file is changed, and from then on nothing of it can be read.
return scenario {
  id    = "quality.dead-letters",
  title = "A format changes without notice",
  onto  = { kind = "dead_letter", file = present },
  vary  = { letters = { 80, 300 }, within = { 2 * minute, 6 * minute } },
  label = { type = "anomaly", name = "unreadable_records", severity = 2 },

  inject = function(victim, draw, emit)
    for letter = 1, draw.letters do
      emit { at = victim.time + letter * draw.within / draw.letters, reason = "column_count" }
    end
  end,

  expect = { mapping = "unreadable-source" },
}
