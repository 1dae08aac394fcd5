#!/usr/bin/env python3
"""ceiling.py: judges what ceiling_cases tells, by a reading of docs/policy.md ("The ceiling") that knows no line of policy/.

Every word of the ceiling must be the one that the document gives.  Under the hostile policy a record moves exactly
where the document lets it; under any policy nothing moves where it does not.  The last line counts.
"""
import sys


class Side:
    """One marking and audience, and what is known of those concerned."""

    def __init__(self, words):
        (self.label, self.attribution, self.author, self.holder, self.recipient, orgs, community, self.membership,
         client, grant, had) = words
        self.orgs = "" if orgs == "-" else orgs
        self.community = community != "-"
        self.client, self.grant, self.had = client == "1", grant == "1", had == "1"


def by_community(side, not_members):
    """What the named community says of holder and recipient."""
    return {"yes": "stored", "no": not_members, "unknown": "unknown-community"}[side.membership]


def ceiling(side):
    """The word that docs/policy.md gives."""
    wrote_it = side.author == side.holder
    if side.attribution == "must-not" and not wrote_it:
        return "ceiling"
    if side.label == "clear":
        return "stored"
    if side.label in ("red", "amber+strict"):
        if not side.orgs:
            return "no-audience"
        if wrote_it:
            return "stored" if side.recipient in side.orgs else "not-addressed"
        return "stored" if side.grant else "ceiling"
    if wrote_it:  # GREEN and AMBER, from the author
        if side.recipient in side.orgs or (not side.orgs and not side.community):
            return "stored"
        return by_community(side, "not-addressed") if side.community else "not-addressed"
    if side.grant:
        return "stored"
    if side.label == "amber":
        return "stored" if side.had and side.client else "ceiling"
    return by_community(side, "ceiling") if side.community else "ceiling"


def may_read(label, persons, clearance, desk, writer):
    """Within the organisation r, for its operator ana."""
    needs = {"clear": 1, "green": 1, "amber": 2, "amber+strict": 2, "red": 3}[label]
    if {"green": 1, "amber": 2, "red": 3}[clearance] < needs:
        return "clearance"
    if label != "red" or writer:
        return "stored"
    ours = [p for p in persons if "@" not in p]
    return "stored" if ("ana" in ours if ours else desk) else "clearance"


def judge_move(question, answer):
    """None, or what is wrong."""
    out, hostile, purpose, phone = question[0] == "out", question[1] == "hostile", question[3] == "1", question[4] == "1"
    own = Side(question[5:16])
    word = ceiling(own)
    if word == "stored" and len(question) > 16:
        word = ceiling(Side(question[16:27]))
    said, action, reason = answer
    moves = reason == "stored"
    if said != word:
        return f"the ceiling said {said}, the document says {word}", moves
    if moves and word != "stored":
        return f"it moves, and the ceiling says {word}", moves
    shut = out and own.author == "s" and (own.label == "red" or phone) and not purpose
    if moves and shut:
        return "it moves without purpose", moves
    if hostile and moves != (word == "stored" and not shut):
        return f"{action} ({reason}) under the hostile policy, the ceiling says {word}", moves
    return None, moves


def main():
    moved = stayed = reads = wrong = 0
    for line in sys.stdin:
        question, answer = (half.split() for half in line.split("|"))
        if question[0] == "read":
            persons = [p for p in question[2].split(",") if p not in ("", "-")]
            word = may_read(question[1], persons, question[3], question[4] == "1", question[5] == "1")
            fault, reads = (None if answer == [word] else f"said {answer[0]}, the document says {word}"), reads + 1
        else:
            fault, moves = judge_move(question[1:], answer)
            moved, stayed = moved + moves, stayed + (not moves)
        if fault:
            wrong += 1
            if wrong <= 10:
                print(f"{line.strip()}: {fault}")
    print(f"{moved + stayed} decisions, {moved} moved and {stayed} did not; {reads} readers; {wrong} against the document")
    sys.exit(wrong != 0 or moved == 0 or stayed == 0)


if __name__ == "__main__":
    main()
