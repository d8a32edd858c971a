#!/bin/sh
# Formatting, go vet, staticcheck (pinned in tests/tools) and the house rules.
# With arguments: those packages only, as in sh tests/lint.sh ./runner/...
set -eu
cd "$(dirname "$0")/.."
if [ $# -eq 0 ]; then
	set -- ./...
fi

unformatted=$(find . -name '*.go' ! -path '*/testdata/*' ! -path './build/*' ! -path './.*/*' -exec gofmt -l {} +)
if [ -n "$unformatted" ]; then
	printf 'not formatted; run gofmt -w on:\n%s\n' "$unformatted" >&2
	exit 1
fi
go vet "$@"
go tool -modfile=tests/tools/go.mod staticcheck "$@"
go test ./tests/house
