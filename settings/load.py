"""The settings of a run, read in one place from ``hub.toml`` and, for secrets, from the environment."""

from __future__ import annotations

import difflib
import os
import re
import tomllib
from collections.abc import Collection, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any
from urllib.parse import quote

from pydantic import BaseModel, ValidationError

from ledger.errors import ConfigurationFault
from settings.model import ESTATE, NO_ROADS, Settings, System

_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
_SECRETS = ("private_key", "passphrase")
_PASSWORDS = (
    re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://[^/?#@:]*:([^/]+)@"),
    re.compile(r"://.*[?&;](?:password|passwd|pwd)=([^&;]+)", re.IGNORECASE),
)


def load(path: Path, environment: Mapping[str, str] = os.environ, *, known: Collection[str] | None = None) -> Settings:
    """The settings of the file, its variables replaced and its paths absolute.

    ``known`` are the systems that the hub has a mapping for (None: not looked at). Raises one ConfigurationFault
    that lists every fault with its place and what to do.
    """
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise _fault(path, [f"cannot be read: {error.strerror}"]) from None
    except UnicodeDecodeError as error:
        raise _fault(path, [f"is not UTF-8 at byte {error.start}"]) from None
    except tomllib.TOMLDecodeError as error:
        raise _fault(path, [f"is not TOML: {error}"]) from None
    faults: list[str] = []
    expanded = _expand(raw, (), environment, faults)
    try:
        settings = Settings.model_validate(expanded)
    except ValidationError as error:
        faults += [_describe(fault["loc"], fault["type"], fault["msg"]) for fault in error.errors()]
    if known is not None and isinstance(raw.get("systems"), dict):
        faults += [
            f"[systems.{name}]: there is no system of this name{_nearest(name, known)}"
            for name in raw["systems"]
            if name not in known
        ]
    if faults:
        raise _fault(path, faults)
    return _anchored(settings, path.absolute().parent)


def _expand(value: Any, at: tuple[str, ...], environment: Mapping[str, str], faults: list[str]) -> Any:
    """The value with ``${NAME}`` replaced in all its texts. Secrets come from there and nowhere else."""
    if isinstance(value, dict):
        if len(at) == 2 and at[0] == "systems" and value.get("enabled") is False:
            return value
        return {key: _expand(inner, (*at, key), environment, faults) for key, inner in value.items()}
    if not isinstance(value, str):
        return value
    passwords = [found[1] for pattern in _PASSWORDS if (found := pattern.search(value))]
    if not all(_VARIABLE.fullmatch(password) for password in passwords):
        faults.append(f"{_place(at)}: holds a password; put it into a variable and write ${{NAME}} instead")
    if at[-1] in _SECRETS and not _VARIABLE.fullmatch(value):
        faults.append(f"{_place(at)}: is a secret; put it into a variable and write ${{NAME}} instead")
    in_url = "://" in value

    def replace(match: re.Match[str]) -> str:
        name = match[1]
        if name not in environment:
            faults.append(f"{_place(at)}: the environment variable {name} is not set; export it or set enabled = false")
            return "unset"
        return quote(environment[name], safe="") if in_url else environment[name]

    return _VARIABLE.sub(replace, value)


def _describe(loc: tuple[int | str, ...], kind: str, message: str) -> str:
    """One fault as a line. Never the value: it may hold a secret."""
    at = tuple(str(part) for part in loc)
    if kind == "extra_forbidden":
        known = _model_at(at[:-1]).model_fields
        return f"{_place(at)}: is not a setting{_nearest(at[-1], known)}"
    if kind == "missing":
        return f"{_place(at)}: is missing; docs/configuration.md says what it holds"
    if kind == "is_instance_of":
        return f'{_place(at)}: must be a folder in quotes, as "/srv/hub"'
    return f"{_place(at)}: {message.removeprefix('Value error, ')}"


def _model_at(at: tuple[str, ...]) -> type[BaseModel]:
    if not at:
        return Settings
    return System if at[0] == "systems" else type(getattr(Settings(), at[0]))


def _place(at: tuple[str, ...]) -> str:
    """As the file says it: ``[systems.rents] schedule``."""
    depth = 2 if at and at[0] == "systems" else 1
    return " ".join([f"[{'.'.join(at[:depth])}]", *at[depth:]])


def _nearest(name: str, known: Collection[str]) -> str:
    near = difflib.get_close_matches(name, known, n=1)
    return f"; did you mean {near[0]}?" if near else f"; known: {', '.join(sorted(known))}"


def _anchored(settings: Settings, folder: Path) -> Settings:
    """The settings with relative paths counted from the file's folder, not from the caller's."""

    def anchor(system: System) -> System:
        is_path = system.source != ESTATE and "://" not in system.source
        return system.model_copy(
            update={
                "source": str(folder / Path(system.source).expanduser()) if is_path else system.source,
                "inbox": folder / system.inbox if system.inbox else None,
            }
        )

    hub = settings.hub.model_copy(update={"folder": folder / settings.hub.folder})
    roads, parts = settings.scheduling.roads, settings.scheduling.day_parts
    rules = settings.scheduling.local_rules
    scheduling = settings.scheduling.model_copy(
        update={
            "roads": roads if roads in (ESTATE, NO_ROADS) else str(folder / Path(roads).expanduser()),
            "day_parts": folder / parts if parts else None,
            "local_rules": folder / rules if rules else None,
        }
    )
    key = settings.mirror.key
    mirror = settings.mirror.model_copy(update={"key": folder / key if key else None})
    systems = {name: anchor(system) for name, system in settings.systems.items()}
    sections = {"hub": hub, "scheduling": scheduling, "mirror": mirror, "systems": MappingProxyType(systems)}
    return settings.model_copy(update=sections)


def _fault(path: Path, faults: list[str]) -> ConfigurationFault:
    listed = faults[0] if len(faults) == 1 else "".join(f"\n  - {fault}" for fault in faults) + "\n"
    return ConfigurationFault(
        listed if listed.endswith("\n") else f"{listed}.",
        place=str(path),
        next_step="correct the file; docs/configuration.md describes every setting.",
    )
