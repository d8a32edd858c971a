# One command each for build, test, lint, notebooks and benchmarks. CI calls
# test.sh, which needs no make.

.PHONY: build test lint notebooks full e2e peers bench generate demo

build: ## the fluxion command, in build/
	CGO_ENABLED=0 go build -o build/fluxion .

test: ## everything that must hold on every commit
	sh ./test.sh

lint: ## formatting, go vet, staticcheck and the house rules
	sh ./tests/lint.sh

notebooks: build ## writes notebooks/*.ipynb from their sources and runs them
	go run ./notebooks/author notebooks/*.md
	./build/fluxion run --out build/pages notebooks/*.ipynb

demo: ## the main job on embedded data
	go run . demo

full: test ## the long checks: Go's own programs, stress of the collector, fuzzing
	sh ./tests/full.sh

e2e: build ## JupyterLab's page in a headless Chromium, which the machine must have
	sh ./tests/e2e/run.sh

peers: ## what bench measures fluxion against, in build/peers (several GB)
	python3 -m venv build/peers
	build/peers/bin/pip install -r bench/peers/requirements.txt

bench: build ## fluxion against the peers that are installed, into bench/RESULTS.md, and the benchmarks of the packages
	go run ./bench -out bench/RESULTS.md
	sh tests/jupyter/setup.sh
	build/venv/bin/python tests/jupyter/bench.py
	go test -run '^$$' -bench . -benchtime 1s ./dl/... ./interp/... ./display/...

generate: ## every generated file
	go generate ./...
