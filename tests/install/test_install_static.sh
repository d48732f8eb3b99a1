#!/usr/bin/env bash
# A program outside the project builds and runs with an installed static libnca.
. "$(dirname "$0")/check_install.sh"
check_install static
