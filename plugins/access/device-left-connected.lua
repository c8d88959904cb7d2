--- A removable device stays connected for three days.
return rule {
  id       = "access.device-left-connected",
  title    = "Removable device left connected",
  severity = "low",
  tags     = { "attack.t1052" },

  sequence = { { kind = "connect", device = matches "USB*" }, within = 3 * day, by = "device" },
  without  = { kind = "disconnect" },
  message  = "{device} was connected and not disconnected within three days",
}
