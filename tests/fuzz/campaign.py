#!/usr/bin/env python3
"""campaign.py FUZZER MINUTES CORPUS DICTIONARY SEEDS...: one coverage-guided fuzzer for so many minutes of its own CPU time.

Tells how much it executed, how many edges there are, and when the last new one was found.  The corpus is kept, so that
another run goes on where this one stopped.  Exit code 1: a finding; its input is beside the corpus.
"""
import os
import re
import select
import signal
import subprocess
import sys
import time

TICKS = os.sysconf("SC_CLK_TCK")


def cpu_seconds(pid):
    """What the process has used; None once it has ended."""
    try:
        with open(f"/proc/{pid}/stat") as stat:
            fields = stat.read().rsplit(")", 1)[1].split()
    except OSError:
        return None
    return None if fields[0] == "Z" else (int(fields[11]) + int(fields[12])) / TICKS


class Campaign:
    def __init__(self, fuzzer, minutes, corpus, dictionary, seeds):
        self.limit, self.corpus = float(minutes) * 60, corpus
        os.makedirs(corpus, exist_ok=True)
        self.process = subprocess.Popen(
            [fuzzer, "-max_len=8192", "-print_final_stats=1", f"-dict={dictionary}", f"-artifact_prefix={corpus}-",
             corpus, *seeds], stderr=subprocess.PIPE, stdout=subprocess.DEVNULL)
        self.used = self.last_edge = 0.0
        self.begin = self.edges = self.executions = 0
        self.tail, self.is_stopped, self.shown = [], False, time.time()

    def take(self, line):
        self.tail = (self.tail + [line])[-60:]
        found = re.match(r"#(\d+)\s+(\w+).*\bcov: (\d+)", line)
        if found:
            self.executions, edges = int(found.group(1)), int(found.group(3))
            if found.group(2) == "INITED":
                self.begin = self.edges = edges
            elif edges > self.edges and self.begin:
                self.edges, self.last_edge = edges, self.used
        found = re.match(r"stat::number_of_executed_units:\s*(\d+)", line)
        if found:
            self.executions = int(found.group(1))

    def poll(self):
        used = cpu_seconds(self.process.pid)
        self.used = used if used is not None else self.used
        if self.used >= self.limit and not self.is_stopped:
            self.is_stopped = True
            self.process.send_signal(signal.SIGINT)
        if time.time() - self.shown > 60:
            self.shown = time.time()
            print(f"{self.used / 60:5.1f} CPU-minutes: {self.executions} executions, {self.edges} edges, the last new one "
                  f"at {self.last_edge / 60:.1f}", flush=True)

    def run(self):
        rest = b""
        fd = self.process.stderr.fileno()
        while True:
            ready, _, _ = select.select([fd], [], [], 0.5)
            self.poll()
            if not ready:
                continue
            chunk = os.read(fd, 65536)
            if not chunk:
                break
            *lines, rest = (rest + chunk).split(b"\n")
            for line in lines:
                self.take(line.decode("utf-8", "replace"))
        return self.process.wait()


def main():
    campaign = Campaign(*sys.argv[1:5], sys.argv[5:])
    code = campaign.run()
    is_finding = not campaign.is_stopped or any("ERROR:" in line or "SUMMARY:" in line for line in campaign.tail)
    if is_finding:
        print("\n".join(campaign.tail))
        print(f"a finding (exit code {code}); its input is {campaign.corpus}-*")
    print(f"{campaign.used / 60:.1f} CPU-minutes, {campaign.executions} executions, {campaign.edges} edges "
          f"({campaign.begin} of them by the corpus it began with), the last new one at minute {campaign.last_edge / 60:.1f}, "
          f"{'a finding' if is_finding else 'no finding'}")
    if campaign.last_edge > 0 and campaign.used - campaign.last_edge < 1800:
        print("a new edge was found in the last 30 minutes: run it again, the corpus is kept")
    sys.exit(1 if is_finding else 0)


if __name__ == "__main__":
    main()
