#!/bin/sh
# Copies the libraries of package.json into graphql_schema/static/vendored; see README.md.
set -eu
cd "$(dirname "$0")"
out=../graphql_schema/static/vendored

npm ci --no-audit --no-fund
mkdir -p "$out/uplot"
cp node_modules/uplot/dist/uPlot.esm.js node_modules/uplot/dist/uPlot.min.css node_modules/uplot/LICENSE "$out/uplot/"
cd "$out"
find . -type f ! -name SHA256SUMS | sed 's#^\./##' | LC_ALL=C sort | xargs sha256sum > SHA256SUMS
