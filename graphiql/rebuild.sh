#!/bin/sh
# Builds graphql_schema/static/graphiql from these sources; see README.md.
set -eu
cd "$(dirname "$0")"
out=../graphql_schema/static/graphiql

npm ci --no-audit --no-fund
npm run build
cp node_modules/monaco-editor/ThirdPartyNotices.txt "$out/MONACO-NOTICES.txt"
cd "$out"
find . -type f ! -name SHA256SUMS | sed 's#^\./##' | LC_ALL=C sort | xargs sha256sum > SHA256SUMS
