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
go test -race -timeout 20m ./cell ./kernel ./session ./repl ./runner/... ./display ./dl/cpu ./interp/vm/...
go test -race -run "Cells|WhileACellRuns" ./interp
go test -race -run "GoroutinePanic/vm" ./interp

step "the vm under a collector that never rests"
GOGC=2 GODEBUG=clobberfree=1 go test -count=1 ./interp/vm ./interp
GODEBUG=gccheckmark=1 go test -count=1 ./interp/vm

step "200 steps of training against PyTorch's"
go test -count=1 ./dl/nn -run Curve -curve

if command -v qemu-aarch64-static >/dev/null; then
	step "kernels for NEON, emulated"
	GOARCH=arm64 CGO_ENABLED=0 go test -c -o build/arm64.test ./dl/cpu
	(cd dl/cpu && qemu-aarch64-static ../../build/arm64.test -test.run 'MatMul|Conv$|Winograd|Products|Biases|Accuracy|RoundBF16|Pool|Elementwise|Broadcast|Sum|Softmax|Transpose|Logistic|TrainingStep')

	step "the vm on arm64, emulated"
	for package in ./interp/vm/forge ./interp/vm; do
		GOARCH=arm64 CGO_ENABLED=0 go test -c -o build/arm64.test "$package"
		(cd "$package" && qemu-aarch64-static "$OLDPWD/build/arm64.test" -test.short)
	done
fi

step "random programs, compiled and on the vm"
go test ./interp/vm -run TestRandomPrograms -random 100 -timeout 30m

step "Go's own test programs, against the table"
go run ./interp/conformance

step "abuse of the kernel, ten times"
sh tests/jupyter/setup.sh
CGO_ENABLED=0 go build -o build/fluxion .
for _ in 1 2 3 4 5 6 7 8 9 10; do
	build/venv/bin/python -m pytest -q -p no:cacheprovider tests/jupyter/test_abuse.py
done

step "what sessions keep in memory"
go test -count=1 ./interp -run TestMemory -soak 5000

step "JupyterLab in a browser"
sh tests/e2e/run.sh

step "a session of 100,000 cells"
build/venv/bin/python -m pytest -q -s -p no:cacheprovider tests/jupyter/test_soak.py

step "fuzzing, 20 seconds each"
for package in $(go list ./...); do
	for target in $(go test -list '^Fuzz' "$package" | grep '^Fuzz' || true); do
		echo "$package $target"
		go test "$package" -run '^$' -fuzz "^$target\$" -fuzztime 20s
	done
done
