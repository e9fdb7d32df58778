"""``hub confirm``: a visit that the scheduler holds as reserved, as the hub knows it, and its confirmation."""

from __future__ import annotations

from cli.ledger_views import rows_of
from cli.workplace import Workplace, connections
from connectors.opening import LONDON
from connectors.reservations import Visit, confirm
from connectors.soap_client import SoapClient, wsdl_of
from ledger.errors import ConfigurationFault
from mappings.catalogue import load_system

VISIT = """
SELECT a.booking_ref, a.work_order_ref, a.window_start_at, a.window_end_at, a.status_code
FROM canonical.appointment a JOIN ledger.batch b ON b.id = a.batch_id
WHERE b.system = %(system)s AND a.booking_ref = %(booking_ref)s AND a.ended_run_id IS NULL
"""


def confirm_visit(place: Workplace, system: str, source: str, booking_ref: str) -> Visit:
    """The visit, once the scheduler has confirmed it. Raises ledger.errors where there is nothing to confirm."""
    visit = reserved_visit(place.database_url, system, booking_ref)
    with connections(place, {system: source}) as reached:
        connection = reached[system]
        with SoapClient(connection.url, system=system, wsdl=wsdl_of(load_system(system).spec)) as client:
            confirm(client, connection.secrets, visit)
    return visit


def reserved_visit(database_url: str, system: str, booking_ref: str) -> Visit:
    """The visit as the scheduler told the hub. Raises ConfigurationFault where there is none to be confirmed."""
    found = rows_of(database_url, VISIT, {"system": system, "booking_ref": booking_ref})
    if not found:
        raise ConfigurationFault(
            f"the hub knows no booking {booking_ref}.", system=system,
            next_step=f"Check the number, or run `hub migrate --system {system}` first.",
        )  # fmt: skip
    ref, order, start, end, status = found[0]
    if status != "reserved" or not (order and start and end):
        raise ConfigurationFault(
            f"booking {booking_ref} is {status}: there is nothing to confirm.", system=system,
            next_step=f"If that is no longer so, run `hub migrate --system {system}` first.",
        )  # fmt: skip
    return Visit(ref, order, start.astimezone(LONDON), end.astimezone(LONDON))
