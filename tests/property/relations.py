#!/usr/bin/env python3
"""relations.py: judges what relations_cases tells, by a reading of docs/protocol.md 2.4 and 2.8 that knows no line of policy/.

Every question is answered anew from what had been stored by then, in the order of storing.  The last line counts.
"""
import sys


class Charter:
    def __init__(self, words):
        stored, author, serial, self.hash, self.previous, threshold, stewards, members = words
        self.stored, self.author, self.serial, self.threshold = int(stored), author, int(serial), int(threshold)
        self.stewards, self.members = set(stewards), set(members)


class Statement:
    def __init__(self, words):
        (stored, self.author, self.relation, self.state, created, start, end, self.id, self.subject, self.object, community,
         self.target, to, to_community, tlp) = words
        self.stored, self.created, self.start, self.end, self.tlp = (int(x) for x in (stored, created, start, end, tlp))
        self.community, self.to_community = community == "1", to_community == "1"
        self.to = set(to) - {"-"}
        self.about = (self.author, self.relation, self.subject, self.object, self.community, self.target)


def in_force(charters, known):
    """The charter in force: 2.8, as one record came after another; and whether a fork below it is known by now."""
    signed, papers, terms, then = {}, {}, [], None
    for record in charters:
        if record.stored > known and then is None:
            then = list(terms)
        papers.setdefault(record.hash, record)
        signed.setdefault(record.hash, set()).add(record.author)

        def behind(paper, of):
            return len(signed[paper.hash] & of.stewards) >= of.threshold

        while True:
            current = terms[-1] if terms else None
            fit = [p for p in papers.values() if (behind(p, p) if current is None else follows(p, current, behind))]
            if not fit:
                break
            terms.append(min(fit, key=lambda p: p.serial))  # the first of the lowest: dicts keep their order
    terms = terms if then is None else then
    fork = any(p is not t and p.serial == t.serial and follows(p, before, behind)
               for before, t in zip(terms, terms[1:]) for p in papers.values())
    return (terms[-1] if terms else None), fork


def follows(paper, current, behind):
    if paper.serial <= current.serial or not behind(paper, current):
        return False
    return paper.previous == current.hash or paper.serial >= current.serial + 2


def last_words(statements, known):
    last = {}
    for s in statements:
        if s.stored <= known:
            before = last.get(s.about)
            if before is None or (s.created, s.id) > (before.created, before.id):
                last[s.about] = s
    return last.values()


def answer(charters, statements, words):
    known, now, author, holder, recipient, tlp, record = words
    known, now, tlp = int(known), int(now), int(tlp)
    charter, fork = in_force(charters, known)
    active = [s for s in last_words(statements, known)
              if s.state == "active" and s.start <= now and (s.end == 0 or now < s.end)]

    def member(org):
        return (charter is not None and org in charter.members and
                not any(s.relation == "left" and s.author == org for s in active))

    def both_say(relation):
        return all(any(s.relation == relation and s.author == who and s.subject == recipient and s.object == holder
                       for s in active) for who in (recipient, holder))

    def grants(s):
        return (s.relation == "grant" and s.author == author and tlp <= s.tlp and s.target in ("0", record) and
                (s.subject == holder if s.subject != "-" else member(holder)) and
                (recipient in s.to or (s.to_community and member(recipient))))

    if charter is None:
        membership = "unknown"
    else:
        membership = "yes" if member(holder) and member(recipient) else "no"
    client = holder != recipient and (both_say("client-of") or both_say("constituent-of"))
    return [membership, str(int(client)), str(int(any(grants(s) for s in active))),
            charter.hash if charter else "0" * 64, str(int(fork))]


def main():
    charters, statements, counts, wrong, stories = [], [], {}, 0, 0
    for number, line in enumerate(sys.stdin, 1):
        words = line.split()
        if words[0] == "story":
            charters, statements, stories = [], [], stories + 1
        elif words[0] == "charter":
            charters.append(Charter(words[1:]))
        elif words[0] == "statement":
            statements.append(Statement(words[1:]))
        else:
            at = words.index("->")
            said, meant = words[at + 1:], answer(charters, statements, words[1:at])
            for what, value in zip(("membership", "client", "grant", "charter", "fork"), said):
                counts[what, value if what != "charter" else "any"] = counts.get((what, value if what != "charter" else "any"), 0) + 1
            if said != meant:
                wrong += 1
                if wrong <= 10:
                    print(f"line {number}: {line.strip()}: the documents say {' '.join(meant)}")
    seen = all(counts.get(key, 0) > 20 for key in (("membership", "yes"), ("membership", "no"), ("client", "1"), ("grant", "1"), ("fork", "1")))
    if not seen:
        print(f"too little was tried: {counts}")
    print(f"{sum(n for (what, _), n in counts.items() if what == 'grant')} questions in {stories} stories: {counts.get(('membership', 'yes'), 0)} of members, "
          f"{counts.get(('client', '1'), 0)} of clients, {counts.get(('grant', '1'), 0)} granted; {wrong} against the documents")
    return 1 if wrong or not seen else 0


if __name__ == "__main__":
    sys.exit(main())
