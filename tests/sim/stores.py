#!/usr/bin/env python3
"""stores.py FILE...: judges what stores held when their worlds ended (tests/sim/dump.h).

Reads the records with the second implementation of docs/protocol.md (tests/vectors/decode_vectors.py), and asks the second
reading of docs/policy.md (tests/property/ceiling.py) about every record that came from somebody: with whom it is, from whom it
came, what the holder of that store knew of both when it came.  Where every node has a policy that shares all with everybody, each
record must also be wherever the ceiling lets it get to.  The last line counts.
"""
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path += [os.path.join(HERE, "../property"), os.path.join(HERE, "../vectors")]
import ceiling  # noqa: E402
import decode_vectors  # noqa: E402

LABELS = ("clear", "green", "amber", "amber+strict", "red")
RECORD = decode_vectors.record(False)


class Side(ceiling.Side):
    """What the ceiling asks about one marking and audience of a record that goes from holder to recipient."""

    def __init__(self, author, marking, audience, holder, recipient, had):
        self.label = LABELS[marking[0]]
        self.attribution = ("may", "must", "must-not", "-")[marking.get(4, 3)]
        self.author, self.holder, self.recipient = author, holder, recipient
        self.orgs, self.community = audience.get(0, []), 4 in audience
        self.membership, self.client, self.grant, self.had = "unknown", False, False, had


class World:
    def __init__(self, seed, open_policies):
        self.seed, self.open = seed, int(open_policies)
        self.orgs, self.honest, self.peers, self.held = {}, {}, set(), {}

    def node(self, index, org, character):
        self.orgs[index], self.honest[index], self.held[index] = bytes.fromhex(org), character == "honest", {}

    def peer(self, a, b):
        self.peers |= {(a, b), (b, a)}

    def record(self, index, via, received, data):
        data = bytes.fromhex(data)
        self.held[index][decode_vectors.record_id(data)] = (bytes.fromhex(via), int(received),
                                                            decode_vectors.decode(data, RECORD))

    def word(self, m, holder, recipient):
        """The ceiling's, about the record and what it was derived from."""
        had = True  # the holder's own word is not the recipient's to check: it is asked where it was sent
        word = ceiling.ceiling(Side(m[2], m[6][0], m.get(8, ({},))[0], holder, recipient, had))
        if word == "stored" and 16 in m:
            derived = m[16]
            word = ceiling.ceiling(Side(derived[2], derived[6], derived.get(4, {}), holder, recipient, had))
        return word

    def faults(self):
        for index, held in self.held.items():
            own = self.orgs[index]
            for number, (via, _, m) in held.items():
                word = "stored" if via == own else self.word(m, via, own)
                if word != "stored":
                    yield f"node {index} holds {number.hex()} ({LABELS[m[6][0][0]]}) from {via.hex()[:8]}: {word}"
        if all(self.open >> int(i) & 1 for i, honest in self.honest.items() if honest):
            yield from self.missing()

    def missing(self):
        """Records that are not everywhere where they can get to."""
        for author in (i for i, honest in self.honest.items() if honest):
            for number, (via, _, m) in self.held[author].items():
                if m[2] != self.orgs[author] or 14 in m:
                    continue  # what was past its validity somewhere is at nobody's fault missing there
                reached, grows = {author}, True
                while grows:
                    more = {b for a, b in self.peers if a in reached and self.honest[a] and self.honest[b]
                            and self.word(m, self.orgs[a], self.orgs[b]) == "stored"}
                    grows, reached = not more <= reached, reached | more
                for index in reached:
                    if number not in self.held[index]:
                        yield f"{number.hex()} ({LABELS[m[6][0][0]]}) of node {author} is not at node {index}"


def worlds(paths):
    world = None
    for path in paths:
        for line in open(path):
            kind, *words = line.split()
            if kind == "world":
                if world:
                    yield world
                world = World(*words)
            else:
                {"node": world.node, "peers": world.peer, "record": world.record}[kind](*words)
    if world:
        yield world


def main():
    seen = opened = moved = wrong = 0
    for world in worlds(sys.argv[1:]):
        seen += 1
        opened += all(world.open >> int(i) & 1 for i, honest in world.honest.items() if honest)
        moved += sum(via != world.orgs[i] for i, held in world.held.items() for via, _, _ in held.values())
        for fault in world.faults():
            wrong += 1
            if wrong <= 10:
                print(f"seed {world.seed}: {fault}")
    print(f"{seen} worlds ({opened} of them open throughout), {moved} records that somebody was sent, {wrong} against the document")
    sys.exit(wrong != 0 or moved == 0)


main()
