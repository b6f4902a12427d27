"""For pytest: which test reaches which line; and the tests on a mutant, in order, each timed.

MUTANTS_REACH names the file to write the first to, MUTANTS_PLAN that which asks for the second.
"""

import faulthandler
import functools
import json
import os
import sys
import time
from collections import defaultdict
from contextlib import contextmanager
from pathlib import Path

import pytest

REACH, PLAN = os.environ.get("MUTANTS_REACH"), os.environ.get("MUTANTS_PLAN")


def pytest_configure(config):
    if REACH:
        config.pluginmanager.register(Reach(Path(REACH)))
    if PLAN:
        config.pluginmanager.register(Trial(Path(PLAN)))


class Reach:
    """Notes the lines of lowcap that each test runs, those of its fixtures among them."""

    def __init__(self, out: Path):
        import coverage

        self.out = out
        self.sources = Path(os.environ["PYTHONPATH"])
        self.coverage = coverage.Coverage(
            data_file=None, config_file=False, include=[f"{self.sources}/*"]
        )
        self.coverage.start()
        self.contexts = [""]
        self.seconds: dict[str, float] = {}
        self.used: dict[str, set[str]] = defaultdict(set)
        """The contexts of the fixtures that a test or a fixture asks for."""

    @contextmanager
    def context(self, name):
        self.contexts.append(name)
        self.coverage.switch_context(name)
        yield
        self.contexts.pop()
        self.coverage.switch_context(self.contexts[-1])

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item):
        forget()
        start = time.perf_counter()
        with self.context(item.nodeid):
            result = yield
        self.seconds[item.nodeid] = time.perf_counter() - start
        return result

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_teardown(self, item):
        self.used[item.nodeid] |= set(map("fixture {}".format, item._request._fixture_defs))
        return (yield)

    @pytest.hookimpl(wrapper=True)
    def pytest_fixture_setup(self, fixturedef, request):
        name = f"fixture {fixturedef.argname}"
        before = set(request._fixture_defs)
        with self.context(name):
            result = yield
        asked = {*fixturedef.argnames, *(set(request._fixture_defs) - before)}
        self.used[name] |= set(map("fixture {}".format, asked)) - {name}
        return result

    def pytest_runtest_logreport(self, report):
        if report.failed or report.skipped:
            self.seconds[report.nodeid] = float("nan")

    def pytest_sessionfinish(self):
        self.coverage.stop()
        data = self.coverage.get_data()
        of_context: dict[str, set[tuple[str, int]]] = defaultdict(set)
        for file in data.measured_files():
            for line, contexts in data.contexts_by_lineno(file).items():
                for context in contexts:
                    of_context[context].add((str(Path(file).relative_to(self.sources)), line))
        tests = {}
        for test, seconds in self.seconds.items():
            if seconds == seconds:  # it passed
                lines = set().union(*(of_context[c] for c in self.all_used(test)))
                tests[test] = {"seconds": round(seconds, 3), "lines": by_file(lines)}
        self.out.write_text(json.dumps(tests))

    def all_used(self, context):
        """A context and all those below it."""
        found, new = set(), {context}
        while new:
            found |= new
            new = set().union(*(self.used[c] for c in new)) - found
        return found


def by_file(lines):
    files = defaultdict(list)
    for file, line in sorted(lines):
        files[file].append(line)
    return files


def forget():
    """Let the next test trace and compute again what an earlier one left in a cache."""
    if "jax" in sys.modules:
        sys.modules["jax"].clear_caches()
    for name, module in list(sys.modules.items()):
        if name.startswith("lowcap"):
            for value in list(vars(module).values()):
                if isinstance(value, functools._lru_cache_wrapper):
                    value.cache_clear()


class Trial:
    """Runs the tests of a plan in its order; ends the process when one is out of its time."""

    def __init__(self, plan: Path):
        self.limits: dict[str, float] = json.loads(plan.read_text())
        self.told = plan.with_suffix(".last")
        """The test that runs, or that failed."""

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items):
        order = {test: i for i, test in enumerate(self.limits)}
        items[:] = sorted((i for i in items if i.nodeid in order), key=lambda i: order[i.nodeid])

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item):
        self.told.write_text(item.nodeid)
        faulthandler.dump_traceback_later(self.limits[item.nodeid], exit=True)
        try:
            return (yield)
        finally:
            faulthandler.cancel_dump_traceback_later()
