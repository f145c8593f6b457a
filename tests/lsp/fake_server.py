"""Starts the language server with a scorer that follows plain rules, so that tests know what to expect.

Usage: python fake_server.py OPTIONS-AS-JSON. Options: `delay` (seconds a case), `log` (file that gets the name of
each scored case), `broken` (message with which loading fails), `model` (model id), `slow_load` (seconds),
`crash_in_lenses`, `port` (listens there).
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from runfree.errors import RunfreeError
from runfree.lsp import features
from runfree.lsp.run import run
from runfree.sample import Evidence, NewLine, Prediction


class FakeScorer:
    """`will_fail` in a test's text, or BROKEN in the focal file: it fails. `redundant`: no gains. `crash`: raises."""

    def __init__(self, options):
        self.thresholds = {
            code: {"default": value} for code, value in (("RF001", 0.3), ("RF002", 0.2), ("RF003", 0.2))
        }
        self.calibrated = ("python",)
        self._options = options
        self.model_id = options.get("model", "fake 1")
        time.sleep(options.get("slow_load", 0))
        print("this would break the protocol if it went to standard output")

    def score_cases(self, cases):
        return [self._score(case) for case in cases]

    def _score(self, case):
        text = case.candidate.text
        if self._options.get("log"):
            with Path(self._options["log"]).open("a") as log:
                log.write(case.candidate.qualified_name + "\n")
        time.sleep(self._options.get("delay", 0))
        if "crash" in text:
            raise ZeroDivisionError("a bug in the scorer")
        fails = "will_fail" in text or "BROKEN" in case.focal.text
        redundant = "redundant" in text
        gain = 0.02 if fails or redundant else 0.8
        similar = case.existing[0].qualified_name if case.existing else ""
        evidence = ()
        if fails:
            line = case.candidate.name_span.start_line + case.candidate_offset
            evidence = (Evidence("rule", "it says that it will fail", case.test_path, line, weight="fails"),)
        return Prediction(
            passes=0.05 if fails else 0.93,
            coverage_gain=gain if not fails else 0.02,
            mutation_gain=gain / 2,
            new_lines=() if gain < 0.5 else (NewLine(2, 0.8),),
            evidence=evidence,
            similar_test=similar,
            calibrated=case.language in self.calibrated,
        )


def main() -> None:
    options = json.loads(sys.argv[1]) if len(sys.argv) > 1 else {}

    def load():
        if options.get("broken"):
            raise RunfreeError(options["broken"])
        return FakeScorer(options)

    if options.get("crash_in_lenses"):  # a bug of the server's own
        features.lenses = lambda *_, **__: 1 / 0
    tcp = ("127.0.0.1", options["port"]) if "port" in options else None
    run(tcp, scorer_factory=load, log_level="WARNING")


main()
