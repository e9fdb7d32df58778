"""Anonymeter's attacks on people of a mirror that is shown: singling out, and linking two halves of what is known.

Runs in the environment of ``requirements.txt``. Arguments: Parquet of the source's people, of the mirror's, with the
same columns; how many attacks of each kind; a seed. Prints attacks, successes and rates with intervals as JSON.
"""

import json
import logging
import sys
import warnings

import numpy as np
import pandas as pd
import polars as pl
from anonymeter.evaluators import LinkabilityEvaluator, SinglingOutEvaluator
from anonymeter.stats.confidence import EvaluationResults

COLUMNS_KNOWN = (2, 3, 4, 5)
"""How many columns a predicate speaks of; a quarter of the attacks each."""
HALVES = (
    (["born", "sex"], ["area", "kind", "bedrooms", "built", "tenure"]),
    (["born", "area", "tenure"], ["sex", "kind", "bedrooms", "built"]),
    (["born", "sex", "kind"], ["area", "tenure", "bedrooms", "built"]),
)
"""What two attackers know of the same people: the columns of each half."""
NOT_KNOWN = -1


def singling_out(source, mirror, attacks, seed):
    """Predicates that single out a line of the mirror, asked of the source's people."""
    success, naive, made = 0, 0, 0
    for columns in COLUMNS_KNOWN:
        evaluator = SinglingOutEvaluator(
            source, mirror, n_attacks=attacks // len(COLUMNS_KNOWN), n_cols=columns, max_attempts=40_000,
            seed=seed + columns,
        )  # fmt: skip
        # Anonymeter counts people that share everything as one: then whoever is one of a hundred would be singled out.
        evaluator._ori = pl.DataFrame(source)
        evaluator.evaluate("multivariate")
        success, naive = success + evaluator._n_success, naive + evaluator._n_baseline
        made += evaluator._n_attacks
    return made, success, naive


def linking(source, mirror, attacks, seed):
    """Two halves of the source's people, linked where both are nearest to one line of the mirror."""
    source, mirror = (frame.fillna(dict.fromkeys(_numbers(frame), NOT_KNOWN)) for frame in (source, mirror))
    source, mirror = (frame.astype(dict.fromkeys(_numbers(frame), float)).fillna("") for frame in (source, mirror))
    success, naive, made = 0, 0, 0
    each = min(len(source), -(-attacks // len(HALVES)))
    for halves in HALVES:
        lines = mirror.sample(frac=1, random_state=seed).reset_index(drop=True)  # their order tells nothing
        evaluator = LinkabilityEvaluator(source, lines, aux_cols=halves, n_attacks=each).evaluate(n_jobs=1)
        results = evaluator.results()
        made, success, naive = made + each, success + results.n_success, naive + results.n_baseline
    return made, success, naive


def _numbers(frame):
    return list(frame.select_dtypes("number").columns)


def main():
    logging.getLogger("anonymeter").setLevel(logging.ERROR)
    warnings.simplefilter("ignore")  # that an attack is no better than guessing, which is what is hoped for
    source, mirror = (pd.read_parquet(path, dtype_backend="numpy_nullable") for path in sys.argv[1:3])
    attacks, seed = int(sys.argv[3]), int(sys.argv[4])
    np.random.seed(seed)  # Anonymeter draws its targets with it
    told = {}
    for name, attack in (("singling out", singling_out), ("linking", linking)):
        made, success, naive = attack(source, mirror, attacks, seed)
        results = EvaluationResults(made, success, naive)
        told[name] = {
            "attacks": made, "successes": success, "naive": naive,
            "over": 100 * (success - naive) / made,
            "interval": [100 * edge for edge in results.risk().ci],
            "naive interval": [100 * edge for edge in results.risk(baseline=True).ci],
        }  # fmt: skip
    print(json.dumps(told))


if __name__ == "__main__":
    main()
