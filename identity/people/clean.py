"""Raw person rows become the records that are compared: names, numbers and dates in one spelling each.

All is done a column at a time, in DuckDB over the rows or in Python over the distinct values. What a source
leaves unsaid is null. Text is upper case, without accents, apostrophes and outer blanks.
"""

from __future__ import annotations

from pathlib import Path

import duckdb
import pandas as pd
import phonenumbers
import pyarrow as pa

from identity.people.listed import HELD, with_listed
from identity.people.names import divide

_TEXTS, _DAY = pa.list_(pa.string()), pa.date32()
SCHEMA = pa.schema(
    [("record_id", pa.string()), ("system", pa.string()), ("source_table", pa.string()), ("first_run_id", pa.int64()),
     ("household_id", pa.string()), ("title", pa.string()), ("forename", pa.string()), ("surname", pa.string()),
     ("full_name", pa.string()), ("other_surname", pa.string()), ("birth_date", _DAY), ("death_date", _DAY),
     ("active_date", _DAY), ("sex_code", pa.string()), ("national_insurance_number", pa.string()), ("phones", _TEXTS),
     ("emails", _TEXTS), ("home", pa.string()), ("postcode", pa.string()),
     ("tenancy_id", pa.string())]
)  # fmt: skip
"""Raw rows: ``home`` is the one key of where they live, ``active_date`` the last day that shows the person alive,
``tenancy_id`` the tenancy that names them, where they are on no household's list."""
RAW = tuple(SCHEMA.names)

NICKNAMES = Path(__file__).with_name("nicknames.csv")
_PARTICLES = """('DE','DA','DI','DU','DOS','DAS','DEL','LA','LE','VAN','VON','DER','DEN','AL','EL',
    'ST','MAC','MC','BIN','BEN','O')"""

_FOLD = """
CREATE OR REPLACE MACRO fold(name) AS nullif(trim(regexp_replace(regexp_replace(
    translate(upper(strip_accents(name)), 'ŁØĐÞ', 'LODT'), '[''’`´]', '', 'g'), '[^A-Z]+', ' ', 'g')), '');
CREATE OR REPLACE MACRO words(name) AS coalesce(string_split(fold(name), ' '), []);
CREATE OR REPLACE MACRO given(name) AS list_filter(
    words(regexp_replace(name, '([A-Za-z]{2,})-([A-Za-z]{2,})', '\\1\\2')),
    word -> word NOT IN ('MR', 'MRS', 'MS', 'MISS', 'DR', 'TBC', 'UNKNOWN'));
"""

_RECORDS = f"""
SELECT record_id, system, source_table, first_run_id, household_id,
    CASE told WHEN 'MASTER' THEN 'MR' WHEN 'MSTR' THEN 'MR' ELSE nullif(told, '') END AS title,
    CASE WHEN length(names[1]) > 1 THEN names[1] END AS forename,
    names[1][1] AS initial,
    nullif(array_to_string(names[2:], ' '), '') AS middle_names,
    CASE WHEN length(names[2]) > 1 THEN names[2] END AS first_middle,
    names[2][1] AS middle_initial,
    nullif(array_to_string(list_transform(names, name -> name[1]), ''), '') AS initials,
    nullif(array_to_string(family, ''), '') AS surname,
    nullif(array_to_string(words(other_surname), ''), '') AS other_surname,
    list_sort(list_distinct(list_filter(
        list_concat([array_to_string(family, ''), array_to_string(words(other_surname), '')],
            list_filter(family, word -> length(word) > 2 AND word NOT IN {_PARTICLES})),
        word -> word <> ''))) AS surnames,
    CASE WHEN length(names[1]) > 1 THEN list_sort(list_distinct(list_concat([names[1]], coalesce(roots, [])))) END
        AS forename_roots,
    coalesce(roots[1], CASE WHEN length(names[1]) > 1 THEN names[1] END) AS nickname_root,
    strftime(birth_date, '%Y%m%d') AS birth_date,
    CASE WHEN birth_date IS NULL THEN 'none' WHEN month(birth_date) = 1 AND day(birth_date) = 1 THEN 'first_january'
        ELSE 'day' END AS birth_date_kind,
    death_date, active_date,
    CASE WHEN sex_code IN ('female', 'male') THEN sex_code
        WHEN regexp_matches(upper(title), '^(MRS|MISS|MS|LADY|DAME)\\b') THEN 'female'
        WHEN regexp_matches(upper(title), '^(MR|MASTER|MSTR|SIR|LORD)\\.?$') THEN 'male' END AS sex,
    nullif(upper(regexp_replace(national_insurance_number, '[^A-Za-z0-9]', '', 'g')), '') AS nino,
    coalesce(mobiles, []) AS mobiles, coalesce(landlines, []) AS landlines,
    nullif(lower(trim(emails[1])), '') AS email,
    nullif(home, '') AS home, nullif(upper(replace(postcode, ' ', '')), '') AS postcode,
    nullif(tenancy_id, '') AS tenancy_id
FROM (
    SELECT raw.*, trim(upper(title), ' .') AS told, given(raw.forename) AS names, words(raw.surname) AS family,
        nickname.roots,
        numbers.mobiles, numbers.landlines
    FROM raw LEFT JOIN nickname ON nickname.variant = given(raw.forename)[1]
    LEFT JOIN numbers USING (record_id)
)
ORDER BY record_id
"""


def clean(raw: pa.Table | pd.DataFrame, held: pd.DataFrame | None = None) -> pa.Table:
    """One row a person record, sorted by ``record_id``; ``raw`` has the columns RAW (null where it lacks one).

    ``held``: who held which home when (listed.HELD); without, no record is known by a tenancy.

    Columns beyond those of ``raw``: initial, middle_initial, initials, middle_names, surnames (the whole family
    name, its parts and an earlier one), forename_roots (the forename and what it is short for), nickname_root,
    birth_date as YYYYMMDD, birth_date_kind (day, first_january, none), sex, nino, mobiles and landlines as E.164,
    let_to and listed (listed.with_listed).
    """
    if isinstance(raw, pd.DataFrame):
        raw = pa.Table.from_pandas(raw.reindex(columns=list(RAW)), preserve_index=False)
    for name in set(RAW) - set(raw.column_names):
        raw = raw.append_column(name, pa.nulls(raw.num_rows, SCHEMA.field(name).type))
    raw = _with_names(raw.select(RAW).cast(SCHEMA, safe=False))
    with duckdb.connect(config={"threads": 2}) as connection:
        connection.register("raw", raw)
        connection.register("nickname", _nicknames())
        connection.register("numbers", _numbers(connection))
        connection.execute(_FOLD)
        held = HELD.empty_table().to_pandas() if held is None else held
        lets = pa.Table.from_pandas(held[HELD.names], HELD, preserve_index=False)
        return with_listed(connection, connection.execute(_RECORDS).to_arrow_table(), lets)


def _with_names(raw: pa.Table) -> pa.Table:
    """The rows with undivided names divided and texts read in the wrong code page repaired."""
    names = raw.select(["title", "forename", "surname", "full_name"]).to_pandas()
    undivided = names["full_name"].notna() & names["surname"].isna()
    parts = divide(names.loc[undivided, "full_name"])
    for name in ("title", "forename", "surname"):
        column = names[name].astype("str")
        column.loc[undivided] = parts[name].mask(parts[name] == "", column.loc[undivided])
        repaired = pa.array(_repaired(column), pa.string(), from_pandas=True)
        raw = raw.set_column(raw.column_names.index(name), name, repaired)
    return raw


def _repaired(names: pd.Series) -> pd.Series:
    """The names, with UTF-8 that was read as cp1252 ("JosÃ©") read again."""
    suspect = names.str.contains(r"[ÃÂÅÄ][\x80-\xff€‚ƒ„…†‡ˆ‰Š‹Œ‘’“”•–—˜™š›œŸ]", regex=True, na=False)
    return names.mask(suspect, names[suspect].map(_read_again)) if suspect.any() else names


def _read_again(name: str) -> str:
    try:
        return name.encode("cp1252").decode("utf-8")
    except UnicodeError:
        return name


def _nicknames() -> pd.DataFrame:
    listed = pd.read_csv(NICKNAMES, dtype="str", keep_default_na=False)
    pairs = listed.assign(variant=listed["variants"].str.split(" ")).explode("variant")[["root", "variant"]]
    return pairs.groupby("variant")["root"].agg(sorted).rename("roots").reset_index()


def _numbers(connection: duckdb.DuckDBPyConnection) -> pa.Table:
    """record_id, mobiles, landlines: each distinct number read once; what is no number is left out."""
    distinct = connection.execute("SELECT DISTINCT unnest(phones) AS phone FROM raw ORDER BY phone").df()
    found = [_number(text) for text in distinct["phone"].fillna("")]
    known = distinct.assign(number=[number for number, _ in found], mobile=[mobile for _, mobile in found])
    known = known.astype({"phone": "str", "number": "str", "mobile": "bool"})
    connection.register("known", known[known["number"] != ""])
    return connection.execute(
        """SELECT record_id, list_sort(list_distinct(list(number) FILTER (mobile))) AS mobiles,
            list_sort(list_distinct(list(number) FILTER (NOT mobile))) AS landlines
        FROM (SELECT record_id, unnest(phones) AS phone FROM raw) JOIN known USING (phone) GROUP BY record_id"""
    ).to_arrow_table()


def _number(text: str) -> tuple[str, bool]:
    """The number in E.164 and whether it is a mobile; ("", False) for what is no number."""
    digits = text.replace(" ", "")
    if len(set(digits)) < 4:
        return "", False  # 00000000000 and the like fill a field that asks for a number
    if len(digits) == 11 and digits.isdigit() and digits[0] == "0" and digits[1] != "0":
        number = "+44" + digits[1:]  # what nearly all look like; phonenumbers would say the same at 50 times the cost
    else:
        try:
            parsed = phonenumbers.parse(text, "GB")
        except phonenumbers.NumberParseException:
            return "", False
        if not phonenumbers.is_possible_number(parsed):
            return "", False
        number = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
    # 070 is personal numbering and 076 paging, but for the Isle of Man's 07624
    return number, number.startswith("+447") and number[4] not in "06"
