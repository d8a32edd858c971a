#!/bin/sh
# The long checks, beyond test.sh: the race detector, other processors, Go's own
# test programs on the vm, stress of the garbage collector, and fuzzing.
set -eu
cd "$(dirname "$0")/.."

step() { printf '\n== %s\n' "$1"; }

step "other processors and systems"
for target in linux/arm64 darwin/arm64 windows/amd64; do
	echo "$target"
	CGO_ENABLED=0 GOOS=${target%/*} GOARCH=${target#*/} go build -o /dev/null .
done

# yaegi is not in this list: it races with itself, which the detector rightly
# reports. On the vm, the detector also checks every use of unsafe.Pointer.
step "race detector"
go test -race ./cell ./kernel ./repl ./runner/... ./display ./dl/cpu ./interp/vm/...

step "the vm under a collector that never rests"
GOGC=2 GODEBUG=clobberfree=1 go test -count=1 ./interp/vm ./interp

step "200 steps of training against PyTorch's"
go test -count=1 ./dl/nn -run Curve -curve

step "Go's own test programs on the vm"
go test ./interp/vm -run TestGoPrograms -goroot -timeout 60m -v

step "fuzzing, 20 seconds each"
for package in $(go list ./...); do
	for target in $(go test -list '^Fuzz' "$package" | grep '^Fuzz' || true); do
		echo "$package $target"
		go test "$package" -run '^$' -fuzz "^$target\$" -fuzztime 20s
	done
done
