#!/bin/sh
# Prepare one of the two environments, installing only what is missing:
#
#   scripts/setup.sh qgis       QGIS from Debian's packages, and .venv/qgis beside its Python
#   scripts/setup.sh training   .venv/training, apart from QGIS
#
# Safe to run again. Without root rights nothing is installed on the system: the command that an administrator has to run is
# printed instead.
set -eu
cd "$(dirname "$0")/.."

PYTHON=${PYTHON:-/usr/bin/python3}
QGIS_PACKAGES="qgis python3-qgis qgis-providers python3-venv pyqt5-dev-tools zip fonts-dejavu-core"
TRAINING_PACKAGES="python3-venv"
# The page of 'app' is tested in a browser; without one its tests are skipped.
BROWSER_PACKAGES="chromium chromium-driver"

missing_packages() {
    for package in "$@"; do
        dpkg-query -W -f='${db:Status-Status}\n' "$package" 2>/dev/null | grep -qx installed || printf '%s ' "$package"
    done
}

install_packages() {
    if ! command -v dpkg-query >/dev/null; then
        echo "This is not Debian or Ubuntu: install QGIS 3.22 or later with its Python bindings, then set PYTHON to its Python." >&2
        return
    fi
    missing=$(missing_packages "$@")
    [ -z "$missing" ] && return
    if [ "$(id -u)" -ne 0 ]; then
        echo "These packages are missing: $missing" >&2
        echo "Ask an administrator to run:  apt-get update && apt-get install --no-install-recommends $missing" >&2
        exit 1
    fi
    echo "Installing $missing"
    apt-get update -qq
    # shellcheck disable=SC2086  # a list of words is meant
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null
}

# $1 environment, $2 requirements file, $3 option for venv or empty, $4 constraints file or empty
make_environment() {
    stamp=".venv/$1/requirements.stamp"
    wanted=$(cat requirements/*.txt "$0" | cksum)
    [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$wanted" ] && return
    echo "Preparing .venv/$1"
    # shellcheck disable=SC2086  # the option may be absent
    "$PYTHON" -m venv $3 ".venv/$1"
    ".venv/$1/bin/python" -m pip install --quiet --disable-pip-version-check ${4:+-c "$4"} -r "requirements/$2"
    printf '%s' "$wanted" >"$stamp"
}

case "${1:-}" in
qgis)
    # shellcheck disable=SC2086
    install_packages $QGIS_PACKAGES
    mkdir -p .venv
    # QGIS's scipy and GDAL were compiled against this NumPy; whatever pip adds must leave it alone.
    "$PYTHON" -c 'import numpy; print("numpy==" + numpy.__version__)' >.venv/qgis-constraints.txt
    make_environment qgis qgis-test.txt --system-site-packages .venv/qgis-constraints.txt
    ;;
training)
    # shellcheck disable=SC2086
    install_packages $TRAINING_PACKAGES
    # shellcheck disable=SC2086
    [ "$(id -u)" -ne 0 ] || install_packages $BROWSER_PACKAGES
    make_environment training training-test.txt "" ""
    ;;
*)
    echo "usage: $0 qgis|training" >&2
    exit 2
    ;;
esac
