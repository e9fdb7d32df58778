"""Addresses as councils record them: the package address-errors spoils clean ones, and keeps whose each was.

Runs in the environment of ``requirements.txt``. Arguments: CSV of clean parts, JSON of the package's controls, seed,
CSV to write.
"""

import csv
import json
import sys
from pathlib import Path

from address_errors import Controls, Corruptor, Profile, load_components

KEPT = ("source_uprn", "recorded_address", "recorded_postcode", "collision")


def main():
    clean, controls, seed, spoilt = sys.argv[1:]
    records = load_components(clean)
    corruptor = Corruptor(Profile.load(), seed=int(seed), controls=Controls.from_dict(json.loads(controls)))
    corruptor.index(records)
    homes = [record["uprn"] for record in records if record["classificationcode"].startswith("R")]
    with Path(spoilt).open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, KEPT, extrasaction="ignore")
        writer.writeheader()
        writer.writerows(corruptor.generate(homes))


if __name__ == "__main__":
    main()
