"""Measures kernels through jupyter_client, as a person would feel them: start, small cells, printing, interrupts, memory.

    build/venv/bin/python tests/jupyter/bench.py [--runs 10] [--json FILE] [KERNEL ...]

The default is fluxion and python3 (ipykernel), measured in turn in one run: figures of different runs, let alone machines,
say nothing about each other. Times are medians in milliseconds, from the moment before a request is sent to the moment
after its answer is decoded; memory is the resident size of the kernel and its children, shared pages counted for each.
"""
import argparse
import collections
import json
import os
import queue
import statistics
import time

import conftest  # noqa: F401  installs build/fluxion where Jupyter finds it
import psutil
import zmq
from jupyter_client.manager import KernelManager

Cells = collections.namedtuple("Cells", "trivial library lines loop loop_says state_set state_get state")
GO = Cells(
    trivial=["x := 3", "x", "x = x + 1"],
    library="dl.Ones(2, 2).Sum().Item()",
    lines='for i := 0; i < 10000; i++ { fmt.Println("line", i) }',
    loop='fmt.Println("on")\nfor { }',
    loop_says="on",
    state_set="state := 41",
    state_get="fmt.Println(state)",
    state="41",
)
PYTHON = Cells(
    trivial=["x = 3", "x", "x = x + 1"],
    library="import math; math.fsum([1, 1])",
    lines='for i in range(10000): print("line", i)',
    loop='print("on", flush=True)\nwhile True: pass',
    loop_says="on",
    state_set="state = 41",
    state_get="print(state)",
    state="41",
)
WANTED = {
    "start to first cell done": "< 100",
    "trivial cell": "< 1",
    "10,000 lines": "< 40",
    "10,000 lines, messages": "< 10",
    "interrupt to reply": "< 50",
    "state kept": "True",
    "control answers a busy kernel": "< 50",
    "idle memory, MiB": "< 80",
}
now = time.perf_counter


class Kernel:
    def __init__(self, name):
        self.context = zmq.Context()
        self.context.setsockopt(zmq.RECONNECT_IVL, 5)  # the default of 100 ms would be what is measured
        self.manager = KernelManager(kernel_name=name, context=self.context)

    def start(self, cell):
        """Returns the seconds until a first cell is done."""
        t = now()
        self.manager.start_kernel(stdout=-3, stderr=-3)
        self.client = self.manager.client()
        self.client.start_channels(hb=False)
        self.reply(self.client.execute(cell, allow_stdin=False))
        return now() - t

    def reply(self, msg_id, channel="shell"):
        while True:
            m = getattr(self.client, f"get_{channel}_msg")(timeout=60)
            if m["parent_header"].get("msg_id") == msg_id:
                return m["content"]

    def settle(self):
        """Waits until iopub is subscribed, and nothing is left to read."""
        while True:
            self.reply(self.client.kernel_info())
            try:
                self.client.get_iopub_msg(timeout=0.2)
                break
            except queue.Empty:
                pass
        self.drain()

    def drain(self):
        try:
            while True:
                self.client.get_iopub_msg(timeout=0.1)
        except queue.Empty:
            pass

    def time_cell(self, code):
        t = now()
        reply = self.reply(self.client.execute(code, allow_stdin=False))
        t = now() - t
        assert reply["status"] == "ok", reply
        return t

    def watch(self, code, until=None):
        """Runs a cell until it is idle, or until it says something; returns the seconds, its text and its stream messages."""
        t = now()
        msg_id = self.client.execute(code, allow_stdin=False)
        text, streams = "", 0
        while True:
            m = self.client.get_iopub_msg(timeout=60)
            if m["parent_header"].get("msg_id") != msg_id:
                continue
            if m["msg_type"] == "stream":
                text += m["content"]["text"]
                streams += 1
            if until and until in text:
                return msg_id, text, streams
            if m["msg_type"] == "status" and m["content"]["execution_state"] == "idle":
                t = now() - t
                self.reply(msg_id)
                return t, text, streams

    def memory(self):
        process = psutil.Process(self.manager.provisioner.pid)
        return sum(p.memory_info().rss for p in [process, *process.children(recursive=True)]) / 2**20

    def stop(self):
        self.manager.shutdown_kernel(now=True)
        self.client.stop_channels()
        self.context.destroy(linger=0)


def measure(name, cells, runs):
    ms = lambda seconds: round(1000 * statistics.median(seconds), 2)
    rows = {}
    starts = []
    for _ in range(runs):
        k = Kernel(name)
        starts.append(k.start(cells.trivial[0]))
        k.stop()
    rows["start to first cell done"] = ms(starts)

    k = Kernel(name)
    k.start(cells.trivial[0])
    k.settle()
    k.time_cell(cells.library)
    time.sleep(1)
    rows["idle memory, MiB"] = round(k.memory(), 1)
    rows["trivial cell"] = ms(k.time_cell(c) for _ in range(10 * runs) for c in cells.trivial)
    k.drain()
    lines = [k.watch(cells.lines) for _ in range(runs)]
    assert all(text == "".join(f"line {i}\n" for i in range(10000)) for _, text, _ in lines)
    rows["10,000 lines"] = ms(t for t, _, _ in lines)
    rows["10,000 lines, messages"] = max(n for _, _, n in lines)
    k.time_cell(cells.state_set)
    interrupts, controls = [], []
    for _ in range(runs):
        cell, _, _ = k.watch(cells.loop, until=cells.loop_says)
        time.sleep(0.2)
        t = now()
        m = k.client.session.msg("kernel_info_request")
        k.client.control_channel.send(m)
        k.reply(m["header"]["msg_id"], "control")
        controls.append(now() - t)
        t = now()
        k.manager.interrupt_kernel()
        k.reply(cell)
        interrupts.append(now() - t)
        k.drain()
    rows["interrupt to reply"] = ms(interrupts)
    rows["control answers a busy kernel"] = ms(controls)
    rows["state kept"] = k.watch(cells.state_get)[1].strip() == cells.state
    k.stop()
    return rows


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("kernels", nargs="*", default=["fluxion", "python3"])
    parser.add_argument("--runs", type=int, default=10)
    parser.add_argument("--json")
    options = parser.parse_args()
    load = os.getloadavg()
    results = {name: measure(name, PYTHON if name.startswith("python") else GO, options.runs) for name in options.kernels}
    print(f"load before and after: {load[0]:.1f}, {os.getloadavg()[0]:.1f}; {options.runs} runs; milliseconds unless it says otherwise")
    print("| | wanted |" + "".join(f" {name} |" for name in results))
    print("| --- |" + " --- |" * (len(results) + 1))
    for row, wanted in WANTED.items():
        print(f"| {row} | {wanted} |" + "".join(f" {r[row]} |" for r in results.values()))
    if options.json:
        with open(options.json, "w") as f:
            json.dump({"load": load, "runs": options.runs, "results": results}, f, indent=1)


if __name__ == "__main__":
    main()
