"""A session of very many cells stays as small and as fast as it was."""
import os
import statistics
import time

import psutil
import pytest
from front import Front

CELLS = int(os.environ.get("FLUXION_SOAK", "100000"))
WINDOW = CELLS // 10


def cell(i):
    """What people write: values, definitions made anew, output, displays, mistakes."""
    return [
        "n++",
        f"x := {i}",
        "x * 2",
        f"func f(a int) int {{ return a + {i} }}",
        "f(x)",
        'fmt.Println("n is", n)',
        "type T struct{ A int }",
        "T{n}",
        f'display.HTML("<b>{i}</b>")',
        "undefinedName" if i % 20 == 9 else "big := make([]byte, 1<<20)",
    ][i % 10]


@pytest.mark.long
def test_soak():
    with Front() as front:
        front.run("n := 0")
        kernel = psutil.Process(front.manager.provisioner.pid)
        processes = [kernel, *kernel.children()]
        memory, latency, times = [], [], []
        for i in range(CELLS):
            t = time.perf_counter()
            done = front.run(cell(i))
            times.append(time.perf_counter() - t)
            assert done.status == ("error" if i % 20 == 9 else "ok"), (cell(i), done.evalue)
            if len(times) == WINDOW:
                memory.append(sum(p.memory_info().rss for p in processes) >> 20)
                latency.append(statistics.median(times) * 1000)
                times = []
        print("MiB after each tenth:", memory, "median ms:", [round(x, 2) for x in latency])
        assert front.run("n").value == str(CELLS // 10)
        # The first tenth fills caches. Half as much again bounds what a collector may leave about.
        assert memory[-1] < 1.5 * memory[1]
        assert statistics.median(latency[-3:]) < 1.5 * statistics.median(latency[:3])
