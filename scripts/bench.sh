#!/bin/sh
# Run benchmarks/$1.py in the environment that its line `ENVIRONMENT = "qgis"` or `"training"` names.
set -eu
cd "$(dirname "$0")/.."

name=${1:-}
if [ ! -f "benchmarks/$name.py" ]; then
    echo "usage: make bench NAME=..., one of: $(ls benchmarks | sed -n 's/^\([a-z]*\)\.py$/\1/p' | tr '\n' ' ')" >&2
    exit 2
fi
environment=$(sed -n 's/^ENVIRONMENT = "\(.*\)"$/\1/p' "benchmarks/$name.py")
scripts/setup.sh "$environment"
exec ".venv/$environment/bin/python" -m "benchmarks.$name"
