--- A series that reported all day falls silent for six hours: the sensor, its network or its source is broken.
return rule {
  id       = "quality.flatline",
  title    = "A series fell silent",
  severity = "medium",
  tags     = { "quality.silence" },

  flatline = { { kind = "metric" }, within = 6 * hour, by = "series", after = 24 },
  message  = "nothing was heard of {series} for six hours, until {time}",
}
