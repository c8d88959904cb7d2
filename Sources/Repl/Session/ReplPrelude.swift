/// Our own Lua, run before anything that is typed: what holds the last values, and `print`.
///
/// A value stays in Lua as it is and only what is shown of it crosses to the host: a million rows are counted, and a
/// screenful of them is copied.
enum ReplPrelude {
  /// The mark by which a table says what it is: an alert, a rule, a series. Names that begin with it are the console's own.
  static let tag = "@"
  /// In a copy that was cut: how many elements the list has, and how many named values were left out.
  static let length = "@length"
  static let leftOut = "@left_out"

  static let source = """
    local kit = ...
    local values, total = {}, 0
    _ = false

    __result = function(...)
      values, total = { ... }, select("#", ...)
      if values[1] ~= nil then _ = values[1] end
      return total
    end

    local function cut(value, room, depth)
      if type(value) ~= "table" then return value end
      if depth > 12 then return "{…}" end
      local copy, length, named, more = {}, #value, 0, 0
      for i = 1, math.min(length, room.rows) do
        if room.nodes <= 0 then break end
        room.nodes = room.nodes - 1
        copy[i] = cut(value[i], room, depth + 1)
        if copy[i] == nil then copy[i] = false end
      end
      for key, item in next, value do
        if math.type(key) ~= "integer" or key < 1 or key > length then
          if named < 500 and room.nodes > 0 then
            room.nodes, named = room.nodes - 1, named + 1
            copy[type(key) == "string" and key or "[" .. tostring(key) .. "]"] = cut(item, room, depth + 1)
          else
            more = more + 1
          end
        end
      end
      -- Last, and nil where all was copied: a key of the same name is not to speak for the console.
      copy["\(length)"] = #copy < length and length or nil
      copy["\(leftOut)"] = more > 0 and more or nil
      return copy
    end

    __view = function(index, rows) return cut(values[index], { rows = rows, nodes = 50000 }, 1) end
    __size = function(index) return type(values[index]) == "table" and #values[index] or -1 end
    __whole = function(index) return values[index] end
    __slice = function(index, from, to) return table.move(values[index], from, to, 1, {}) end

    local try_rule, walk, next_events, feature, found, report =
      try, __walk, __next_events, __feature, __found, __report
    try = function(detect, options)
      if type(detect) ~= "function" then return try_rule(detect, options) end
      walk(options)
      local place
      -- Computed when asked for: most rules look at few of them.
      local features = kit.setmetatable({}, {
        __index = function(_, name) return feature(place, name) end, __metatable = false,
      })
      local events = next_events()
      while events do
        for i = 1, #events do
          place = i
          local said = detect(events[i], features)
          if said then found(i, said) end
        end
        events = next_events()
      end
      return report()
    end

    local at_time, then_asked =
      at, { rule = __rule_then, list = __list_then, model_file = __model_then }
    at = function(when, options)
      local state = at_time(when, options)
      local asks = {}
      for name, ask in pairs(then_asked) do
        -- at(t).rule("id") and at(t):rule("id") are the same.
        asks[name] = function(first, second)
          if first == state then first = second end
          return ask(when, options, first)
        end
      end
      return kit.setmetatable(state, { __index = asks, __metatable = false })
    end

    local write = __print
    print = function(...)
      local parts = {}
      for i = 1, select("#", ...) do parts[i] = tostring((select(i, ...))) end
      write(table.concat(parts, "\\t"))
    end
    """
}
