#!/usr/bin/env bash
# Writes the locks: lock.txt for a run, dev.txt (the same and more) for the tests, bootstrap.txt for the installer.
set -euo pipefail
cd "$(dirname "$0")/.."

compile() { # compile FILE WHAT ARGUMENTS...
    local file=requirements/$1 what=$2
    shift 2
    .venv/bin/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-annotate --no-header \
        "$@" -o "$file.new" >/dev/null
    { echo "# $what Written by 'make lock'; do not edit."; cat "$file.new"; } >"$file"
    rm "$file.new"
    echo "$file: $(grep -c == "$file") packages"
}

compile lock.txt "What a run needs." pyproject.toml
compile dev.txt "What the tests need: lock.txt and more." --group dev --constraint requirements/lock.txt pyproject.toml
compile bootstrap.txt "What installs the rest." requirements/bootstrap.in
compile extras.txt "What a run needs with the drivers of the optional databases." --all-extras --constraint requirements/lock.txt pyproject.toml
