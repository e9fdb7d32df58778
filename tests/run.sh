#!/usr/bin/env bash
# Every check, each with its time. All of them run; the exit code is 0 only if all passed.
set -uo pipefail
cd "$(dirname "$0")/.."
failed=()

step() { # step NAME COMMAND...
    local name=$1 began=$SECONDS
    shift
    echo "==> $name"
    if "$@"; then
        echo "==> $name: passed in $((SECONDS - began)) s"
    else
        echo "==> $name: FAILED in $((SECONDS - began)) s"
        failed+=("$name")
    fi
}

step "services of Debian" tests/install-services.sh
step "ruff check" .venv/bin/ruff check .
step "ruff format" .venv/bin/ruff format --check .
step "mypy" .venv/bin/mypy .
step "architecture" .venv/bin/lint-imports
step "tests" .venv/bin/python -m pytest -n logical --maxprocesses 4 --dist loadfile

if ((${#failed[@]})); then
    printf 'Failed: %s\n' "${failed[@]}"
    exit 1
fi
