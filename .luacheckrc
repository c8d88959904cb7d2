-- What a plugin finds in its world; everything else is a spelling mistake. Lists are those of plugins/meta/moonwatch.lua.
std = {
  read_globals = {
    "assert", "error", "ipairs", "next", "pairs", "select", "tonumber", "tostring", "type",
    math = {
      fields = {
        "abs", "acos", "asin", "atan", "ceil", "cos", "deg", "exp", "floor", "fmod", "huge", "log",
        "max", "maxinteger", "min", "mininteger", "modf", "pi", "rad", "random", "sin", "sqrt", "tan",
        "tointeger", "type", "ult",
      },
    },
    string = {
      fields = {
        "byte", "char", "find", "format", "gmatch", "gsub", "len", "lower", "match", "rep", "reverse",
        "sub", "upper",
      },
    },
    table = { fields = { "concat", "insert", "move", "pack", "remove", "sort", "unpack" } },
    utf8 = { fields = { "char", "charpattern", "codepoint", "codes", "len", "offset" } },

    "figure",
    list = { fields = { "has" } },
    setting = { fields = { "text", "url", "number", "duration", "flag", "choice", "secret" } },
    act = {
      fields = {
        http = { fields = { "post", "get" } },
        directory = { fields = { "lock", "unlock", "sign_out", "reset_password" } },
        card = { fields = { "block", "unblock" } },
        address = { fields = { "block", "unblock" } },
        device = { fields = { "isolate", "release" } },
        notify = { fields = { "send" } },
        case = { fields = { "comment" } },
      },
    },
    "ms", "second", "minute", "hour", "day", "week",
    "rule", "scenario", "mapping", "escalation", "playbook", "suite", "pack",
    "at_least", "at_most", "above", "below", "between", "multiple_of", "in_list", "matches", "matches_any_case", "not_", "missing", "present",
    "count", "distinct", "sum", "mean", "std", "min", "max", "first", "last", "rate", "since", "ewma",
    "z_score", "ratio_to_mean", "ratio_to_last", "percent_change", "delta", "hour_rarity", "new",
    "daily_count", "daily_sum", "history", "label_rate", "since_label", "seasonal_z",
    "ratio", "difference", "feature",
  },
}
max_line_length = 150
files["plugins/meta"] = { std = "lua54", globals = {}, ignore = { "111", "112", "131", "211", "212", "241" } }
