#!/usr/bin/python3 -B
"""The bench: ours and what it is held against, in the same run, in turns.

    bench.py --bin BUILD [--quick] [--record] [--only PART,...] [--records N]

Parts: small (machine, CURVE, one record at rest, fan-out), pair (end to end against JetStream,
catch-up, a sync with nothing new), big (import and lookups at N records).  Every figure is the median of
its rounds; ratios are made round by round, of figures taken one after the other.
"""

import argparse
import os
import platform
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import time

from nodes import Failure, JetStream, Node, Program, Proxy, Sampler, processes_written
from report import Report, median

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
# a word of the text, as the predicate language asks for it
TEXT_QUESTION = os.environ.get("BENCH_TEXT", 'words = "%s"')
RECEIPT_BYTES, ONE_BYTES, FULL_BYTES = 700, 1100, 190 * 1024


class Plan:
    """How much of everything: the whole form, and the one of under three minutes."""

    def __init__(self, is_quick, records):
        self.rounds = 5 if is_quick else 9
        self.records = records or (600_000 if is_quick else 10_000_000)
        self.block = 50_000 if is_quick else 100_000  # of one round
        self.near = 100_000  # the size that one's own rate is held against
        self.ordinary = 100_000 if is_quick else 1_000_000
        self.there = 50_000 if is_quick else 500_000
        self.sent = 40_000 if is_quick else 200_000
        self.synchronous = 1_000 if is_quick else 5_000
        self.catch_up = 100_000 if is_quick else 700_000
        self.lookups = 200 if is_quick else 1_000
        self.at_rest = 20 if is_quick else 100
        self.fan_peers = [200] if is_quick else [10, 50, 100, 200]
        self.fan_rounds = 5 if is_quick else 15


class Bench:
    def __init__(self, options):
        self.bin = os.path.abspath(options.bin)
        self.malla = os.path.join(self.bin, "malla")
        self.mallad = os.path.join(self.bin, "mallad")
        self.plan = Plan(options.quick, options.records)
        self.out = os.path.join(self.bin, "bench")
        self.work = os.path.join(self.out, "work")
        shutil.rmtree(self.work, ignore_errors=True)
        os.makedirs(self.work)
        self.next_row = 0
        self.open_nodes = []
        self.servers = []
        self.need_space(options)
        title = "The bench, short form" if options.quick else "The bench"
        self.report = Report(self.out, title)

    def need_space(self, options):
        """About 700 bytes a record of ours and 600 of each floor, with a write-ahead log and slack."""
        wanted = (3 if "big" in options.only else 1) * 10 ** 9 + (
            self.plan.records * 1600 if "big" in options.only else 0)
        free = shutil.disk_usage(self.work).free
        if free < wanted:
            raise Failure(f"{self.work} has {free / 1e9:.0f} GB free, and {wanted / 1e9:.0f} are wanted")

    def program(self, name):
        return os.path.join(self.bin, "tests", "bench", name)

    def path(self, name):
        return os.path.join(self.work, name)

    def node(self, name, **more):
        node = Node(self, name, **more)
        self.open_nodes.append(node)
        return node.start()

    def rows(self, count):
        """A CSV file of rows that were not there before."""
        path = self.path("rows.csv")
        with open(path, "w") as f:
            subprocess.run([self.program("rows"), str(self.next_row), str(count)], stdout=f, check=True)
        self.next_row += count
        return path

    def close(self):
        for node in self.open_nodes:
            node.stop()
        for server in self.servers:
            server.kill()
            server.wait()
        shutil.rmtree(self.work, ignore_errors=True)


# ---------------------------------------------------------------- small things

def small(bench):
    """R3, R5: the machine's and CURVE's own figures; O3: one record at rest; O4: fan-out."""
    plan, report = bench.plan, bench.report
    machine = Program(bench.program("primitives"), bench.path("sync"))
    curve = Program(bench.program("curve"), "200")
    figures = {}

    def note(key, value):
        figures.setdefault(key, []).append(value)

    a, b = bench.node("rest-a"), bench.node("rest-b")
    a.befriend(b)
    a.malla("share", "indicator", "domain", "first.example", "--tlp", "green", "-q")
    a.wait_receipted(b, 1)
    for _ in range(plan.rounds):
        for key, value in machine.ask(200).items():
            note(key, value)
        note("rtt_one", curve.ask(f"rtt {ONE_BYTES} {RECEIPT_BYTES} 500")["rtt_us"])
        note("rtt_full", curve.ask(f"rtt {FULL_BYTES} {RECEIPT_BYTES} 100")["rtt_us"])
        for name, size, count in (("one", ONE_BYTES, 20000), ("full", FULL_BYTES, 1000)):
            flow = curve.ask(f"flow {size} {count}")
            note(f"flow_{name}", flow["frames_per_s"])
            note(f"send_{name}", flow["send_cpu_us"])
            note(f"receive_{name}", flow["receive_cpu_us"])
        note("fan_one", curve.ask(f"fan {ONE_BYTES} 0 2")["cpu_us"])
        note("fan_full", curve.ask(f"fan {FULL_BYTES} 0 1")["cpu_us"])
        for key, value in at_rest(bench, a, b).items():
            note(key, value)
    machine.close()
    curve.close()
    a.discard()
    b.discard()
    for key, what, name, unit in (
            ("R5", "fsync of one block", "fsync_us", "µs"),
            ("R5", "Ed25519 signature", "sign_us", "µs CPU"),
            ("R5", "Ed25519 verification", "verify_us", "µs CPU"),
            ("R5", "X25519", "x25519_us", "µs CPU"),
            ("R3", "CURVE, a record's frame and its answer", "rtt_one", "µs"),
            ("R3", "CURVE, 190 KiB and its answer", "rtt_full", "µs"),
            ("R3", "CURVE, frames of a record", "flow_one", "/s"),
            ("R3", "CURVE, frames of 190 KiB", "flow_full", "/s"),
            ("R3", "CURVE, a record's frame in a stream, sent", "send_one", "µs CPU"),
            ("R3", "CURVE, a record's frame in a stream, received", "receive_one", "µs CPU"),
            ("R3", "CURVE, 190 KiB in a stream, sent", "send_full", "µs CPU"),
            ("R3", "CURVE, 190 KiB in a stream, received", "receive_full", "µs CPU"),
            ("R3", "CURVE, a record's frame to each of 200, sent", "fan_one", "µs CPU"),
            ("R3", "CURVE, 190 KiB to each of 200, sent", "fan_full", "µs CPU")):
        report.add(key, what, figures[name], unit)
    report.add("O3", "share accepted to receipt logged", figures["rest_us"], "µs")
    report.add("O3", "beside one CURVE round trip + one fsync", figures["rest_ratio"], "×", at_most=3)
    fan_out(bench)


def number_after(text, pattern):
    found = re.search(pattern, text)
    if not found:
        raise Failure(f"no {pattern!r} in: {text[-400:]}")
    return float(found.group(1))


def at_rest(bench, a, b):
    """One round of tests/bench/latency: medians over its samples, taken in turns."""
    text = subprocess.run([bench.program("latency"), a.home, b.home, str(bench.plan.at_rest)],
                          check=True, stdout=subprocess.PIPE, text=True).stdout
    return {"rest_us": number_after(text, r"share accepted to receipt logged\s+median\s+([\d.]+)"),
            "rest_ratio": number_after(text, r"receipted / \(round trip \+ fsync\)\s+median\s+([\d.]+)")}


def fan_out(bench):
    """tests/bench/fanout against peers that sign real receipts; it takes its own turns."""
    report, sizes = bench.report, {}
    for peers in bench.plan.fan_peers:
        cards = bench.path(f"cards-{peers}")
        os.makedirs(cards)
        subprocess.run([bench.program("fanout"), "cards", cards, str(peers)], check=True)
        node = bench.node(f"fan-{peers}")
        card = bench.path(f"fan-{peers}.card")
        node.malla("card", card, "-q")
        for name in sorted(os.listdir(cards)):
            node.malla("peer", "add", os.path.join(cards, name), "--yes", "-q")
        text = subprocess.run([bench.program("fanout"), "run", node.home, card, str(peers),
                               str(bench.plan.fan_rounds)],
                              check=True, stdout=subprocess.PIPE, text=True).stdout
        node.discard()
        for part in re.split(r"\n(?=\d+ records, frames)", text):
            if not re.match(r"\d+ records, frames", part):
                continue
            size = "one record" if part.startswith("1 ") else "a full batch"
            ours = number_after(part, r"\n  all\s+([\d.]+)")
            least = number_after(part, r"the least\s+([\d.]+)")
            ratios = re.search(r"ratio\s+([\d.]+)\s+quartiles ([\d.]+) ([\d.]+)", part)
            sizes[size] = (ours, least, [float(v) for v in ratios.group(2, 1, 3)])
            report.curve("fan-out", f"{size}, ours", peers, ours)
            report.curve("fan-out", f"{size}, the least", peers, least)
        memory = [float(v) for v in re.findall(r"([\d.]+) KiB a peer", text)]
    peers = bench.plan.fan_peers[-1]
    for size, (ours, least, ratios) in sizes.items():
        report.add("O4", f"to {peers} peers, {size}: the sending side a peer", [ours], "µs CPU")
        report.add("O4", f"to {peers} peers, {size}: beside sign + verify + X25519 + CURVE frame",
                   ratios, "×", at_most=2,
                   note=f"{size}: median and quartiles of {bench.plan.fan_rounds} rounds at most, in "
                        f"turns; the least is {least:.0f} µs")
    report.add("O4", f"memory of link a peer, {peers} connected", [max(memory)], "KiB", at_most=40)


# ---------------------------------------------------------------- end to end

def pair(bench):
    """O2 against R4; catch-up; a sync with nothing new (O6)."""
    plan, report = bench.plan, bench.report
    a, b = bench.node("pair-a"), bench.node("pair-b")
    a.befriend(b)
    done = 0
    a.import_file(bench.rows(plan.there))
    done += plan.there
    a.wait_receipted(b, done)
    each = JetStream(bench, "js-each", "each")
    batch = JetStream(bench, "js-all", "all")
    synchronous = None
    try:
        synchronous = JetStream(bench, "js-sync", "each", is_synchronous=True)
    except (subprocess.CalledProcessError, FileNotFoundError):
        pass  # no ext4, or not root: the row says so
    figures = {"ours": [], "each": [], "all": [], "sync": [], "cpu-a": [], "cpu-b": []}
    for turn in range(plan.rounds):
        steps = [lambda: figures["each"].append(each.rate(plan.sent)),
                 lambda: deliver(bench, a, b, done + (turn + 1) * plan.sent, figures),
                 lambda: figures["all"].append(batch.rate(plan.sent))]
        for step in steps if turn % 2 == 0 else reversed(steps):
            step()
        if synchronous:
            figures["sync"].append(synchronous.rate(plan.synchronous))
    done += plan.rounds * plan.sent
    for js in (each, batch, synchronous):
        if js:
            js.close()
    report.add("R4", "JetStream, every message acknowledged", figures["each"], "/s",
               note="two nats-servers joined as leaf node, stream and mirror in files, 500-byte messages, "
                    "libnats; as it comes, it fsyncs every two minutes")
    report.add("R4", "JetStream, one acknowledgement for 500 messages", figures["all"], "/s")
    report.add("R4", "JetStream, every write synchronous", figures["sync"], "/s",
               note="this version has no setting for it (sync_interval came later): its files stand in "
                    "folders marked chattr +S, so that every write waits for the disk"
                    + ("" if figures["sync"] else "; not possible on this file system or user"))
    report.add("O2", f"share at A to receipted at B, {plan.there:,} and more there", figures["ours"], "/s")
    report.add("O2", "CPU a record at A, with the client", figures["cpu-a"], "µs")
    report.add("O2", "CPU a record at B", figures["cpu-b"], "µs")
    report.add("O2", "beside JetStream, every message acknowledged",
               [x / y for x, y in zip(figures["ours"], figures["each"])], "×", at_least=1.5)
    report.add("O2", "beside JetStream, one acknowledgement for 500",
               [x / y for x, y in zip(figures["ours"], figures["all"])], "×")
    report.add("O2", "beside JetStream, every write synchronous",
               [x / y for x, y in zip(figures["ours"], figures["sync"])], "×")
    catch_up(bench, a, b, done, median(figures["ours"]))
    a.discard()
    b.discard()
    nothing_new(bench)


def deliver(bench, a, b, wanted, figures):
    path = bench.rows(bench.plan.sent)
    cpu = b.cpu()
    begin = time.monotonic()
    _, own = a.import_file(path)
    before = a.cpu()
    end = a.wait_receipted(b, wanted)
    figures["ours"].append(bench.plan.sent / (end - begin))
    figures["cpu-a"].append((own + a.cpu() - before) * 1e6 / bench.plan.sent)
    figures["cpu-b"].append((b.cpu() - cpu) * 1e6 / bench.plan.sent)


def catch_up(bench, a, b, done, steady):
    """A peer that was away, then one that is new."""
    report, plan = bench.report, bench.plan
    b.stop()
    a.import_file(bench.rows(plan.sent))
    begin = time.monotonic()
    b.start()
    rate = plan.sent / (a.wait_receipted(b, done + plan.sent) - begin)
    report.add("O6", f"a peer back after {plan.sent:,} records, from its start", [rate], "/s")
    report.add("O6", "beside steady delivery", [rate / steady], "×")
    c = bench.node("pair-c")
    begin = time.monotonic()
    a.befriend(c)
    waiting = a.peer(c)
    wanted = a.status()["records"] if waiting["queued"] + waiting["receipted"] > 0 else 0
    if wanted == 0:
        report.add("O6", "a new peer gets what is there", [], "/s",
                   note="a new peer is sent what is shared from then on, not what was there before")
        c.discard()
        return
    limit = min(wanted, plan.catch_up)
    rate = limit / (a.wait_receipted(c, limit) - begin)
    report.add("O6", f"a new peer catches up, the first {limit:,} of {wanted:,}", [rate], "/s")
    report.add("O6", "beside steady delivery", [rate / steady], "×")
    c.discard()


def nothing_new(bench):
    """Bytes through a proxy between two nodes, when one comes back and both have everything."""
    report = bench.report
    a = Node(bench, "sync-a")  # its card is written anew with the proxy's port
    a.discard()
    proxy = Proxy(a.port)
    a = Node(bench, "sync-a", endpoint=f"tcp://127.0.0.1:{proxy.port}")
    proxy.to = a.port
    bench.open_nodes.append(a)
    a.start()
    b = bench.node("sync-b", is_dialler=True)
    a.befriend(b)
    a.import_file(bench.rows(5000))
    a.wait_receipted(b, 5000)
    figures = []
    for _ in range(bench.plan.rounds):
        b.stop()
        time.sleep(0.5)
        before = proxy.bytes
        b.start()
        for _ in range(200):
            if b.peer(a)["state"] == "open":
                break
            time.sleep(0.05)
        time.sleep(2)
        if proxy.bytes == before:
            raise Failure("the nodes did not talk through the proxy")
        figures.append(proxy.bytes - before)
    proxy.close()
    report.add("O6", "a sync with nothing new, handshake included", figures, "bytes", at_most=10_000)
    a.discard()
    b.discard()


# ---------------------------------------------------------------- a large store

def blocks(plan):
    """1,000, 10,000, 100,000 records, then by even steps to the end."""
    sizes, there = [1000, 9000, 40_000, 50_000], 100_000
    step = max(50_000, plan.records // 40)
    while there < plan.records:
        size = min(step, plan.records - there)
        sizes.append(size)
        there += size
    return sizes


def big(bench):
    """O1: import beside the floors, from nothing to N; O5: lookups, memory, disk at N."""
    plan, report = bench.plan, bench.report
    node = bench.node("big")
    floor = Program(bench.program("floor"), bench.path("floor.db"), "append")
    ordinary = Program(bench.program("floor"), bench.path("ordinary.db"), "ordinary")
    sampler = Sampler(node)
    there = 0
    written = [node.written(), processes_written([floor.process.pid])]
    for turn, size in enumerate(blocks(plan)):
        path = bench.rows(size)
        if turn % 2:
            raw = floor.ask(size)["seconds"]
        took, cpu = node.import_file(path)
        if turn % 2 == 0:
            raw = floor.ask(size)["seconds"]
        there += size
        report.curve("import", "malla import", there, size / took)
        report.curve("import", "SQLite, append only", there, size / raw)
        report.curve("import-cpu", "CPU of node and client", there, cpu * 1e6 / size)
        if there <= plan.ordinary:
            report.curve("import", "SQLite, ordinary schema", there,
                         size / ordinary.ask(size)["seconds"])
        print(f"    {there:,}: {size / took:,.0f}/s, floor {size / raw:,.0f}/s", flush=True)
    report.add("O1", f"written to the disk a record, all of {there:,}",
               [(node.written() - written[0]) / there], "bytes")
    report.add("R1", f"written to the disk a record, all of {there:,}",
               [(processes_written([floor.process.pid]) - written[1]) / there], "bytes")
    rates = at_size(bench, node, floor, ordinary)
    ordinary.close()
    most = sampler.stop()
    ask_node(bench, node, rates, most)
    node.stop()
    floor.close()
    on_disk(bench, node)
    ask_store(bench, node, rates)
    node.discard()


def at_size(bench, node, floor, ordinary):
    """The rounds at N, each with one around 100,000 records in a fresh node and beside a fresh floor."""
    plan, report = bench.plan, bench.report
    figures = {"ours": [], "raw": [], "ordinary": [], "near": [], "near_raw": [], "cpu": []}
    for turn in range(plan.rounds):
        near = bench.node("near")
        near.import_file(bench.rows(plan.near - plan.block // 2))
        raw = Program(bench.program("floor"), bench.path("near.db"), "append")
        raw.ask(plan.near - plan.block // 2)
        path = bench.rows(plan.block)

        def ours():
            took, cpu = node.import_file(path)
            figures["ours"].append(plan.block / took)
            figures["cpu"].append(cpu * 1e6 / plan.block)

        steps = [ours,
                 lambda: figures["raw"].append(plan.block / floor.ask(plan.block)["seconds"]),
                 lambda: figures["near"].append(plan.block / near.import_file(path)[0]),
                 lambda: figures["near_raw"].append(plan.block / raw.ask(plan.block)["seconds"])]
        for step in steps if turn % 2 == 0 else reversed(steps):
            step()
        size = plan.block // 10
        figures["ordinary"].append(size / ordinary.ask(size)["seconds"])
        raw.close()
        for suffix in ("", "-wal", "-shm"):
            if os.path.exists(bench.path("near.db" + suffix)):
                os.remove(bench.path("near.db" + suffix))
        near.discard()
    total = f"{plan.records:,}"
    report.add("R1", f"SQLite, append only, at {total}", figures["raw"], "/s")
    report.add("R1", "SQLite, append only, at 100,000", figures["near_raw"], "/s")
    report.add("R2", f"SQLite, ordinary schema, at {plan.ordinary:,}", figures["ordinary"], "/s")
    report.add("O1", f"malla import at {total}", figures["ours"], "/s")
    report.add("O1", "malla import at 100,000", figures["near"], "/s")
    report.add("O1", "CPU a record, node and client", figures["cpu"], "µs")
    report.add("O1", "beside the append-only floor at that size",
               [x / y for x, y in zip(figures["ours"], figures["raw"])], "×", at_least=0.5)
    report.add("O1", "beside its own rate at 100,000",
               [x / y for x, y in zip(figures["ours"], figures["near"])], "×", at_least=0.8)
    report.add("O1", "at 100,000, beside the append-only floor there",
               [x / y for x, y in zip(figures["near"], figures["near_raw"])], "×")
    report.add("O1", "beside the ordinary schema",
               [x / y for x, y in zip(figures["ours"], figures["ordinary"])], "×")
    return median(figures["ours"])


def ask_node(bench, node, rate, most):
    """Questions to the running node while rows come in at half its rate."""
    plan, report = bench.plan, bench.report
    sampler = Sampler(node)
    count = int(rate / 2 * 600)
    rows = subprocess.Popen([bench.program("rows"), str(bench.next_row), str(count), str(rate / 2)],
                            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    bench.next_row += count
    client = subprocess.Popen([bench.malla, "--home", node.home, "import", "-", "--format", "csv",
                               "--tlp", "green", "-q"], stdin=rows.stdout,
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    rows.stdout.close()
    time.sleep(1)
    program = Program(bench.program("lookup"), "node", node.home, TEXT_QUESTION)
    figures = {}
    for _ in range(plan.rounds):
        if client.poll() is not None:
            raise Failure("the import ended before the questions did")
        for kind, values in program.ask(plan.lookups // 4).items():
            if values:
                figures.setdefault(kind, []).append(values["us"])
    program.close()
    rows.kill()
    rows.wait()
    client.wait()
    most = max(most, sampler.stop())
    words = {"bare": "one row by its number", "id": "show, by id", "miss": "show, an id that nobody has",
             "value": "an observable", "cidr": "CIDR", "parent": "parent domain", "text": "a word"}
    for kind, values in figures.items():
        report.add("O5", f"a client's question at {plan.records:,}, during an import: {words[kind]}",
                   values, "µs")
    report.add("O5", f"resident memory of all processes, at most, to {plan.records:,}",
               [most / 1e6], "MB", at_most=256)


PURPOSES = (("the log (leaves and details)", r"event|details|epoch"),
            ("keys by which records are found", r"run|content|label|observable|tombstone"),
            ("bodies and facts of records", r"record"),
            ("batches and their seals", r"batch"),
            ("text", r"text|words|fts"),
            ("stored answers to requests", r"answer|sqlite_autoindex_answer"),
            ("outbox, deliveries and receipts", r"outbox|delivery|received|mark|tally"))


def on_disk(bench, node):
    """Bytes by purpose, from SQLite's own account of the stopped node's file."""
    report = bench.report
    db = sqlite3.connect(f"file:{os.path.join(node.home, 'store.db')}?mode=ro", uri=True)
    records, bodies = db.execute("SELECT count(*), sum(length(body)) FROM record").fetchone()
    owners = dict(db.execute("SELECT name, tbl_name FROM sqlite_schema").fetchall())
    sizes = {}
    page = db.execute("PRAGMA page_size").fetchone()[0]
    # pageno is the number of pages there; pgsize would overflow at 2 GiB
    for name, pages in db.execute("SELECT name, pageno FROM dbstat WHERE aggregate = TRUE"):
        size = pages * page
        table = owners.get(name, name)
        for purpose, pattern in PURPOSES:
            if re.match(pattern, table):
                break
        else:
            purpose = "the rest"
        if purpose == "bodies and facts of records" and name != table:
            purpose = "keys by which records are found"
        sizes[purpose] = sizes.get(purpose, 0) + size
    db.close()
    facts = "bodies and facts of records"
    sizes["facts of records beside their bodies"] = sizes.pop(facts) - bodies
    sizes["bodies"] = bodies
    total = os.path.getsize(os.path.join(node.home, "store.db"))
    sizes["free pages"] = total - sum(sizes.values())
    report.disk = [(name, size, size / records) for name, size
                   in sorted(sizes.items(), key=lambda item: -item[1])]
    report.disk.append(("all", total, total / records))
    report.add("O5", "bytes of a body", [bodies / records], "bytes")
    report.add("O5", "on disk beside the bodies' bytes", [total / bodies], "×", at_most=2)
    report.add("O5", "the log a record", [sizes.get("the log (leaves and details)", 0) / records],
               "bytes", at_most=40)


def ask_store(bench, node, rate):
    """The code of the store and a bare lookup in the same file, in turns, while rows are put."""
    plan, report = bench.plan, bench.report
    program = Program(bench.program("lookup"), "store", os.path.join(node.home, "store.db"),
                      str(rate / 2), TEXT_QUESTION)
    rounds = [program.ask(plan.lookups) for _ in range(plan.rounds)]
    program.close()
    bare = [r["bare"]["us"] for r in rounds]
    report.add("O5", f"SQLite by primary key in the same file, {plan.records:,} records", bare, "µs")
    for kind, what, most in (("id", "exact, an id", 3), ("miss", "exact, an id that nobody has", 3),
                             ("value", "exact, an observable", 3), ("cidr", "CIDR", 10),
                             ("parent", "parent domain", 10), ("text", "a word of the text", None)):
        values = [r[kind]["us"] for r in rounds if r[kind]]
        found = [r[kind]["found"] for r in rounds if r[kind]]
        note = f"{what}: {median(found):.1f} records found" if found else \
            f"{what}: the predicate language has no such question"
        report.add("O5", f"{what}: during an import at half rate", values, "µs", note=note)
        report.add("O5", f"{what}: beside the primary key",
                   [r[kind]["us"] / r["bare"]["us"] for r in rounds if r[kind]], "×", at_most=most)


# ---------------------------------------------------------------- all of it

PARTS = {"small": small, "pair": pair, "big": big}


def describe(bench, options):
    with open("/proc/cpuinfo") as f:
        model = re.search(r"model name\s*: (.*)", f.read())
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2 ** 30
    nats = subprocess.run(["nats-server", "--version"], stdout=subprocess.PIPE, text=True, check=False)
    bench.report.facts = {
        "parts": options.only, "cores": os.cpu_count(), "load before": os.getloadavg(),
        "words": f"{model.group(1) if model else platform.machine()}, {os.cpu_count()} cores, "
                 f"{memory:.0f} GiB, Linux {platform.release()}; SQLite {sqlite3.sqlite_version}, "
                 f"{nats.stdout.strip()}; load before it began: {os.getloadavg()[0]:.1f}. Ours and what it is "
                 f"held against took turns; medians of the rounds, ratios made round by round."}


def finish(bench, options, took):
    report = bench.report
    report.facts["seconds"] = round(took)
    report.write_json()
    folder = os.path.join(ROOT, "docs", "bench") if options.record else bench.out
    plots = [(title, report.plot(folder, name, title, x, y, is_log)) for name, title, x, y, is_log in (
        ("import", "records imported a second, by how many there are", "records", "records/s", True),
        ("import-cpu", "CPU a record imported", "records", "µs", True),
        ("fan-out", "CPU a peer of one fan-out", "peers", "µs", False))]
    plots = [(title, path) for title, path in plots if path]
    if options.record:
        command = "make bench RECORD=1" + (" QUICK=1" if options.quick else "")
        report.record(os.path.join(ROOT, "docs", "measurements.md"), command, plots)
    print(f"\n{report.table()}\n")
    for row in report.rows:
        if row.note:
            print(f"{row.key}: {row.note}")
    for name, size, each in report.disk:
        print(f"{name:44} {size:16,} bytes {each:8.1f} a record")
    missed = [row for row in report.rows if row.verdict() in ("MISSED", "not there")]
    print(f"{took:.0f} s; {len(missed)} of {sum(bool(row.target()) for row in report.rows)} targets "
          f"missed; {os.path.join(bench.out, 'bench.json')}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--bin", required=True)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--record", action="store_true")
    parser.add_argument("--only", default=",".join(PARTS))
    parser.add_argument("--records", type=int)
    options = parser.parse_args()
    options.only = options.only.split(",")
    try:
        bench = Bench(options)
    except Failure as failure:
        print(f"bench: {failure}", file=sys.stderr)
        return 1
    # what was started is ended, whatever ends the bench
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    describe(bench, options)
    begin = time.monotonic()
    try:
        for part in options.only:
            print(f"== {part}", flush=True)
            PARTS[part](bench)
    except (Failure, subprocess.CalledProcessError) as failure:
        print(f"bench: {failure}", file=sys.stderr)
        return 1
    finally:
        bench.close()
    finish(bench, options, time.monotonic() - begin)
    return 0


if __name__ == "__main__":
    sys.exit(main())
