"""For pytest, in a trial's process: notes which test reaches which line, or keeps to a plan.

MUTANTS_REACH names the file to write the first to, MUTANTS_PLAN the one to read the second from.
"""

import faulthandler
import functools
import json
import os
import sys
import time
from pathlib import Path

import pytest


def pytest_configure(config):
    for variable, plugin in (("MUTANTS_REACH", Reach), ("MUTANTS_PLAN", Plan)):
        if variable in os.environ:
            config.pluginmanager.register(plugin(Path(os.environ[variable])))


class Reach:
    """Notes each passing test's seconds and the lines of the package that it runs.

    What a fixture runs for several tests counts for all of them.
    """

    def __init__(self, out: Path):
        from coverage import Coverage

        self.out, self.sources = out, Path(os.environ["PYTHONPATH"])
        self.coverage = Coverage(data_file=None, config_file=False, include=[f"{self.sources}/*"])
        self.coverage.start()
        self.seconds: dict[str, float] = {}

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item):
        forget()
        start = time.perf_counter()
        self.coverage.switch_context(item.nodeid)
        result = yield
        self.coverage.switch_context("")
        if item.nodeid not in self.seconds:
            self.seconds[item.nodeid] = time.perf_counter() - start
        return result

    @pytest.hookimpl(wrapper=True)
    def pytest_fixture_setup(self, fixturedef, request):
        if fixturedef.scope != "function":
            self.coverage.switch_context("fixtures")
        result = yield
        self.coverage.switch_context(os.environ["PYTEST_CURRENT_TEST"].rpartition(" ")[0])
        return result

    def pytest_runtest_logreport(self, report):
        if not report.passed:
            self.seconds[report.nodeid] = -1

    def pytest_sessionfinish(self):
        self.coverage.stop()
        data = self.coverage.get_data()
        passed = {test: round(s, 2) for test, s in self.seconds.items() if s >= 0}
        tests = {test: {"seconds": s, "lines": {}} for test, s in passed.items()}
        for file in data.measured_files():
            name = str(Path(file).relative_to(self.sources))
            for line, contexts in data.contexts_by_lineno(file).items():
                for test in passed if "fixtures" in contexts else passed.keys() & set(contexts):
                    tests[test]["lines"].setdefault(name, []).append(line)
        self.out.write_text(json.dumps(tests))


def forget():
    """Let the next test trace and compute again what an earlier one left in a cache."""
    if "jax" in sys.modules:
        sys.modules["jax"].clear_caches()
    for name, module in list(sys.modules.items()):
        for value in list(vars(module).values()) if name.startswith("lowcap") else ():
            if isinstance(value, functools._lru_cache_wrapper):
                value.cache_clear()


class Plan:
    """Runs the tests of a plan in its order, and ends the process when one is out of its time."""

    def __init__(self, path: Path):
        self.limits: dict[str, float] = json.loads(path.read_text())
        self.running = path.with_suffix(".running")

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items):
        order = {test: place for place, test in enumerate(self.limits)}
        planned = [item for item in items if item.nodeid in order]
        planned.sort(key=lambda item: order[item.nodeid])
        # A mistake in a table gives tests for its rows other names.
        items[:] = planned + [i for i in items if i.nodeid not in order and room_of(i) in order]

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item):
        self.running.write_text(item.nodeid)
        limit = self.limits.get(item.nodeid) or self.limits[room_of(item)]
        faulthandler.dump_traceback_later(limit, exit=True)
        result = yield
        faulthandler.cancel_dump_traceback_later()
        return result


def room_of(item):
    return item.nodeid.split("::")[0].rpartition("/")[0] + "/"
