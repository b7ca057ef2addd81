#!/usr/bin/env bash
# Builds the page: lab/web/source into lab/web/static, which is committed. Needs node and npm; what
# it downloads stays in build/web.
set -euo pipefail

main() {
    local root digest
    root="$(cd -P "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)"
    digest="$(cd "$root/lab/web" && python3 -m digest)"
    mkdir -p "$root/build/web"
    # Sources that are gone must not stay; node_modules may.
    rm -rf "$root/build/web/src" "$root/build/web/out"
    cp -R "$root/lab/web/source/." "$root/build/web"
    cd "$root/build/web"
    npm ci --no-audit --no-fund
    WEB_STATIC="$root/lab/web/static" WEB_DIGEST="$digest" npm run build
    ls -l "$root/lab/web/static"
}

main "$@"
