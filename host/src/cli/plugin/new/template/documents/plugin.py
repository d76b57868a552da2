"""Warns about vehicles without a colour or an engine number.

The documents hook is a pure function of the order and the legal date. It has no clock, no files and no network, so the same order gets the
same answer today and in ten years. It writes nothing: it answers with findings, and the host shows them.
"""

from roro_sdk.documents import DocumentsHook, Err, Error_BadTable, Finding, Order, Prepared, Requirement, Severity, fields, finding

# A field of each vehicle that papers print, and the rule that asks for it. The sentences of the rules stand in `locales/`.
ASKED = {"colour": "@RULE@-COLOUR-01", "engine_number": "@RULE@-ENGINE-01"}


class Documents(DocumentsHook):
    def requirements(self, order: Order) -> list[Requirement]:
        """This plugin asks for no documents of its own."""
        return []

    def check(self, order: Order) -> list[Finding]:
        # One call for both fields of every vehicle. Every call of the host costs fuel.
        columns = fields.read(order, [f"vehicle.{field}" for field in ASKED])
        identities = order.shipment().identities()
        found = []
        for (field, rule), column in zip(ASKED.items(), columns, strict=True):
            if not isinstance(column, fields.Column_Texts):
                raise Err(Error_BadTable(f"vehicle.{field} is no text"))
            for index, (identity, value) in enumerate(zip(identities, column.value, strict=True)):
                if value is None:
                    place = f"/vehicles/{index}/{field}"
                    found.append(finding(rule, Severity.WARN, place, row=index + 1, vehicle=identity))
        return found

    def prepare(self, order: Order, documents: list[str]) -> list[Prepared]:
        """Nor does it fill in any."""
        return []
