#!/usr/bin/env bash
# Long lists for people.

# few [SEPARATOR]: the first 20 lines of stdin on one line, and how many more there are.
few() {
    awk -v separator="${1:-, }" '
        NR <= 20 { printf "%s%s", (NR > 1 ? separator : ""), $0 }
        END { if (NR > 20) printf " and %d more", NR - 20 }
    '
}
