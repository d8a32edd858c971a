"""The line protocol between the benchmark and a peer.

The benchmark writes "case seconds" on a line; the peer answers with one JSON
object: {"case": ..., "seconds": median time of a step} or {"error": ...}.
Between two lines the peer rests, so that the machine is free for others.
"""
import json
import sys
import time


def measure(step, seconds):
    """Returns the median time of a step, measured in chunks of 50 ms or more."""
    step()
    begin = time.perf_counter()
    step()
    once = time.perf_counter() - begin
    inner = max(1, round(0.05 / max(once, 1e-7)))
    times, end = [], time.perf_counter() + seconds
    while not times or time.perf_counter() < end:
        begin = time.perf_counter()
        for _ in range(inner):
            step()
        times.append((time.perf_counter() - begin) / inner)
    return sorted(times)[len(times) // 2]


def serve(version, cases):
    """Answers requests. cases maps names to functions that return a step."""
    reply = lambda **answer: print(json.dumps(answer), flush=True)
    reply(version=version, cases=sorted(cases))
    steps = {}
    for line in sys.stdin:
        name, seconds = line.split()
        try:
            if name not in steps:
                steps[name] = cases[name]()
            reply(case=name, seconds=measure(steps[name], float(seconds)))
        except Exception as error:  # told to the benchmark, which goes on
            reply(case=name, error=f"{type(error).__name__}: {error}"[:300])
