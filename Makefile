# Every target sets up what it needs; `make help` lists them.
.DEFAULT_GOAL := help
.PHONY: help demo test lint test-qgis test-training bench package stage setup-qgis setup-training clean

QGIS := QT_QPA_PLATFORM=offscreen .venv/qgis/bin/python
TRAINING := .venv/training/bin/python

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 24

demo: setup-qgis stage ## make a sample scene (or take SCENE=/path/to/product) and map it
	@$(QGIS) -m demo $(if $(SCENE),--scene "$(SCENE)") $(if $(OUT),--output "$(OUT)")

test: lint test-qgis test-training ## run every check and test

lint: setup-training
	$(TRAINING) -m ruff check .
	$(TRAINING) -m ruff format --check .
	$(TRAINING) -m mypy

test-qgis: setup-qgis
	$(QGIS) -m pytest tests/core tests/algorithms tests/packaging

test-training: setup-training
	$(TRAINING) -m pytest tests/core tests/training

bench: ## run a benchmark: make bench NAME=sharpening
	@scripts/bench.sh "$(NAME)"

package: setup-qgis ## build the installable build/s2landcover_plugin.zip
	$(QGIS) scripts/package.py

stage: setup-qgis
	@$(QGIS) scripts/package.py --stage-only

setup-qgis:
	@scripts/setup.sh qgis

setup-training:
	@scripts/setup.sh training

clean: ## delete what was built; environments stay
	rm -rf build demo-output .mypy_cache .pytest_cache .ruff_cache
