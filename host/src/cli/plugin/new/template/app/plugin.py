"""Reminders on a board: people add them and mark what is done, and each new order brings one.

What an app writes is proposed: the host commits all that a call proposes, or none when a finding of the call refuses. An app has no clock, no
files and no network of its own; today is the date of the call.
"""

import datetime
import json

from roro_sdk import config, records
from roro_sdk.app import (
    Action,
    AppHook,
    Call,
    Date,
    Description,
    Err,
    Event,
    Field,
    FieldKind,
    Finding,
    Input,
    Layout_Board,
    Severity,
    Target_Firm,
    Target_RecordOf,
    Value_Date,
    Value_Text,
    View,
    fields_of,
    find_value,
    finding,
    get_value,
    legal_date,
    titles,
)

# The collection of plugin.toml, and its index by state and day.
REMINDERS = "reminders"
BY_STATE = 0

# The day of a reminder has passed. The sentences of all three rules stand in `locales/`.
TOO_EARLY = "@RULE@-DUE-01"
# It is done already.
DONE_BEFORE = "@RULE@-DONE-01"
# It is not there.
GONE = "@RULE@-GONE-01"


class App(AppHook):
    def describe(self) -> Description:
        what = Input("what", FieldKind.TEXT, titles(en="What", zh="事项"), required=True, choices=[])
        due = Input("due", FieldKind.DATE, titles(en="Due", zh="到期日"), required=True, choices=[])
        return Description(
            actions=[
                Action("add", titles(en="Add a reminder", zh="添加提醒"), Target_Firm(), [what, due]),
                Action("done", titles(en="Done", zh="完成"), Target_RecordOf(REMINDERS), []),
            ],
            views=[View("board", titles(en="Board", zh="看板"), REMINDERS, Layout_Board(("state", ["what", "due"])), BY_STATE)],
        )

    def act(self, call: Call) -> list[Finding]:
        return add(call.inputs) if call.action == "add" else done(call.target or "")

    def on_event(self, event: Event) -> list[Finding]:
        order = json.loads(event.payload)["order"]
        # The host has checked the settings against plugin.toml.
        days = int(config.get("days") or 0)
        return remind("Look at the new order", later(legal_date.as_of(), days), order)


def add(inputs: list[Field]) -> list[Finding]:
    due, today = get_value(inputs, "due", Value_Date), legal_date.as_of()
    if (due.year, due.month, due.day) < (today.year, today.month, today.day):
        return [finding(TOO_EARLY, Severity.ERROR, "/inputs/due", due=written(due), today=written(today))]
    return remind(get_value(inputs, "what", Value_Text), due)


def done(reminder_id: str) -> list[Finding]:
    """Marks a reminder as done."""
    reminder = find(reminder_id)
    if reminder is None:
        return [finding(GONE, Severity.ERROR, "/target")]
    if find_value(reminder.fields, "state", Value_Text) == "done":
        return [finding(DONE_BEFORE, Severity.WARN, "/target")]
    fields = [Field("state", Value_Text("done")) if field.key == "state" else field for field in reminder.fields]
    records.replace(REMINDERS, reminder_id, reminder.version, fields)
    return []


def remind(what: str, due: Date, order: str | None = None) -> list[Finding]:
    """Proposes a reminder. What the records refuse is a mistake of this app's: the exception ends the call, and stands in the log."""
    named = Value_Text(order) if order else None
    records.add(REMINDERS, fields_of(what=Value_Text(what), due=Value_Date(due), order=named, state=Value_Text("open")))
    return []


def find(reminder_id: str) -> records.Stored | None:
    """A reminder, if it is there."""
    try:
        return records.get(REMINDERS, reminder_id)
    except Err as error:
        if isinstance(error.value, records.Error_NoRecord):
            return None
        raise


def later(day: Date, days: int) -> Date:
    """The day so many days later."""
    then = datetime.date(day.year, day.month, day.day) + datetime.timedelta(days=days)
    return Date(then.year, then.month, then.day)


def written(day: Date) -> str:
    return f"{day.year:04}-{day.month:02}-{day.day:02}"
