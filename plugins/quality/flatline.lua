--- A series that reported for two days falls silent for six hours: the sensor, its network or its source is broken.
--- What lives for hours, like an instance that comes and goes with the load, ends in silence as a rule.
return rule {
  id       = "quality.flatline",
  title    = "A series fell silent",
  severity = "medium",
  tags     = { "quality.silence" },

  flatline = { { kind = "metric" }, within = 6 * hour, by = "series", after = 24,
               known_for = 2 * day },
  message  = "nothing was heard of {series} for six hours, until {time}",
}
