--- A payment in person far away from where the card lives.
local function kilometres(lat1, lon1, lat2, lon2)
  local radian = math.pi / 180
  local a = math.sin((lat2 - lat1) * radian / 2) ^ 2
    + math.cos(lat1 * radian) * math.cos(lat2 * radian) * math.sin((lon2 - lon1) * radian / 2) ^ 2
  return 2 * 6371 * math.asin(math.min(1, math.sqrt(a)))
end

return rule {
  id       = "fraud.far-away",
  title    = "Payment far away from home",
  severity = "medium",
  tags     = { "fraud.stolen-card" },

  on = {
    kind = "transaction", channel = { "card_present", missing },
    latitude = present, longitude = present, merchant_latitude = present, merchant_longitude = present,
  },
  per = "card",

  detect = function(event)
    local far = kilometres(event.latitude, event.longitude, event.merchant_latitude, event.merchant_longitude)
    if far < 500 then return nil end
    return ("card {card} paid %.0f km away from home"):format(far)
  end,
}
