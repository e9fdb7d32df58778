"""What is wrong in the housing management system: each table's dirt, and the truth about it."""

from __future__ import annotations

import numpy as np
import pandas as pd

from estate import dirt
from estate.calendars import CURRENT_YEAR, year_start
from estate.dirt import Ints
from estate.soil import Soil
from estate.truth import Truth, key_text
from estate.world import World

_DAY = np.timedelta64(1, "D")
BOOKS = year_start(CURRENT_YEAR)


def soil_places(soil: Soil, truth: Truth) -> pd.DataFrame:
    """The property table's rows as the system has them."""
    truth.property(soil.system, soil.table, soil.frame["prop_ref"], soil.frame["property_id"])
    truth.address(soil.system, soil.table, soil.frame["prop_ref"], "short_address", soil.frame["true_uprn"])
    home = (soil.frame["level_code"] == "5") & (soil.frame["u_llpg_ref"] != "")
    soil.spoil_uprns("u_llpg_ref", home)
    soil.spoil("postcode-invalid", "post_code")
    soil.spoil("wrong-code-page", "short_address")
    soil.spoil("double-spaces", "short_address")
    soil.orphan("major_ref", home)
    return soil.repeated(truth, "num_bedrooms", 9)


def soil_people(soil: Soil, truth: Truth) -> pd.DataFrame:
    """The member table's rows as the system has them."""
    frame, rng = soil.frame, soil.rng
    born, numbered = frame["dob"].notna(), frame["ni_no"] != ""
    soil.spoil("nino-shape", "ni_no", numbered)
    soil.fill("placeholder", "ni_no", "AB123456C", frame["adult"])
    soil.spoil("nino-transposed", "ni_no", numbered)
    at = soil.hit("nino-shared", "ni_no", born & frame["adult"])
    others = rng.permutation(np.flatnonzero(~soil.used & born & numbered))[: len(at)]
    soil.used[others] = True
    frame.loc[at, "ni_no"] = frame.loc[others, "ni_no"].to_numpy()
    at = soil.hit("dob-impossible", "dob", born)
    ages_off = np.where(np.arange(len(at)) % 2, np.datetime64("2061-03-09"), np.datetime64("1871-11-30"))
    frame.loc[at, "dob"] = (ages_off + np.arange(len(at)) * _DAY).astype("datetime64[s]")
    soil.spoil("dob-first-january", "dob", born)
    soil.spoil("dob-swapped", "dob", born & dirt.swappable(frame["dob"]))
    soil.spoil("wrong-code-page", "surname", frame["surname"].str.len() < 10)
    soil.spoil("double-spaces", "forename", frame["forename"].str.len() < 12)
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
    soil.end_early("term_date", "eff_date", 3 * _DAY, frame["term_date"].notna())
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
    soil.spoil("date-clipped", "eot", main & frame["tenure"].isin(["LEA", "FRE"]) & frame["present"])
    soil.end_early("eot", "cot", 4 * _DAY, main & frame["eot"].notna())
    soil.orphan("house_ref", main)
    at = dirt.take_out(rng, soil.used, "balance-differs")
    frame.loc[at, "cur_bal"] += rng.choice([-1_200, 1, 950, 10_000, -25_000], len(at))
    posted = np.append(postings.posted, 0)[frame["account_id"]]
    differs = frame.loc[frame["cur_bal"].to_numpy() != posted, "tag_ref"]
    truth.plant(soil.system, soil.table, "balance-differs", "system", key=differs)
    return soil.repeated(truth, "u_payment_expected", "BKR")


def soil_rest(soil: Soil, truth: Truth) -> pd.DataFrame:
    """The rows of a smaller table as the system has them."""
    frame = soil.frame
    match soil.table:
        case "contacts":
            truth.address(soil.system, soil.table, frame["con_key"].astype("str"), "con_address", frame["true_uprn"])
            for field in ("con_phone1", "con_phone2"):
                soil.spoil("phone-invalid", field, frame[field] != "")
            soil.spoil("email-invalid", "email_address", frame["email_address"] != "")
            soil.spoil("postcode-invalid", "con_postcode")
            soil.spoil("wrong-code-page", "con_name", frame["con_name"].str.len() < 35)
            soil.spoil("double-spaces", "con_name")
            soil.orphan("tag_ref")
            return soil.repeated(truth, "con_type", "X")
        case "araction" | "caution":
            field = "action_comment" if soil.table == "araction" else "caution_desc"
            at = soil.hit("phone-in-text", field)
            frame.loc[at, field] = dirt.texts_with_phone(dirt.drama_phones(pd.Index(at)), soil.rng)
            soil.orphan("tag_ref")
        case "voids":
            soil.end_early("let_date", "void_date", 6 * _DAY, frame["let_date"].notna())
            soil.orphan("prop_ref")
        case "arag":
            soil.spoil("date-clipped", "arag_clearby")
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
