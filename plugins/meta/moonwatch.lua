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
---Events of one entity in order, such as { { kind = "login", outcome = "failure", times = 5 }, { kind = "login" },
---within = 1 * hour, by = "user" }; the rule judges the last of them.
---@field sequence? { [integer]: Conditions, within: Duration, by: string? }
---What must not come between the first and the last; after a sequence of one event, what does not follow within it.
---@field without? Conditions
---No such event for a time, once there were `after` of them over `known_for`:
---{ { kind = "metric" }, within = 6 * hour, by = "series", after = 24, known_for = 7 * day }
---@field flatline? { [1]: Conditions, within: Duration, by: string?, after: integer?, known_for: Duration? }
---@field features? table<string, Feature>
---@field when? Conditions On features, fields and the model's score or rarity, before detect is asked
---@field message? string The sentence of a rule without detect: "{logins} logins by {user}"
---A sentence, or { message =, severity = }, or nil for no finding.
---@field detect? fun(event: Event, f: table<string, number>): string|table|boolean|nil
---Which findings are one alert: those with the same value in these fields, each within so long of the one before. As the
---settings say where absent: one entity, one meaning, alerts.dedup_window.
---@field dedup? { by: string|string[]|nil, within: Duration? }

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

---What an escalation or a playbook is about. A field that the alert lacks is nil, a name that no alert has is an error.
---@class Alert
---@field id string
---@field time Time
---@field event_id string
---@field source string
---@field entity string?
---@field entity_field string?
---@field rule string?
---@field score number? The model's probability that it is true; missing where the model says how rare the event is
---@field rarity number? The share of events that are less rare, of a model trained without labels
---@field confidence number?
---@field severity Severity
---@field title string
---@field message string
---@field category string?
---@field risk Risk?
---@field cost_usd number?
---@field action string?
---@field response string? What a mapping chose by score and context
---@field alerts_24h number? Alerts about the entity before, in 24 hours
---@field alerts_7d number?
---@field alerts_30d number?
---@field mean_score number? Of the alerts of 30 days that have a score
---@field score_over_mean number? This score over that mean: above 1.5 it escalates
---@field confirmed number? Alerts about the entity that people had closed as true
---@field false_alarms number?
---@field risk_profile "high"|"low"|nil
---@field owner string?
---@field mapping string?
---@field recurrence integer
---@field incident string
---@field model string?
---@field sla_seconds number?

---@class EscalationTable
---@field id string
---@field when Conditions On parts of the alert, and unclaimed = at_least(5 * minute)
---@field uses? string[] Capabilities: http, directory, card, address, device, notify, case
---@field settings? table<string, Setting>
---@field limit? { [1]: integer, every: Duration, per: string[]? }
---@field run fun(alert: Alert, settings: table<string, any>)

---Whom to tell, when, how often.
---@param body EscalationTable
---@return Declaration
function escalation(body) end

---@class PlaybookStep
---@field [1] string
---@field run? fun(alert: Alert, answers: table<string, string>)
---@field undo? fun(alert: Alert, answers: table<string, string>) Called, the last step first, where a later step fails
---@field ask? string A question to a person: "Did {entity} sign in just now?"
---@field choices? string[]
---@field within? Duration
---@field otherwise? string The answer where nobody gives one in time

---What to do, step by step.
---@param body { id: string, when: Conditions, uses: string[]?, steps: PlaybookStep[] }
---@return Declaration
function playbook(body) end

---@class Setting
---What an installation says to a plugin; each takes a sentence, or { "What it is for", default = … }.
setting = {}
---@param what string|table
---@return Setting
function setting.text(what) end
---@param what string|table
---@return Setting
function setting.url(what) end
---@param what string|table
---@return Setting
function setting.number(what) end
---@param what string|table
---@return Setting
function setting.duration(what) end
---@param what string|table
---@return Setting
function setting.flag(what) end
---@param what table { "What it is for", choices = { "a", "b" } }
---@return Setting
function setting.choice(what) end
---Stands in the environment or in a file, and prints as ‹secret›.
---@param what string|table
---@return Setting
function setting.secret(what) end

---The only way to change the world, inside run and undo. An act that fails ends the function.
act = { http = {}, directory = {}, card = {}, address = {}, device = {}, notify = {}, case = {} }
---Sends a JSON document to an address.
---@param what { url: string, json: table?, headers: table?, timeout: Duration?, retries: integer? }
---@return table
function act.http.post(what) end
---Reads what stands at an address.
---@param what { url: string, headers: table?, timeout: Duration?, retries: integer? }
---@return table
function act.http.get(what) end
---Lets a user sign in no more.
---@param what { user: string }
---@return table
function act.directory.lock(what) end
---Lets a user sign in again.
---@param what { user: string }
---@return table
function act.directory.unlock(what) end
---Ends the open sessions of a user.
---@param what { user: string }
---@return table
function act.directory.sign_out(what) end
---Makes a user choose a new password.
---@param what { user: string }
---@return table
function act.directory.reset_password(what) end
---Declines every further payment with a card.
---@param what { card: string }
---@return table
function act.card.block(what) end
---Takes payments with a card again.
---@param what { card: string }
---@return table
function act.card.unblock(what) end
---Refuses connections from an address, for a time where one is given.
---@param what { address: string, duration: Duration? }
---@return table
function act.address.block(what) end
---Takes connections from an address again.
---@param what { address: string }
---@return table
function act.address.unblock(what) end
---Cuts a device off from the network.
---@param what { device: string }
---@return table
function act.device.isolate(what) end
---Lets a device back into the network.
---@param what { device: string }
---@return table
function act.device.release(what) end
---Tells a person or a channel.
---@param what { to: string, text: string, subject: string? }
---@return table
function act.notify.send(what) end
---Writes a line beneath an alert.
---@param what { alert: string, text: string }
---@return table
function act.case.comment(what) end

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
---@field dedup? { by: string|string[]|nil, within: Duration? } Which findings of this row are one alert, whichever rule found them

---@class MappingChoice
---@field [1] string
---@field when? Conditions

---What a finding means for the business: the first row that matches. severity says how bad an alert is by score and context
---(it only raises what a rule says), response what is to be done; of both the first that matches. A mapping with one of them
---needs no rows. Conditions may ask what is known of the entity's alerts before: alerts_24h, alerts_7d, alerts_30d,
---mean_score, score_over_mean, confirmed, false_alarms, risk_profile ("high" or "low"), and of the finding rule, severity,
---score (a probability) or rarity (of a model trained without labels).
---@param body { id: string, on: Conditions?, rows: MappingRow[]?, severity: MappingChoice[]?, response: MappingChoice[]? }
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
---@class ExpectedFinding
---@field severity? Severity
---@field reason? string
---@field mapping? string
---@field rule? string
---@field count? integer
---@field alerts? integer
---@field alert_severity? Severity Of the alert that it raised
---@field response? string Of the alert that it raised

---One finding since the last expectation must be so; with count, exactly so many; with alerts, so many of them raised an
---alert of their own and the others joined one.
---@param wanted ExpectedFinding
function Bench:expect(wanted) end
---Nothing was found since the last expectation.
function Bench:expect_nothing() end
---Stands in for the model: how likely it finds every event bad from here on.
---@param score number From 0 to 1
function Bench:score(score) end
---Stands in for a model trained without labels: how rare it finds every event from here on.
---@param rarity number From 0 to 1
function Bench:rarity(rarity) end
---Sets the settings of the escalation under test.
---@param settings table<string, any>
function Bench:set(settings) end
---An alert for the escalation or playbook under test: { severity = "critical", entity = "ana" }
---@param alert table
function Bench:alert(alert) end
---Somebody takes an alert on; the last one where no id is given.
---@param id? string
function Bench:claim(id) end
---@param step string
---@param choice string
function Bench:answer(step, choice) end
---From here on an act fails: t:fail("directory.lock", "timeout")
---@param act string
---@param reason? string
function Bench:fail(act, reason) end
---An act was asked for since the last expectation: { "directory.lock", user = "ana" }
---@param act table
function Bench:expect_act(act) end
---These and no other acts were asked for since the last expectation, in this order.
---@param names string[]
function Bench:expect_acts(names) end
function Bench:expect_no_act() end
---A person is being asked this.
---@param question string
function Bench:expect_question(question) end

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
---The same, where a letter of ASCII is its other case too, as in the names of Windows: matches_any_case "*.exe"
---@param pattern string
---@return Test
function matches_any_case(pattern) end
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
---Share of the entity's events in the window that turned out to be bad, as far as that was known by then.
---@param window { within: Duration, known_after: Duration, per: string? }
---@return Feature
function label_rate(window) end
---Seconds since the entity's last event that turned out to be bad, as far as that is known.
---@param label { known_after: Duration, per: string? }
---@return Feature
function since_label(label) end
---How far the value lies from what is usual in its hour of the week, in median deviations.
---@param window { [1]: string?, within: Duration, per: string? }
---@return Feature
function seasonal_z(window) end
---One feature over another: ratio { count { within = hour }, "event_count_24h" }
---@param features { [1]: Feature|string, [2]: Feature|string }
---@return Feature
function ratio(features) end
---One feature less another.
---@param features { [1]: Feature|string, [2]: Feature|string }
---@return Feature
function difference(features) end
---A standard feature under a name of your own: feature "event_count_1h"
---@param name string
---@return Feature
function feature(name) end

---A number as people read it: 12, 4.7, 0.0123; "(missing)" where it is nil.
---@param x number?
---@return string
function figure(x) end

---The text lists of config/lists, inside a function of a plugin.
list = {}
---Whether a text is a line of a list; false where it is nil.
---@param name string
---@param text string?
---@return boolean
function list.has(name, text) end
