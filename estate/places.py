"""Streets, estates, blocks and everything the council owns on them, in an invented town.

The postcode area KB is shaped like a real one and is none. UPRNs have 9 to 12 digits; neighbours have close
ones, so a transposition may hit another valid UPRN. Coordinates are British National Grid metres.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from estate.names import street_words
from estate.seeds import stream
from estate.uprns import uprns

Ints = NDArray[np.int64]
Texts = NDArray[np.object_]

TOWN, AREA = "Kelborough", "KB"
CENTRE_EASTING, CENTRE_NORTHING = 446_000, 281_000
_SEGMENT = 40  # house numbers that share a postcode


@dataclass(frozen=True, eq=False)
class Places:
    """What stands where. Ids are row numbers; -1 is none.

    estates     estate_id, name, locality, district, easting, northing, patch (about 450 homes each),
                repairs_area
    streets     street_id, usrn, name, estate_id (-1 private), locality, district, easting, northing, bearing
                (degrees), slots (house numbers 1..slots), first_segment (into postcodes)
    blocks      block_id, property_id, estate_id, street_id, name ('' unnamed), number, flats, floors,
                build_year, has_lift, segment
    properties  property_id, property_ref (8 digits), uprn (int64), asset_type (house, bungalow, flat,
                maisonette, bedsit, garage, block, estate, lift, boiler house, community hall), parent_id,
                estate_id, block_id, street_id, unit ('Flat 7'), building, number, street, locality, town,
                postcode, easting, northing, bedrooms, storey, floors, build_year, rent_group, patch,
                repairs_area, sheltered, temporary, has_gas, is_dwelling. Dwellings come first.
    postcodes   text by segment
    """

    estates: pd.DataFrame
    streets: pd.DataFrame
    blocks: pd.DataFrame
    properties: pd.DataFrame
    postcodes: Texts


def build(homes: int, seed: int) -> Places:
    """The council's places for that many dwellings."""
    rng = stream(seed, "places")
    estates, flat_share = _estates(homes, rng)
    blocks = _blocks(estates, flat_share, rng)
    streets = _streets(homes, estates, blocks, rng)
    blocks["street_id"] = _block_streets(blocks, streets, rng)
    postcodes = _segments(streets, blocks)
    dwellings = pd.concat([_flats(blocks, streets, rng), _houses(streets, rng)], ignore_index=True).sort_values(
        ["estate_id", "street_id", "block_id", "sequence"], ignore_index=True
    )
    others = _others(estates, blocks, streets, len(dwellings), rng)
    properties = _complete(pd.concat([dwellings, others], ignore_index=True), estates, streets, postcodes, rng)
    blocks["property_id"] = properties.index[properties["asset_type"] == "block"].to_numpy()
    return Places(estates.drop(columns="homes"), streets, blocks, properties, postcodes)


def one_line(places: pd.DataFrame, separator: str = ", ", *, town: bool = True) -> pd.Series:
    """The address of each row in one line: unit, building, number and street, locality, town, postcode."""
    numbered = (places["number"] + " " + places["street"]).str.strip()
    parts = [places["unit"], places["building"], numbered]
    if town:
        parts += [places["locality"], places["town"], places["postcode"]]
    line = parts[0].astype(object)
    for part in parts[1:]:
        gap = np.where((line == "") | (part == ""), "", separator)
        line = line + gap + part.astype(object)
    return line.astype("str")


def _words(part: str) -> Texts:
    return np.array(street_words(part), dtype=object)


def _estates(homes: int, rng: np.random.Generator) -> tuple[pd.DataFrame, NDArray[np.float64]]:
    count = max(3, round(homes / 90))
    weights = rng.lognormal(0, 0.6, count)
    sizes = 8 + rng.multinomial(homes - 8 * count, weights / weights.sum())
    side = 4_000 + 150 * np.sqrt(homes)
    localities = _words("locality")
    frame = pd.DataFrame(
        {
            "homes": sizes,
            "easting": CENTRE_EASTING + rng.normal(0, side / 4, count).round(),
            "northing": CENTRE_NORTHING + rng.normal(0, side / 4, count).round(),
        }
    ).astype("int64")
    # Patches follow a winding path over the map, so that each is one piece of the town.
    band = ((frame["easting"] - CENTRE_EASTING) / (side / 6)).round().astype("int64")
    path = frame["northing"] * np.where(band % 2 == 0, 1, -1)
    frame = frame.loc[np.lexsort((path, band))].reset_index(drop=True)
    before = frame["homes"].cumsum() - frame["homes"]
    districts = max(3, round(homes / 1_200))
    district = before * districts // homes
    areas = int(np.clip(round(homes / 500), 2, 60))
    first, kind = rng.permutation(_words("first")), _words("estate")
    number = np.arange(count)
    again = np.where(number >= len(first), _words("prefix")[(number // len(first)) % 10] + " ", "")
    frame.insert(0, "estate_id", number)
    frame["name"] = again + first[number % len(first)] + " " + kind[rng.integers(len(kind), size=count)]
    frame["locality"] = localities[district % len(localities)]
    frame["district"] = AREA + (district + 1).astype("str")
    frame["patch"] = "HP" + (before // 450 + 1).astype("str").str.zfill(2)
    frame["repairs_area"] = "R" + (before * areas // homes + 1).astype("str").str.zfill(2)
    return frame, rng.choice([0.1, 0.45, 0.9], count, p=[0.45, 0.35, 0.2])


def _blocks(estates: pd.DataFrame, share: NDArray[np.float64], rng: np.random.Generator) -> pd.DataFrame:
    rows: list[tuple[int, int, int]] = []
    for estate_id, homes, dense in zip(estates.index, estates["homes"], share, strict=True):
        left = round(homes * dense)
        sizes = [12, 16, 24, 36, 48, 84] if dense > 0.5 else [4, 6, 8, 9, 12, 18]
        while left >= 4:
            flats = min(int(rng.choice(sizes)), left)
            rows.append((int(estate_id), flats, int(rng.integers(8, 16) if flats > 40 else 2 + flats // 8)))
            left -= flats
    count = len(rows)
    frame = pd.DataFrame(rows, columns=["estate_id", "flats", "floors"])
    frame.insert(0, "block_id", np.arange(count))
    named = (frame["flats"] > 12) | (rng.random(count) < 0.4)
    words, kinds, prefixes = _words("block"), _words("building"), _words("prefix")
    pick = rng.permutation(count)
    name = words[pick % len(words)] + " " + kinds[(pick // len(words)) % len(kinds)]
    many = pick // (len(words) * len(kinds))
    frame["name"] = np.where(named, np.where(many > 0, prefixes[many % 10] + " " + name, name), "")
    tall = frame["floors"] > 5
    frame["build_year"] = np.where(tall, rng.integers(1958, 1976, count), rng.integers(1948, 2012, count))
    frame["has_lift"] = tall | ((frame["floors"] >= 4) & (rng.random(count) < 0.4))
    frame["sheltered"] = ~tall & (frame["flats"] >= 16) & (rng.random(count) < 0.25)
    frame["numbered"] = ~named | (rng.random(count) < 0.5)
    frame["style"] = np.where(
        named, rng.choice(["Flat", ""], count, p=[0.7, 0.3]), rng.choice(["Flat", "letter", "suffix"], count)
    )
    return frame


def _streets(homes: int, estates: pd.DataFrame, blocks: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    flats = blocks.groupby("estate_id")["flats"].sum().reindex(estates.index, fill_value=0)
    houses = (estates["homes"] - flats).to_numpy()
    streets = np.maximum(1, -(-houses // 28))
    estate = np.repeat(estates.index.to_numpy(), streets)
    rank = np.arange(len(estate)) - np.repeat(np.cumsum(streets) - streets, streets)
    owned = houses[estate] // streets[estate] + (rank < houses[estate] % streets[estate])
    slots = np.maximum(4, np.ceil(owned / rng.uniform(0.45, 0.75, len(owned)))).astype("int64")
    # Three private homes for each of the council's; one private house in seven is cut into flats.
    wanted = max(3, int((3 * homes - (slots - owned).sum()) / 1.25 / 36))
    near = rng.integers(len(estates), size=wanted)
    estate_of = np.concatenate([estate, near])
    count = len(estate_of)
    first, kinds, prefixes = _words("first"), _words("type"), _words("prefix")
    base = len(first) * len(kinds)
    pick = np.concatenate([rng.permutation(base) + base * turn for turn in range(-(-count // base))])[:count]
    name = first[pick % base % len(first)] + " " + kinds[pick % base // len(first)]
    name = np.where(pick >= base, prefixes[(pick // base - 1) % 10] + " " + name, name)
    spread = np.where(np.arange(count) < len(estate), 220, 650)
    home = estates.loc[estate_of]
    return pd.DataFrame(
        {
            "street_id": np.arange(count),
            "usrn": 20_600_000 + np.cumsum(rng.integers(1, 7, count)),
            "name": name,
            "estate_id": np.concatenate([estate, np.full(wanted, -1)]),
            "locality": home["locality"].to_numpy(),
            "district": home["district"].to_numpy(),
            "easting": (home["easting"] + rng.normal(0, 1, count) * spread).round().astype("int64").to_numpy(),
            "northing": (home["northing"] + rng.normal(0, 1, count) * spread).round().astype("int64").to_numpy(),
            "bearing": rng.integers(0, 360, count),
            "slots": np.concatenate([slots, rng.integers(16, 57, wanted)]),
            "owned": np.concatenate([owned, np.zeros(wanted, dtype="int64")]),
            "patch": home["patch"].to_numpy(),
        }
    )


def _block_streets(blocks: pd.DataFrame, streets: pd.DataFrame, rng: np.random.Generator) -> Ints:
    own = streets[streets["estate_id"] >= 0]
    first = own.groupby("estate_id")["street_id"].min()
    count = own.groupby("estate_id").size()
    estate = blocks["estate_id"]
    chosen = first[estate].to_numpy() + (rng.random(len(blocks)) * count[estate].to_numpy()).astype("int64")
    blocks["number"] = (
        streets.loc[chosen, "slots"].to_numpy() + 1 + pd.Series(chosen).groupby(chosen).cumcount().to_numpy()
    )
    return np.asarray(chosen, dtype=np.int64)


def _segments(streets: pd.DataFrame, blocks: pd.DataFrame) -> Texts:
    """Postcodes by segment; adds ``first_segment`` and ``segment`` to the frames."""
    lengths = (streets["slots"] // _SEGMENT + 1).to_numpy()
    first = np.cumsum(lengths) - lengths
    streets["first_segment"] = first
    large = (blocks["flats"] >= 16).to_numpy()
    total = int(lengths.sum())
    blocks["segment"] = np.where(
        large, total + np.cumsum(large) - 1, first[blocks["street_id"]] + lengths[blocks["street_id"]] - 1
    )
    district = np.concatenate(
        [
            np.repeat(streets["district"].to_numpy(dtype=object), lengths),
            streets["district"].to_numpy(dtype=object)[blocks["street_id"].to_numpy()[large]],
        ]
    )
    rank = pd.Series(district).groupby(district).cumcount().to_numpy()
    letters = np.array(list("ABDEFGHJLNPQRSTUWXYZ"), dtype=object)
    sector = ((rank // 400 + 1) % 10).astype(str).astype(object)
    found: Texts = district + " " + sector + letters[rank // 20 % 20] + letters[rank * 7 % 20]
    return found


def _flats(blocks: pd.DataFrame, streets: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    block = np.repeat(blocks.index.to_numpy(), blocks["flats"])
    of = blocks.loc[block].reset_index(drop=True)
    sequence = of.groupby("block_id").cumcount() + 1
    letter = np.array(list("ABCDEFGHIJKLMNOPQR"), dtype=object)[(sequence - 1) % 18]
    number, style = sequence.astype("str").astype(object), of["style"]
    unit = np.select(
        [style == "Flat", style == "letter", style == ""], ["Flat " + number, "Flat " + letter, number], ""
    )
    street_number = of["number"].astype("str").astype(object)
    count = len(of)
    kind = rng.choice(["flat", "maisonette", "bedsit"], count, p=[0.84, 0.1, 0.06])
    bedrooms = np.where(
        kind == "maisonette", rng.integers(2, 4, count), rng.choice([1, 2, 3], count, p=[0.5, 0.42, 0.08])
    )
    bearing, along = _vector(streets, of["street_id"])
    return pd.DataFrame(
        {
            "asset_type": kind,
            "parent_id": of["block_id"],
            "estate_id": of["estate_id"],
            "block_id": of["block_id"],
            "street_id": of["street_id"],
            "unit": unit,
            "building": of["name"],
            "number": np.where(style == "suffix", street_number + letter, np.where(of["numbered"], street_number, "")),
            "sequence": sequence,
            "segment": of["segment"],
            "easting": along[0] + (bearing[0] * of["number"] * 4 + 30).round().astype("int64"),
            "northing": along[1] + (bearing[1] * of["number"] * 4 - 30).round().astype("int64"),
            "bedrooms": np.where(kind == "bedsit", 0, np.where(of["sheltered"], 1, bedrooms)),
            "storey": (sequence - 1) * of["floors"] // of["flats"],
            "floors": np.where(kind == "maisonette", 2, 1),
            "build_year": of["build_year"],
            "sheltered": of["sheltered"],
        }
    )


def _vector(
    streets: pd.DataFrame, street: pd.Series
) -> tuple[tuple[NDArray[np.float64], NDArray[np.float64]], tuple[Ints, Ints]]:
    of = streets.loc[street]
    angle = np.radians(of["bearing"].to_numpy())
    return (np.sin(angle), np.cos(angle)), (of["easting"].to_numpy(), of["northing"].to_numpy())


def stand(streets: pd.DataFrame, street: pd.Series, number: pd.Series) -> tuple[pd.Series, pd.Series, pd.Series]:
    """Easting, northing and postcode segment of house numbers: odd on one side, even on the other."""
    (east, north), (start_east, start_north) = _vector(streets, street)
    side = np.where(number % 2 == 0, 10, -10)
    easting = start_east + (east * number * 4 + north * side).round().astype("int64")
    northing = start_north + (north * number * 4 - east * side).round().astype("int64")
    segment = streets.loc[street, "first_segment"].to_numpy() + number // _SEGMENT
    return easting, northing, segment


def _houses(streets: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    own = streets[streets["owned"] > 0]
    street = pd.Series(np.repeat(own["street_id"].to_numpy(), own["slots"]))
    number = street.groupby(street).cumcount() + 1
    order = np.lexsort((rng.random(len(street)), street.to_numpy()))
    rank = np.empty(len(street), dtype="int64")
    rank[order] = number.to_numpy()  # numbers 1..slots double as ranks within the shuffled street
    kept = rank <= streets["owned"].to_numpy()[street]
    street, number = street[kept].reset_index(drop=True), number[kept].reset_index(drop=True)
    count = len(street)
    bungalow = rng.random(count) < 0.14
    easting, northing, segment = stand(streets, street, number)
    return pd.DataFrame(
        {
            "asset_type": np.where(bungalow, "bungalow", "house"),
            "parent_id": -1,
            "estate_id": streets["estate_id"].to_numpy()[street],
            "block_id": -1,
            "street_id": street,
            "unit": "",
            "building": "",
            "number": number.astype("str"),
            "sequence": number,
            "segment": segment,
            "easting": easting,
            "northing": northing,
            "bedrooms": np.where(
                bungalow, rng.integers(1, 3, count), rng.choice([2, 3, 4], count, p=[0.32, 0.6, 0.08])
            ),
            "storey": 0,
            "floors": np.where(bungalow, 1, 2),
            "build_year": 1922 + streets["street_id"].to_numpy()[street] * 37 % 95,
            "sheltered": bungalow & (rng.random(count) < 0.3),
        }
    )


def _others(
    estates: pd.DataFrame, blocks: pd.DataFrame, streets: pd.DataFrame, dwellings: int, rng: np.random.Generator
) -> pd.DataFrame:
    """Blocks, estates, garages and plant. ``parent_id`` counts from the first row after the dwellings."""
    block_row, estate_row = dwellings, dwellings + len(blocks)
    on_estate = streets[streets["estate_id"] >= 0].groupby("estate_id")["street_id"].min()
    shared = ["estate_id", "block_id", "street_id", "building", "number", "segment", "build_year", "asset_type"]
    block = blocks.assign(
        asset_type="block", building=blocks["name"], parent_id=estate_row + blocks["estate_id"],
        number=np.where(blocks["numbered"], blocks["number"].astype("str"), ""),
    )  # fmt: skip
    estate = pd.DataFrame(
        {
            "estate_id": estates["estate_id"], "block_id": -1, "street_id": on_estate.to_numpy(), "parent_id": -1,
            "building": estates["name"], "number": "", "build_year": 1950, "asset_type": "estate",
        }
    )  # fmt: skip
    garages = rng.multinomial(max(2, round(dwellings * 0.05)), np.full(len(estates), 1 / len(estates)))
    garage = estate.loc[np.repeat(estates.index, garages)].reset_index(drop=True)
    garage = garage.assign(asset_type="garage", building="", build_year=1965)
    garage["unit"] = "Garage " + (garage.groupby("estate_id").cumcount() + 1).astype("str")
    lift = block[blocks["has_lift"]].assign(asset_type="lift")
    boiler = block[(blocks["flats"] >= 24) & (rng.random(len(blocks)) < 0.5)].assign(asset_type="boiler house")
    for plant in (lift, boiler):
        plant["parent_id"] = block_row + plant["block_id"]
    hall = estate[rng.random(len(estate)) < 0.3].assign(asset_type="community hall")
    below = [frame.assign(parent_id=estate_row + frame["estate_id"]) for frame in (garage, hall)]
    frame = pd.concat([block, estate, below[0], lift, boiler, below[1]], ignore_index=True)
    frame = frame[[*shared, "parent_id", "unit"]].fillna({"unit": ""})
    own = streets.loc[frame["street_id"]].reset_index(drop=True)
    spot = rng.integers(-60, 60, (2, len(frame)))
    return frame.assign(
        segment=frame["segment"].fillna(own["first_segment"]).astype("int64"),
        easting=own["easting"] + spot[0],
        northing=own["northing"] + spot[1],
        sequence=0, bedrooms=0, storey=0, floors=1, sheltered=False,
    )  # fmt: skip


def _complete(
    frame: pd.DataFrame, estates: pd.DataFrame, streets: pd.DataFrame, postcodes: Texts, rng: np.random.Generator
) -> pd.DataFrame:
    """Adds what every asset has: references, address parts, patch and rent group."""
    count = len(frame)
    dwelling = (
        ~frame["asset_type"].isin(["garage", "block", "estate", "lift", "boiler house", "community hall"]).to_numpy()
    )
    first_block = int(dwelling.sum())
    flat = dwelling & (frame["block_id"] >= 0).to_numpy()
    frame["parent_id"] = frame["parent_id"].where(~flat, frame["block_id"] + first_block)
    blocks = int((frame["asset_type"] == "block").sum())
    house = dwelling & ~flat
    frame["parent_id"] = frame["parent_id"].where(~house, frame["estate_id"] + first_block + blocks)
    own = streets.loc[frame["street_id"]].reset_index(drop=True)
    estate = estates.loc[frame["estate_id"]].reset_index(drop=True)
    draw = rng.random(count)
    temporary = dwelling & (draw < 0.04)
    frame["property_id"] = np.arange(count)
    frame["property_ref"] = (
        pd.Series(10_000 + np.arange(count) * 10 + rng.integers(0, 10, count)).astype("str").str.zfill(8)
    )
    frame["uprn"] = uprns(frame["street_id"].to_numpy(), 0, rng)
    frame["street"], frame["locality"], frame["town"] = own["name"], own["locality"], TOWN
    frame["postcode"] = postcodes[frame["segment"]]
    frame["patch"], frame["repairs_area"] = estate["patch"], estate["repairs_area"]
    frame["temporary"], frame["is_dwelling"] = temporary, dwelling
    frame["sheltered"] = frame["sheltered"].astype(bool) & ~temporary
    frame["rent_group"] = np.select(
        [temporary & (draw < 0.01), temporary, frame["asset_type"] == "garage", dwelling],
        ["HGF", "TAH", "GPS", "HRA"],
        "",
    )
    frame["has_gas"] = dwelling & (rng.random(count) < np.where(frame["storey"] > 5, 0.2, 0.88))
    for name in ("number", "unit", "building", "street", "locality", "postcode", "asset_type", "rent_group"):
        frame[name] = frame[name].astype("str")
    return frame[
        ["property_id", "property_ref", "uprn", "asset_type", "parent_id", "estate_id", "block_id", "street_id",
         "unit", "building", "number", "street", "locality", "town", "postcode", "easting", "northing", "bedrooms",
         "storey", "floors", "build_year", "rent_group", "patch", "repairs_area", "sheltered", "temporary",
         "has_gas", "is_dwelling"]
    ]  # fmt: skip
