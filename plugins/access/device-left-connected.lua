--- A removable device stays connected for three days. Sources name the device or the machine that it is plugged into, and
--- always the user; servers write connections of the network under the same kind, without one.
return rule {
  id       = "access.device-left-connected",
  title    = "Removable device left connected",
  severity = "low",
  tags     = { "attack.t1052" },

  sequence = { { kind = "connect", user = present }, within = 3 * day, by = "device" },
  without  = { kind = "disconnect" },
  message  = "a removable device was connected and not disconnected within three days: {device}",
}
