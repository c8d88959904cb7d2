---@meta
-- The words that plugins are written in, for completion and hover in editors. Nothing here runs.

---A length of time: `5 * minute`. A bare number is a count or a score, never a time.
---@class Duration
---@operator mul(number): Duration
---@operator div(number): Duration
---@operator add(Duration): Duration
---@operator sub(Duration): Duration
---@operator unm: Duration

---An instant.
---@class Time
---@operator add(Duration): Time
---@operator sub(Duration): Time

---@type Duration
ms = nil
---@type Duration
second = nil
---@type Duration
minute = nil
---@type Duration
hour = nil
---@type Duration
day = nil
---@type Duration
week = nil

---A condition on a value.
---@class Test
---What an entity did, as one number.
---@class Feature
---@class Declaration

---@alias Severity "info"|"low"|"medium"|"high"|"critical"
---@alias Risk "low"|"medium"|"high"|"critical"
---@alias Condition string|number|boolean|Duration|Test|(string|number|Test)[]
---All must hold. A list means any of its values.
---@alias Conditions table<string, Condition>

---An event; its fields are read by name and are nil where missing.
---@class Event
---@field time Time
---@field id string
---@field kind string
---@field source string
---@field [string] string|number|boolean|nil

---@class RuleTable
---@field id string Lower case words joined by . and -
---@field title string What an analyst reads first
---@field severity Severity
---@field tags? string[]
---@field on? Conditions Which events: fields, kind, source
---@field per? string Whose events features count: user, card, src_ip; the event's first entity where absent
---@field features? table<string, Feature>
---@field when? Conditions On features and fields, before detect is asked
---@field message? string The sentence of a rule without detect: "{logins} logins by {user}"
---A sentence, or { message =, severity = }, or nil for no finding.
---@field detect? fun(event: Event, f: table<string, number>): string|table|boolean|nil

---What is suspicious now.
---@param body RuleTable
---@return Declaration
function rule(body) end

---The event that an attack begins from.
---@class Victim: Event
local Victim = {}
---The instant of this hour of the victim's own day, on its source's clock.
---@param hours number
---@param minutes? number
---@return Time
function Victim:at_hour(hours, minutes) end

---The parameters of `vary`, drawn once an injection, and random numbers that the seed reproduces.
---@class Draw
---@field uniform fun(low: number|Duration, high: number|Duration): any
---@field normal fun(mean: number|Duration, deviation: number|Duration): any
---@field exponential fun(mean: number|Duration): any
---@field integer fun(low: integer, high: integer): integer Both ends included
---@field choice fun(list: any[]): any
---@field [string] any

---@class ScenarioTable
---@field id string
---@field title string
---@field onto Conditions Whose events may be a victim's
---Earlier events of the entity, and silence after the victim's event.
---@field needs? { history: integer?, quiet: Duration? }
---@field vary? table<string, any[]> { low, high } is a range, longer lists and texts are choices
---@field label { type: "anomaly"|"fraud", name: string, severity: integer }
---@field inject fun(victim: Victim, draw: Draw, emit: fun(event: table), history: Event[])
---@field expect? { mapping: string }

---How an attack looks, to plant it into a stream.
---@param body ScenarioTable
---@return Declaration
function scenario(body) end

---@class MappingRow
---@field id string
---@field when? Conditions None for the default row at the end
---@field category string
---@field risk Risk
---@field cost_usd number
---@field per? "incident"|"minute"|"day"
---@field action string
---@field compliance? string[]
---@field owner string A key of config/owners.yaml
---@field sla? Duration Replaces the owner's own
---@field title? string Replaces the rule's title

---What a finding means for the business: the first row that matches.
---@param body { id: string, on: Conditions?, rows: MappingRow[] }
---@return Declaration
function mapping(body) end

---A folder of plugins that can be handed on as it is; stands in its pack.lua.
---@param body { name: string, version: string, description: string, requires: string[]? }
---@return Declaration
function pack(body) end

---A test on a virtual clock that starts at 2026-03-02T09:00:00Z.
---@class Bench
local Bench = {}
---Sends an event, or a list of events, and moves the clock on.
---@param event table
---@param options? { times: integer?, every: Duration?, at: string? }
function Bench:send(event, options) end
---Sends a victim's event and the attack of the scenario under test.
---@param victim table
---@param options? { seed: integer? }
---@return integer emitted
function Bench:plant(victim, options) end
---@param span Duration
function Bench:wait(span) end
---One finding since the last expectation must be so; with count, exactly so many.
---@param wanted { severity: Severity?, reason: string?, mapping: string?, rule: string?, count: integer? }
function Bench:expect(wanted) end
---Nothing was found since the last expectation.
function Bench:expect_nothing() end

---The tests of a plugin, in the file x.test.lua beside x.lua.
---@param subject string The id of the plugin under test
---@return fun(cases: table<string, fun(t: Bench)>): Declaration
function suite(subject) end

---@type Test The value is missing
missing = nil
---@type Test The value is there
present = nil

---@param bound number|Duration
---@return Test
function at_least(bound) end
---@param bound number|Duration
---@return Test
function at_most(bound) end
---A whole multiple of the step and not 0: 300 is one of 100.
---@param step number
---@return Test
function multiple_of(step) end
---@param bound number|Duration
---@return Test
function above(bound) end
---@param bound number|Duration
---@return Test
function below(bound) end
---Both ends included.
---@param low number|Duration
---@param high number|Duration
---@return Test
function between(low, high) end
---The text is a line of this list in config/lists.
---@param list string
---@return Test
function in_list(list) end
---`*` stands for any text and `?` for one character: matches "auth.*"
---@param pattern string
---@return Test
function matches(pattern) end
---Present, and not so.
---@param test Condition
---@return Test
function not_(test) end

---Events in the window, this one included.
---@param window { within: Duration, where: Conditions?, per: string? }
---@return Feature
function count(window) end
---Distinct values of a text field: distinct { "device", within = 1 * hour }
---@param window { [1]: string, within: Duration, where: Conditions?, per: string? }
---@return Feature
function distinct(window) end
---Of earlier values in the window; of amount, or else value, where no field is named.
---@param window { [1]: string?, within: Duration, where: Conditions?, per: string? }
---@return Feature
function sum(window) end
---@param window { [1]: string?, within: Duration, where: Conditions?, per: string? }
---@return Feature
function mean(window) end
---Standard deviation of the sample.
---@param window { [1]: string?, within: Duration, where: Conditions?, per: string? }
---@return Feature
function std(window) end
---@param window { [1]: string?, within: Duration, where: Conditions?, per: string? }
---@return Feature
function min(window) end
---@param window { [1]: string?, within: Duration, where: Conditions?, per: string? }
---@return Feature
function max(window) end
---@param window { [1]: string?, within: Duration, where: Conditions?, per: string? }
---@return Feature
function first(window) end
---@param window { [1]: string?, within: Duration, where: Conditions?, per: string? }
---@return Feature
function last(window) end
---Events per hour.
---@param window { within: Duration, per: string? }
---@return Feature
function rate(window) end
---Seconds since the entity's previous event.
---@param filter? { where: Conditions?, per: string? }
---@return Feature
function since(filter) end
---Exponentially weighted mean of earlier values.
---@param window { [1]: string?, half_life: Duration, per: string? }
---@return Feature
function ewma(window) end
---(value - mean) / standard deviation of the window.
---@param window { [1]: string?, within: Duration, per: string? }
---@return Feature
function z_score(window) end
---@param window { [1]: string?, within: Duration, per: string? }
---@return Feature
function ratio_to_mean(window) end
---@param field? { [1]: string?, per: string? }
---@return Feature
function ratio_to_last(field) end
---To the first value in the window, in per cent.
---@param window { [1]: string?, within: Duration, per: string? }
---@return Feature
function percent_change(window) end
---First or second difference to the previous values.
---@param field? { [1]: string?, order: integer?, per: string? }
---@return Feature
function delta(field) end
---0 for an hour of day at which the entity is always active, near 1 for one at which it never is.
---@param scope? { per: string? }
---@return Feature
function hour_rarity(scope) end
---1 where the entity never had this value before.
---@param field string|{ [1]: string, per: string? }
---@return Feature
function new(field) end
---@param scope? { per: string? }
---@return Feature
function daily_count(scope) end
---@param field? { [1]: string?, per: string? }
---@return Feature
function daily_sum(field) end
---Earlier events of the entity.
---@param scope? { per: string? }
---@return Feature
function history(scope) end
---A standard feature under a name of your own: feature "event_count_1h"
---@param name string
---@return Feature
function feature(name) end
