"""The mirror under Prefect: ``mirror.build`` with each of its steps as a task, by hand and at night.

Prefect keeps which part of the council is mirrored and what became of it: no row, no key and no address.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import date
from functools import wraps
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

from prefect import flow
from prefect.artifacts import create_table_artifact

from flows.faults import only_hub_faults
from flows.orchestrate import _task
from flows.progress import Progress
from mirror import build
from mirror.build import Order, Steps
from mirror.cluster import Site, State
from mirror.making import making_of

P = ParamSpec("P")
T = TypeVar("T")

NAME = "build the mirror"
MIRRORED = "HOUSING_HUB_MIRROR"
"""The environment variable by which a scheduled run, a process of its own, is told what is mirrored and where."""


def _step(step: Callable[Concatenate[Order, P], T], name: str, of: str) -> Callable[Concatenate[Order, P], T]:
    """The step as a task, out of which a fault comes as the build tells it: Prefect keeps what a task raises."""

    @wraps(step)
    def told(order: Order, *given: P.args, **named: P.kwargs) -> T:
        with only_hub_faults(), build.faults_told(order.site):
            return step(order, *given, **named)

    return _task(told, name, of)


STEPS = Steps(
    check=_step(build.check, "check", "plan, source and target"),
    raise_cluster=_step(build.raise_cluster, "raise", "the cluster of {build}"),
    fill=_step(build.fill, "fill", "{draft.build}"),
    put_up=_step(build.put_up, "put up", "{draft.build}"),
)
"""None is tried again: what is half made goes, and the next build begins anew."""


@dataclass(frozen=True)
class Mirroring:
    """What is built, with which key, and where its proof and its progress go."""

    order: Order
    key: Path
    reference_day: date
    proofs: Path
    progress: Path

    @only_hub_faults()
    def run(self, steps: Steps | None = None) -> State:
        """What now stands."""
        self.progress.parent.mkdir(parents=True, exist_ok=True)
        self.progress.unlink(missing_ok=True)
        making = making_of(self.order, self.key, self.reference_day, self.proofs)
        return build.build(self.order, making, self._tell, steps or Steps())

    def _tell(self, stage: str, table: str, done: int) -> None:
        Progress(self.progress, table, stage).add(done)


def under_prefect(told: Mirroring) -> State:
    """What now stands, built as a flow of its own; how large it is and how long it took is kept as an artifact."""

    @flow(name=NAME)
    def build_the_mirror(profile: str, streets: str, as_of: str) -> State:
        state = told.run(STEPS)
        figures: list[Any] = [{"what": "rows", "number": state.rows}]
        figures += [{"what": f"seconds: {part}", "number": took} for part, took in state.seconds.items()]
        create_table_artifact(key="mirror", table=figures, description=f"Mirror {state.build}, TEST DATA")
        return state

    order = told.order
    return build_the_mirror(order.profile, str(order.streets or "all"), str(order.as_of or "now"))


@flow(name="nightly mirror")
def night() -> None:
    """Builds the mirror anew. Where that fails the run is marked, and the mirror before it stands."""
    os.setpgid(0, 0)  # with its threads' servers to come, so that they can be ended together
    state = under_prefect(read(os.environ[MIRRORED]))
    print(f"Mirror {state.build}: {state.rows:,} rows, TEST DATA", flush=True)


def written(told: Mirroring) -> str:
    """What ``read`` reads."""
    return json.dumps(asdict(told), default=str)


def read(text: str) -> Mirroring:
    """The mirroring that ``written`` wrote."""
    told: dict[str, Any] = json.loads(text)
    order = told["order"]
    site = Site(**{**order["site"], "folder": Path(order["site"]["folder"])})
    streets = tuple(order["streets"]) if isinstance(order["streets"], list) else order["streets"]
    as_of = order["as_of"] and date.fromisoformat(order["as_of"])
    paths = {name: Path(told[name]) for name in ("key", "proofs", "progress")}
    return Mirroring(
        order=Order(**{**order, "site": site, "streets": streets, "as_of": as_of}),
        reference_day=date.fromisoformat(told["reference_day"]),
        **paths,
    )
