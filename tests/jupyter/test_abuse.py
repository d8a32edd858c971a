"""What students, broken clients and bad luck do to a kernel. After each, it answers and the state is there; or, after a
fatal error of the Go runtime alone, the loss is named."""
import os
import signal
import time

import psutil
import pytest
from front import GREETING, Front, dial, ready
from jupyter_client.session import Session


@pytest.fixture(scope="module")
def shared():
    with Front() as front:
        yield front


@pytest.fixture
def front(shared):
    """A kernel with state, which must be there afterwards."""
    shared.drain()
    assert shared.run("state := 41").status == "ok"
    yield shared
    shared.drain()
    done = shared.run("state++\nstate")
    assert (done.status, done.value) == ("ok", "42")
    assert shared.manager.is_alive()
    with Front(shared.manager) as another:  # others can still connect
        assert another.run("state").value == "42"


@pytest.fixture
def mortal(shared):
    """A kernel whose session may die."""
    shared.drain()
    assert shared.run("state := 41").status == "ok"
    yield shared
    shared.drain()
    assert shared.manager.is_alive()
    assert shared.run("state := 1\nstate").value == "1"


def lost(front):
    """The next cell finds an empty session and a word about it, the one after that no word."""
    done = front.run("state")
    assert done.ename == "compile error" and "undefined: state" in done.evalue
    assert "are gone" in done.displays[0]["text/plain"]
    assert front.run("1 + 1").displays == []


def test_silent_clients(front):
    sockets = [dial(port, part) for port in front.ports().values() for part in [b"", GREETING[:5], GREETING] * 7]
    assert front.run("1 + 1").value == "2"
    with Front(front.manager) as another:
        assert another.run("2 + 2").value == "4"
    for s in sockets:
        s.close()


def test_garbage_greetings(front):
    for port in front.ports().values():
        for garbage in (b"GET / HTTP/1.1\r\n\r\n", bytes(100), b"\xff" * 100, os.urandom(1000), GREETING[:-1] + os.urandom(64)):
            s = dial(port, garbage)
            s.close()


def test_truncated_and_oversized_frames(front):
    for port in front.ports().values():
        for frame in (b"\x00\x10abc", b"\x02\x7f" + b"\xff" * 7, b"\x03" + (1 << 62).to_bytes(8, "big"), b"\xf8\x01x", b"\x01\x00" * 10000, b"\x02\x00"):
            s = dial(port, ready("SUB" if port == front.ports()["iopub"] else "DEALER"), frame)
            s.close()


def test_wrong_keys(front):
    for key, copies in ((b"wrong", 1), (b"", 1), (front.client.session.key, 2)):  # the last is a replay
        session = Session(key=key)
        m = session.serialize(session.msg("execute_request", {"code": "state = 0"} if copies == 1 else {"code": "state = state"}))
        for _ in range(copies):
            front.client.shell_channel.socket.send_multipart(m)
    last = front.begin("1")
    answers = []
    while not answers or answers[-1] != last:
        m = front.next("shell")
        answers.append(m["parent_header"]["msg_id"])
    assert len(answers) == 2  # to the valid message, once, and to the last


@pytest.mark.long
def test_flood(front):
    ids = {front.send("kernel_info_request") for _ in range(10000)}
    while ids:
        ids.discard(front.next("shell")["parent_header"]["msg_id"])


@pytest.mark.long
def test_subscriber_that_never_reads(front):
    deaf = dial(front.ports()["iopub"], ready("SUB"), b"\x00\x01\x01")
    done = front.run('for i := 0; i < 40; i++ { fmt.Println(strings.Repeat("x", 1<<20)) }')
    assert done.status == "ok" and len(done.text["stdout"]) == 40 * ((1 << 20) + 1)
    deaf.close()


def test_client_disconnects_in_mid_cell(front):
    gone = Front(front.manager)
    gone.until(gone.begin('fmt.Println("started")\nfor { state = 41; time.Sleep(time.Millisecond) }'), "started")
    gone.close()
    front.interrupt()


def test_interrupt_storm(front):
    pid = front.manager.provisioner.pid
    for code in ("for { }", "time.Sleep(time.Hour)", "<-make(chan int)"):
        cell = front.begin(f'fmt.Println("started")\n{code}')
        front.until(cell, "started")
        for _ in range(200):
            os.kill(pid, signal.SIGINT)
        assert front.finish(cell).ename == "interrupted"
    for _ in range(200):
        os.kill(pid, signal.SIGINT)


def test_terminal_interrupt_is_not_for_the_cells(front):
    for process in psutil.Process(front.manager.provisioner.pid).children():
        process.send_signal(signal.SIGINT)
    assert front.run("state").value == "41"


@pytest.mark.long
def test_a_million_lines(front):
    done = front.run('for i := 0; i < 1000000; i++ { fmt.Println("line", i) }')
    assert done.status == "ok"
    assert done.text["stdout"] == "".join(f"line {i}\n" for i in range(1000000))
    assert done.streams < 1000


@pytest.mark.long
def test_100_megabytes_in_one_output(front):
    done = front.run('fmt.Print(strings.Repeat("0123456789", 10<<20))')
    assert done.status == "ok" and len(done.text["stdout"]) == 100 << 20
    done = front.run('display.HTML(strings.Repeat("0123456789", 1<<19))')
    assert done.status == "ok" and len(done.displays[0]["text/html"]) == 5 << 20


def test_deep_recursion(front):
    done = front.run("func deeper(n int) int { return deeper(n+1) + 1 }\ndeeper(0)")
    assert (done.status, done.ename) == ("error", "panic") and "stack overflow" in done.evalue


def test_panics_and_exits(front):
    for code, ename in {
        'panic("boom")': "panic",
        "os.Exit(3)": "exit",
        'log.Fatal("bye")': "exit",
        'go func() { panic("aside") }()\ntime.Sleep(time.Second)': "panic",
        'time.AfterFunc(time.Millisecond, func() { panic("late") })\ntime.Sleep(time.Second)': "panic",
        "var p *int\n*p = 1": "panic",
        "[]int{}[len(os.Args)+5]": "panic",
        "close((chan int)(nil))": "panic",
    }.items():
        assert front.run(code).ename == ename, code


FATAL = {
    "concurrent map writes": "m := map[int]int{}\nfor g := 0; g < 8; g++ { go func() { for i := 0; ; i++ { m[i%10] = i } }() }\ntime.Sleep(time.Minute)",
    "sync: unlock of unlocked mutex": "var mu sync.Mutex\nmu.Unlock()",
    "out of memory": "huge := make([]byte, 1<<46)\nlen(huge)",
    "signal: killed": 'exec.Command("sh", "-c", "kill -9 $PPID").Run()\ntime.Sleep(time.Minute)',
}


@pytest.mark.parametrize("reason", FATAL)
def test_fatal_errors(mortal, reason):
    done = mortal.run('import "os/exec"\nfmt.Println("before")\n' + FATAL[reason])
    assert done.ename == "fatal error" and reason in done.evalue
    assert done.text["stdout"] == "before\n"
    assert "the next cell starts in an empty one" in "".join(done.reply["content"]["traceback"])
    lost(mortal)


def test_killed_between_cells(mortal):
    for process in psutil.Process(mortal.manager.provisioner.pid).children():
        process.kill()
        psutil.wait_procs([process], timeout=10)
    deadline = time.monotonic() + 10
    while not psutil.Process(mortal.manager.provisioner.pid).children() and time.monotonic() < deadline:
        time.sleep(0.01)
    lost(mortal)


def test_fatal_error_in_a_subshell(mortal):
    sub = mortal.ask("create_subshell_request", channel="control")["subshell_id"]
    done = mortal.run(FATAL["sync: unlock of unlocked mutex"], subshell=sub)
    assert done.ename == "fatal error"
    lost(mortal)
    assert mortal.run("1 + 1", subshell=sub).value == "2"
    mortal.ask("delete_subshell_request", {"subshell_id": sub}, channel="control")


@pytest.mark.long
def test_a_cell_that_eats_memory():
    with Front(arguments=["--memory", "500MiB"]) as front:
        assert front.run("state := 41\nvar keep [][]byte").status == "ok"
        done = front.run("for { b := make([]byte, 1<<20); for i := range b { b[i] = 1 }; keep = append(keep, b) }")
        assert done.ename == "memory limit" and "the limit is 500 MiB" in done.evalue
        assert front.run("keep = nil\nruntime.GC()\nstate").value == "41"
        total = sum(p.memory_info().rss for p in psutil.Process(front.manager.provisioner.pid).children())
        assert total < 1 << 30


TRAINING = """\
x := dl.Randn(2048, 64)
y := x.Sum(1).Greater(0).Cast(dl.Int64)
model := nn.Sequential(nn.Dense(64), nn.ReLU(), nn.Dense(2))
fmt.Println("training")
model.Fit(x, y, nn.FitOptions{Epochs: 100000, Batch: 32, Optimizer: opt.SGD(0.01), Loss: nn.SoftmaxCrossEntropy, Seed: 1})
"""


def test_restart_in_the_middle_of_training():
    with Front() as front:
        front.until(front.begin(TRAINING), "training")
        children = psutil.Process(front.manager.provisioner.pid).children()
        front.client.stop_channels()
        front.manager.restart_kernel(now=False)
        gone, alive = psutil.wait_procs(children, timeout=10)
        assert not alive
        with Front(front.manager) as again:
            assert again.run("model").ename == "compile error"
            assert again.run("1 + 1").value == "2"


def test_interrupt_training_and_go_on():
    with Front() as front:
        cell = front.begin(TRAINING)
        front.until(cell, "training")
        front.interrupt()
        done = front.finish(cell)
        assert done.status in ("ok", "error")
        assert front.run("model.Predict(x).Shape()").value == "[2048 2]"


def test_kernel_killed_takes_its_cells_along():
    with Front() as front:
        cell = front.begin('fmt.Println("started")\nfor { }')
        front.until(cell, "started")
        children = psutil.Process(front.manager.provisioner.pid).children()
        os.kill(front.manager.provisioner.pid, signal.SIGKILL)
        gone, alive = psutil.wait_procs(children, timeout=10)
        assert not alive
