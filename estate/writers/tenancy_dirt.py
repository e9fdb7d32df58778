"""What is wrong in the housing management system: each table's dirt, and the truth about it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from estate import dirt
from estate.calendars import CURRENT_YEAR, year_start
from estate.seeds import stream
from estate.truth import Truth, key_text
from estate.world import World

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_] | pd.Series
Spoil = Callable[[pd.Series], pd.Series]
_DAY = np.timedelta64(1, "D")
BOOKS = year_start(CURRENT_YEAR)


class Soil:
    """A table's frame while it is spoilt: at most one fault a row, recorded at the end under the final key."""

    def __init__(self, system: str, table: str, frame: pd.DataFrame, key: list[str], seed: int, part: int = 0) -> None:
        self.system, self.table, self.key = system, table, key
        self.rng = stream(seed, system, table, "dirt", part)
        self.frame = frame.reset_index(drop=True)
        self.used = np.zeros(len(frame), dtype=bool)
        self.faults: list[tuple[str, str | None, Ints]] = []

    def hit(self, kind: str, field: str | None = None, among: Bools | None = None) -> Ints:
        """Rows of the kind's rate that have no fault yet, noted as having this one."""
        free = ~self.used if among is None else ~self.used & np.asarray(among, dtype=bool)
        at = dirt.pick(self.rng, kind, np.flatnonzero(free), of=len(free))
        self.mark(kind, field, at)
        return at

    def mark(self, kind: str, field: str | None, at: Ints) -> None:
        """Notes that these rows have the fault."""
        self.used[at] = True
        self.faults.append((kind, field, at))

    def change(self, kind: str, field: str, spoil: Spoil, among: Bools | None = None) -> None:
        """Spoils a column in the kind's rows."""
        at = self.hit(kind, field, among)
        self.frame.loc[at, field] = spoil(self.frame.loc[at, field])

    def fill(self, kind: str, field: str, value: str, among: Bools | None = None) -> None:
        """Puts one value into a column in the kind's rows."""
        self.frame.loc[self.hit(kind, field, among), field] = value

    def orphan(self, field: str, among: Bools | None = None) -> None:
        """Gives references that lead nowhere: no reference of the estate begins with a nine."""
        self.change("orphan-key", field, lambda refs: "9" + refs.str[1:], among)

    def done(self, truth: Truth) -> pd.DataFrame:
        """The spoilt frame; its faults are in the truth."""
        for kind, field, at in self.faults:
            self._plant(truth, kind, self.frame.loc[at], field)
        return self.frame

    def repeated(
        self, truth: Truth, field: str, other: str | int, *, kinds: tuple[str, str] = ("", "")
    ) -> pd.DataFrame:
        """As ``done``, with rows that stand twice: copies, and copies in which ``field`` is ``other``."""
        same, reused = kinds if kinds[0] else ("duplicate-row", "duplicate-key")
        copies, changed = (self.frame.loc[dirt.take_out(self.rng, self.used, kind)] for kind in (same, reused))
        changed = changed[changed[field] != other].assign(**{field: other})
        self._plant(truth, same, copies, None)
        self._plant(truth, reused, changed, None)
        return pd.concat([self.done(truth), copies, changed], ignore_index=True)

    def _plant(self, truth: Truth, kind: str, rows: pd.DataFrame, field: str | None) -> None:
        if len(rows):
            keys = key_text(*(rows[name] for name in self.key))
            truth.plant(self.system, self.table, kind, dirt.RATES[kind].revealed_by, key=keys, field=field)


def soil_places(soil: Soil, truth: Truth) -> pd.DataFrame:
    """The property table's rows as the system has them."""
    truth.property(soil.system, soil.table, soil.frame["prop_ref"], soil.frame["property_id"])
    home = (soil.frame["level_code"] == "5") & (soil.frame["u_llpg_ref"] != "")
    known = soil.frame["u_llpg_ref"].copy()
    soil.change("uprn-invalid", "u_llpg_ref", lambda uprns: dirt.spoil_uprn(uprns, soil.rng), home)
    at = soil.hit("uprn-shared", "u_llpg_ref", home)
    free = np.flatnonzero(~soil.used & home)
    soil.frame.loc[at, "u_llpg_ref"] = known.loc[soil.rng.choice(free, len(at), replace=False)].to_numpy()
    wrong = dirt.transpose_digits(known, soil.rng)
    # One that hits another of the council's UPRNs would show; nothing but the gazetteer shows the others.
    at = soil.hit("uprn-transposed", "u_llpg_ref", home & ~wrong.isin(known))
    soil.frame.loc[at, "u_llpg_ref"] = wrong[at]
    soil.change("postcode-invalid", "post_code", lambda codes: dirt.spoil_postcode(codes, soil.rng))
    soil.change("wrong-code-page", "short_address", dirt.mojibake)
    soil.change("double-spaces", "short_address", dirt.double_spaces)
    soil.orphan("major_ref", home)
    return soil.repeated(truth, "num_bedrooms", 9)


def soil_people(soil: Soil, truth: Truth) -> pd.DataFrame:
    """The member table's rows as the system has them."""
    frame, rng = soil.frame, soil.rng
    born, numbered = frame["dob"].notna(), frame["ni_no"] != ""
    soil.change("nino-shape", "ni_no", lambda numbers: dirt.spoil_nino(numbers, rng), numbered)
    soil.fill("placeholder", "ni_no", "AB123456C", frame["adult"])
    soil.change("nino-transposed", "ni_no", lambda numbers: dirt.transpose_digits(numbers, rng), numbered)
    at = soil.hit("nino-shared", "ni_no", born & frame["adult"])
    others = rng.permutation(np.flatnonzero(~soil.used & born & numbered))[: len(at)]
    soil.used[others] = True
    frame.loc[at, "ni_no"] = frame.loc[others, "ni_no"].to_numpy()
    at = soil.hit("dob-impossible", "dob", born)
    ages_off = np.where(np.arange(len(at)) % 2, np.datetime64("2061-03-09"), np.datetime64("1871-11-30"))
    frame.loc[at, "dob"] = (ages_off + np.arange(len(at)) * _DAY).astype("datetime64[s]")
    soil.change("dob-first-january", "dob", dirt.first_january, born)
    soil.change("dob-swapped", "dob", dirt.swap_day_month, born & dirt.swappable(frame["dob"]))
    soil.change("wrong-code-page", "surname", dirt.mojibake, frame["surname"].str.len() < 10)
    soil.change("double-spaces", "forename", dirt.double_spaces, frame["forename"].str.len() < 12)
    soil.fill("required-missing", "surname", "")
    soil.change("name-misspelt", "surname", lambda names: dirt.misspell(names, rng).str[:20])
    at = soil.hit("old-surname", "surname", frame["previous_surname"] != "")
    frame.loc[at, "surname"] = frame.loc[at, "previous_surname"].str[:20]
    soil.orphan("house_ref", frame["free"])
    soil.mark("duplicate-person", None, np.flatnonzero(frame["second"] & ~soil.used))
    truth.person(soil.system, soil.table, key_text(*(frame[name] for name in soil.key)), frame["person_id"])
    return soil.repeated(truth, "initials", "?")


def soil_debits(soil: Soil, truth: Truth) -> pd.DataFrame:
    """The debitem table's rows as the system has them."""
    frame = soil.frame
    soil.change("amount-implausible", "deb_value", lambda pence: pence * 100, frame["deb_value"] > 3_000)
    at = soil.hit("end-before-start", "term_date", frame["term_date"].notna())
    frame.loc[at, "term_date"] = frame.loc[at, "eff_date"] - 3 * _DAY
    soil.fill("code-unknown", "deb_code", "DXX")
    soil.orphan("tag_ref")
    return soil.repeated(truth, "deb_source", "MAN")


class Postings:
    """The rent transactions as they are spoilt, and what they then come to by account."""

    def __init__(self, world: World) -> None:
        self.starts = world.accounts["start_date"].to_numpy()
        self.posted = np.zeros(len(world.accounts), dtype=np.int64)

    def soiled(self, soil: Soil, truth: Truth) -> pd.DataFrame:
        """A part of the rtrans table as the system has it."""
        frame = soil.frame
        account = frame["account_id"].to_numpy()
        lost = _whole_accounts(account, dirt.RATES["orphan-key"].rate, soil.rng)
        soil.mark("orphan-key", "tag_ref", lost)
        frame.loc[lost, "tag_ref"] = "9" + frame.loc[lost, "tag_ref"].str[1:]
        start = self.starts[account]
        new = (frame["post_date"] >= start) & (start > frame["post_date"].min() + 40 * _DAY)
        at = soil.hit("posting-before-start", "post_date", new)
        early = soil.rng.integers(8, 30, len(at)) * _DAY
        frame.loc[at, "post_date"] = (start[at].astype("datetime64[D]") - early).astype("datetime64[s]")
        soil.fill("code-unknown", "trans_type", "ZZZ")
        kept = np.ones(len(frame), dtype=bool)
        kept[lost] = False
        pence = np.bincount(account[kept], frame["real_value"].to_numpy()[kept], len(self.posted))
        self.posted += pence.round().astype("int64")
        return soil.repeated(truth, "line_no", 0, kinds=("posting-repeated", "posting-number-reused"))


def soil_accounts(soil: Soil, postings: Postings, truth: Truth) -> pd.DataFrame:
    """The tenagree table's rows as the system has them."""
    frame, rng = soil.frame, soil.rng
    main = frame["agr_type"] == "M"
    _overlap(soil)
    soil.fill("code-unknown", "tenure", "QQQ", main)
    soil.fill("code-retired", "tenure", "SSE", frame["tenure"] == "SEC")
    soil.change("date-clipped", "eot", dirt.clip_dates, main & frame["tenure"].isin(["LEA", "FRE"]) & frame["present"])
    at = soil.hit("end-before-start", "eot", main & frame["eot"].notna())
    frame.loc[at, "eot"] = frame.loc[at, "cot"] - 4 * _DAY
    soil.orphan("house_ref", main)
    at = dirt.take_out(rng, soil.used, "balance-differs")
    frame.loc[at, "cur_bal"] += rng.choice([-1_200, 1, 950, 10_000, -25_000], len(at))
    posted = np.append(postings.posted, 0)[frame["account_id"]]
    differs = frame.loc[frame["cur_bal"].to_numpy() != posted, "tag_ref"]
    truth.plant(soil.system, soil.table, "balance-differs", "system", key=differs)
    return soil.repeated(truth, "u_payment_expected", "BKR")


def soil_rest(soil: Soil, truth: Truth) -> pd.DataFrame:
    """The rows of a smaller table as the system has them."""
    frame, rng = soil.frame, soil.rng
    match soil.table:
        case "contacts":
            for field in ("con_phone1", "con_phone2"):
                spoil = lambda numbers: dirt.spoil_phone(numbers, rng)  # noqa: E731
                soil.change("phone-invalid", field, spoil, frame[field] != "")
            mailed = frame["email_address"] != ""
            soil.change("email-invalid", "email_address", lambda mails: dirt.spoil_email(mails, rng), mailed)
            soil.change("postcode-invalid", "con_postcode", lambda codes: dirt.spoil_postcode(codes, rng))
            soil.change("wrong-code-page", "con_name", dirt.mojibake, frame["con_name"].str.len() < 35)
            soil.change("double-spaces", "con_name", dirt.double_spaces)
            soil.orphan("tag_ref")
            return soil.repeated(truth, "con_type", "X")
        case "araction" | "caution":
            field = "action_comment" if soil.table == "araction" else "caution_desc"
            at = soil.hit("phone-in-text", field)
            phones = pd.Series(rng.integers(10_000_000, 99_999_999, len(at)), index=at).astype("str")
            frame.loc[at, field] = dirt.texts_with_phone("071" + phones.str[:2] + " " + phones.str[2:], rng)
            soil.orphan("tag_ref")
        case "voids":
            at = soil.hit("end-before-start", "let_date", frame["let_date"].notna())
            frame.loc[at, "let_date"] = frame.loc[at, "void_date"] - 6 * _DAY
            soil.orphan("prop_ref")
        case "arag":
            soil.change("date-clipped", "arag_clearby", dirt.clip_dates)
        case "aragdet":
            soil.change("orphan-key", "arag_sid", lambda numbers: numbers + 900_000_000)
    return soil.done(truth)


def _whole_accounts(account: Ints, rate: float, rng: np.random.Generator) -> Ints:
    """The rows of as many accounts as make up the rate: a mistyped account takes all of its postings along."""
    order = rng.permutation(np.unique(account))
    sizes = np.bincount(account)[order]
    chosen = order[np.cumsum(sizes) <= max(rate * len(account), sizes[0])]
    return np.flatnonzero(np.isin(account, chosen))


def _overlap(soil: Soil) -> None:
    """Lets some tenancies begin before the one before them in the same home has ended."""
    frame = soil.frame
    main = frame[frame["agr_type"] == "M"].sort_values(["prop_ref", "cot"], kind="stable")
    same = main["prop_ref"].eq(main["prop_ref"].shift())
    before = main[["cot", "eot"]].shift()
    # Not those of this year: their postings are held against the day on which they began.
    long = same & ((before["eot"] - before["cot"]) > 40 * _DAY) & (main["cot"] < np.datetime64(BOOKS, "s"))
    earlier = pd.Series(main.index, main.index).shift()
    at = soil.hit("overlapping-tenancy", None, long.reindex(frame.index, fill_value=False))
    soil.used[earlier.reindex(at).astype("int64")] = True
    frame.loc[at, "cot"] = before.loc[at, "eot"] - soil.rng.integers(5, 25, len(at)) * _DAY
