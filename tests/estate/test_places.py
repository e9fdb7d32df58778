import pandas as pd

from estate.places import one_line
from estate.world import World


def test_references_are_unique_and_uprns_have_9_to_12_digits(small_world: World) -> None:
    own, private = small_world.places.properties, small_world.private_homes
    uprns = pd.concat([own["uprn"], private["uprn"]])
    assert own["property_ref"].is_unique and uprns.is_unique
    assert set(uprns.astype("str").str.len()) <= {9, 10, 11, 12}


def test_every_dwelling_has_its_own_address(small_world: World) -> None:
    own = small_world.places.properties
    private = small_world.private_homes
    lines = pd.concat([one_line(own[own["is_dwelling"]]), one_line(private)])
    assert lines.is_unique


def test_hierarchy_and_postcodes(small_world: World) -> None:
    own = small_world.places.properties
    parent = own["asset_type"].reindex(own["parent_id"]).to_numpy()
    assert set(parent[own["asset_type"].isin(["flat", "maisonette", "bedsit"])]) == {"block"}
    assert set(parent[own["asset_type"].isin(["house", "bungalow", "garage", "block"])]) == {"estate"}
    assert own["postcode"].str.match(r"^KB\d{1,2} \d[ABDEFGHJLNP-UW-Z]{2}$").all()


def test_the_gazetteer_holds_every_address_once(small_world: World) -> None:
    found = small_world.gazetteer
    assert found.blpus["uprn"].is_unique
    assert set(small_world.places.properties["uprn"]) <= set(found.blpus["uprn"])
    assert set(found.lpis["uprn"]) == set(found.blpus["uprn"])
    assert set(found.blpus["parent_uprn"]) - {-1} <= set(found.blpus["uprn"])
    assert set(found.blpus["usrn"]) <= set(found.streets["usrn"])
