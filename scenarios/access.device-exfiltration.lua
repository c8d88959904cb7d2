--- An insider stays late and carries data out on a removable device, a few times in one evening.
return scenario {
  id    = "access.device-exfiltration",
  title = "Insider exfiltration over a removable device",
  onto  = { kind = "connect", user = present },
  needs = { history = 8 },
  vary  = { times = { 5, 9 }, hour = { 21, 23 }, stays = { 3 * minute, 9 * minute } },
  label = { type = "anomaly", name = "device_exfiltration", severity = 4 },

  inject = function(victim, draw, emit)
    local at = victim:at_hour(draw.hour) + draw.uniform(0 * minute, 40 * minute)
    for _ = 1, draw.times do
      emit { at = at }
      at = at + draw.uniform(0.6, 1.4) * draw.stays
      emit { at = at, kind = "disconnect" }
      at = at + draw.uniform(1 * minute, 8 * minute)
    end
  end,

  expect = { mapping = "data-exfiltration" },
}
