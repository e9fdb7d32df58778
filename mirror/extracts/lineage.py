"""Whether both plans decide one value alike: what a source's column holds, and the column of the model that it becomes.

The mappings say which is which. So a person of the mirror's database is the same person in the masked extracts, and a
value that one plan masks is not kept by the other. What somebody is masked by is not compared here: ``likeness`` holds
the values themselves beside each other.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ledger.errors import ContractBroken
from mappings.catalogue import System, load_system
from mappings.mapping import Mapping, Only
from mappings.row_rules import FirstOf, Ref
from mappings.rule import Rule
from mappings.rules import Constant
from mirror import plan as masking
from mirror.extracts import decisions
from mirror.extracts.masking import CODE, HALVES
from mirror.masked import CONTACTS, SCHEMES

BY_CONSTRUCTION = ("uuid", "source_key")
"""Masks of keys, which are made of what the extracts' plan says of the key's columns."""
SAME = {("keep", ""): ("keep", ""), ("drop", ""): ("blank", ""), ("empty", ""): ("empty", "")}
"""Action and mask of the model's plan -> those of the extracts'."""
ALSO = {"postcode": ("address",), "remittance": ("reference", "text.remark", "name")}
"""Masks of the extracts that a mask of the model does too: to an address's end, to what a remittance was taken from."""
DERIVED = {
    "works.rmreqst.rq_phone -> contact_method.contact_type_code": "the mask of a mobile's number is a mobile's",
    "contractor.JOBS.TENTEL -> contact_method.contact_type_code": "the mask of a mobile's number is a mobile's",
    "register.applications.Property Ref -> housing_application.application_type_code": "whether there is one",
    "rents.accounts.RA-NAME -> person.is_deceased": "masked names keep the words that say so",
    "licensing.licences.Case Number -> hmo_application.licence_type_code": "references keep their letters",
    "licensing.licences.Case Number -> hmo_licence.licence_type_code": "references keep their letters",
    "tenancy.member.person_no -> household_member.member_number": "below 100, where no mask of references goes",
    "payments.credits.originator_name -> bank_entry.payment_method_code": "the names of bodies keep such words",
    "payments.credits.originator_name -> suspense_item.payment_method_code": "the names of bodies keep such words",
    "payments.entries.mark -> suspense_item.received_ref": "two letters, which no mask of remittances changes",
}
"""Codes and words that a masked value still leads to, or that a mask leaves, and why."""


def require(names: Iterable[str], plan: masking.Plan) -> None:
    """Nothing where the plans agree. Raises ContractBroken with each column that they decide differently."""
    if faults := [fault for name in names for fault in apart(name, plan)]:
        raise ContractBroken(
            f"The mirror's plan and the extracts' decide the same value differently: {'; '.join(faults)}.",
            place="mirror/planned, mirror/extracts/plans",
            next_step="Decide both alike, and have it reviewed.",
        )


def apart(name: str, plan: masking.Plan) -> Iterator[str]:
    """What the plans decide differently of the system's columns and the columns of the model that they become."""
    system, source = load_system(name), decisions.read(name)
    for table, mappings in system.mappings.items():
        for mapping in mappings:
            decided = plan.table(f"canonical.{mapping.target}") if mapping.target else {}
            for field, rule in mapping.fields.items():
                for column in _carriers(rule) if field in decided else ():
                    theirs = source.tables[table].get(column)
                    place = f"{name}.{table}.{column} -> {mapping.target}.{field}"
                    if theirs and place not in DERIVED and not _alike(system, mapping, decided[field], theirs):
                        yield f"{place} ({_told(decided[field])}, {_told(theirs)})"


def _carriers(rule: Rule) -> tuple[str, ...]:
    """The columns whose values the rule takes, without those that only say when."""
    match rule:
        case Ref():
            return ()
        case Only():
            return _carriers(rule.rule)
        case FirstOf():
            return tuple(column for one in rule.rules for column in _carriers(one))
        case _:
            return rule.columns


def _alike(system: System, mapping: Mapping, ours: masking.Decision, theirs: decisions.Decision) -> bool:
    mask = _meant(mapping, ours)
    if mask in BY_CONSTRUCTION:
        return True
    action = "keep" if mask == "keep" else ours.action
    if action != masking.MASK:
        return SAME[action, ""] == (theirs.action, theirs.mask)
    if mask.startswith(CODE):
        return mask.removeprefix(CODE) in _codes(system, theirs.mask.removeprefix(CODE))
    known = HALVES[theirs.mask][0] if theirs.mask in HALVES else theirs.mask
    return known in (mask, *ALSO.get(mask, ()))


def _meant(mapping: Mapping, decision: masking.Decision) -> str:
    """The mask of what the mapping writes, where the model's goes by the kind of the row."""
    kinds = {"identifier": ("scheme_code", SCHEMES, "reference"), "contact": ("contact_type_code", CONTACTS, "phone")}
    if decision.mask not in kinds:
        return decision.mask
    column, masks, otherwise = kinds[decision.mask]
    kind = mapping.fields[column]
    return masks.get(str(kind.value), otherwise) if isinstance(kind, Constant) else otherwise


def _codes(system: System, code: str) -> set[str]:
    """What the source's code is in the model: itself, and what its code lists make of it."""
    return {code, *(str(known[code]) for known in system.codes.values() if code in known)}


def _told(decision: masking.Decision | decisions.Decision) -> str:
    return f"{decision.action} {decision.mask}".strip()
