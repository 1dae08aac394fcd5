"""Real nodes, and the programs that they are held against, as the bench drives them."""

import glob
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import threading
import time


class Failure(Exception):
    """The bench cannot go on; the words say why."""


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Program:
    """A program that answers each line with one line of JSON (measure.h)."""

    def __init__(self, *command):
        self.name = os.path.basename(command[0])
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        text=True)

    def read(self):
        line = self.process.stdout.readline()
        if not line:
            raise Failure(f"{self.name} ended with code {self.process.wait()}")
        return json.loads(line)

    def ask(self, words):
        try:
            self.process.stdin.write(f"{words}\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            pass  # read() says why
        return self.read()

    def close(self):
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()


def processes_cpu(pids):
    """Seconds of CPU that these processes have had, by the scheduler's own account."""
    total = 0
    for pid in pids:
        for path in glob.glob(f"/proc/{pid}/task/*/schedstat"):
            try:
                with open(path) as f:
                    total += int(f.read().split()[0])
            except (FileNotFoundError, ProcessLookupError):
                pass
    return total / 1e9


def processes_rss(pids):
    """Resident bytes of these processes, shared pages counted in each."""
    total = 0
    for pid in pids:
        try:
            with open(f"/proc/{pid}/status") as f:
                found = re.search(r"^VmRSS:\s+(\d+)", f.read(), re.M)
                total += int(found.group(1)) * 1024 if found else 0
        except (FileNotFoundError, ProcessLookupError):
            pass
    return total


def processes_written(pids):
    """Bytes that these processes have caused to be written to the disk."""
    total = 0
    for pid in pids:
        try:
            with open(f"/proc/{pid}/io") as f:
                total += int(re.search(r"^write_bytes: (\d+)", f.read(), re.M).group(1))
        except (FileNotFoundError, ProcessLookupError, PermissionError):
            pass
    return total


class Node:
    """An organisation with its node, in a folder of its own."""

    def __init__(self, bench, name, endpoint=None, is_dialler=False):
        self.bench, self.name = bench, name
        self.home = os.path.join(bench.work, name)
        self.process = None
        self.log = open(os.path.join(bench.work, f"{name}.log"), "ab")
        self.port = free_port()
        command = ["init", "--org", f"Organisation {name}", "--sector", "bank", "--country", "MX",
                   "--no-passphrase", "-q"]
        if not is_dialler:
            command += ["--listen", f"tcp://127.0.0.1:{self.port}"]
        if endpoint is not None:
            command += ["--endpoint", endpoint]
        self.malla(*command)

    def malla(self, *arguments, check=True, **more):
        result = subprocess.run([self.bench.malla, "--home", self.home, *arguments],
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **more)
        if check and result.returncode != 0:
            raise Failure(f"malla {' '.join(arguments[:3])}: code {result.returncode}: "
                          f"{result.stderr.strip()[-500:]}")
        return result.stdout

    def start(self):
        self.process = subprocess.Popen([self.bench.mallad, "--home", self.home],
                                        stdout=self.log, stderr=self.log)
        for _ in range(1200):
            if self.process.poll() is not None:
                raise Failure(f"the node {self.name} ended with code {self.process.returncode}")
            try:
                self.pids = list(self.status()["processes"].values())
                return self
            except Failure:
                time.sleep(0.05)
        raise Failure(f"the node {self.name} does not answer")

    def stop(self):
        if self.process is not None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait()
            self.process = None

    def discard(self):
        self.stop()
        self.log.close()
        shutil.rmtree(self.home, ignore_errors=True)

    def status(self):
        return json.loads(self.malla("status", "--json"))

    def cpu(self):
        return processes_cpu(self.pids)

    def rss(self):
        return processes_rss(self.pids)

    def written(self):
        return processes_written(self.pids)

    def import_file(self, path):
        """Seconds of wall time and of CPU (node and client) until all of it is stored."""
        cpu, children = self.cpu(), os.times()
        begin = time.monotonic()
        self.malla("import", path, "--tlp", "green", "-q")
        took = time.monotonic() - begin
        now = os.times()
        client = (now.children_user - children.children_user
                  + now.children_system - children.children_system)
        return took, self.cpu() - cpu + client

    def befriend(self, other):
        for a, b in ((self, other), (other, self)):
            card = os.path.join(self.bench.work, f"{b.name}.card")
            b.malla("card", card, "-q")
            a.malla("peer", "add", card, "--yes", "-q")

    def peer(self, other):
        for peer in self.status()["peers"]:
            if peer["name"] == f"Organisation {other.name}":
                return peer
        raise Failure(f"{self.name} does not know {other.name}")

    def wait_receipted(self, other, wanted, patience=600, pause=0.03):
        """Until `other` has receipted so many records; the time at which it was seen."""
        end = time.monotonic() + patience
        while time.monotonic() < end:
            if self.peer(other)["receipted"] >= wanted:
                return time.monotonic()
            time.sleep(pause)
        raise Failure(f"{other.name} receipted {self.peer(other)['receipted']} of {wanted}")


class Sampler:
    """The most resident memory that a node had while this ran."""

    def __init__(self, node, every=0.2):
        self.node, self.every, self.most = node, every, 0
        self.is_done = threading.Event()
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self):
        while not self.is_done.wait(self.every):
            self.most = max(self.most, self.node.rss())

    def stop(self):
        self.is_done.set()
        self.thread.join()
        return self.most


class Proxy:
    """Passes TCP on to a port of this machine and counts the bytes, both ways together."""

    def __init__(self, port):
        self.to = port
        self.bytes = 0
        self.connections = 0
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                here, _ = self.listener.accept()
            except OSError:
                return
            try:
                there = socket.create_connection(("127.0.0.1", self.to))
            except OSError:
                here.close()
                continue
            self.connections += 1
            for a, b in ((here, there), (there, here)):
                threading.Thread(target=self.pass_on, args=(a, b), daemon=True).start()

    def pass_on(self, a, b):
        try:
            while True:
                data = a.recv(65536)
                if not data:
                    break
                self.bytes += len(data)
                b.sendall(data)
        except OSError:
            pass
        for s in (a, b):
            try:
                s.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def close(self):
        self.listener.close()


class JetStream:
    """Two nats-servers joined as leaf node, each a JetStream domain, and the program between them."""

    def __init__(self, bench, name, mode, is_synchronous=False):
        self.folder = os.path.join(bench.work, name)
        self.servers = []
        self.is_synchronous = is_synchronous
        ports = [free_port() for _ in range(3)]
        hub = f"leafnodes {{ listen: 127.0.0.1:{ports[2]} }}"
        leaf = f"leafnodes {{ remotes: [ {{ url: \"nats://127.0.0.1:{ports[2]}\" }} ] }}"
        for server, port, joint in (("hub", ports[0], hub), ("leaf", ports[1], leaf)):
            store = os.path.join(self.folder, server)
            os.makedirs(store)
            if is_synchronous:
                # every write to a file made below this folder is synchronous (ext4, as root)
                subprocess.run(["chattr", "+S", store], check=True, capture_output=True)
            conf = os.path.join(self.folder, f"{server}.conf")
            with open(conf, "w") as f:
                f.write(f"server_name: {server}\nlisten: 127.0.0.1:{port}\n"
                        f"jetstream {{ domain: {server}, store_dir: \"{store}\" }}\n{joint}\n")
            self.servers.append(subprocess.Popen(["nats-server", "-c", conf],
                                                 stdout=subprocess.DEVNULL,
                                                 stderr=subprocess.DEVNULL))
            bench.servers.append(self.servers[-1])
            self.wait_for(port)
        time.sleep(1.5)
        self.program = Program(bench.program("jetstream"), f"nats://127.0.0.1:{ports[0]}",
                               f"nats://127.0.0.1:{ports[1]}", mode)
        self.program.read()

    @staticmethod
    def wait_for(port):
        for _ in range(200):
            try:
                socket.create_connection(("127.0.0.1", port)).close()
                return
            except OSError:
                time.sleep(0.05)
        raise Failure("nats-server does not listen")

    def rate(self, messages):
        return messages / self.program.ask(messages)["seconds"]

    def close(self):
        self.program.close()
        for server in self.servers:
            server.terminate()
            server.wait()
        shutil.rmtree(self.folder, ignore_errors=True)
