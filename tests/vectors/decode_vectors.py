#!/usr/bin/python3
"""A second implementation of the reading half of Malla's protocol, written from docs/protocol.md.

It decodes and checks every vector in this folder: ids, roots, paths, signatures, wraps,
ciphertexts, outcomes, fingerprints.  What must be refused must be refused with its reason.
Needs python3 and python3-nacl.  Numbers in comments are sections of docs/protocol.md.
"""
import base64
import glob
import hashlib
import ipaddress
import json
import os
import re
import subprocess
import sys
import tempfile

import nacl.exceptions
import nacl.pwhash
from nacl import bindings

HERE = os.path.dirname(os.path.abspath(__file__))
PAGE = open(os.path.join(HERE, "../../docs/protocol.md"), encoding="utf-8").read()
TIME, NUMBER, U64 = 253402300799999, 2**63 - 1, 2**64 - 1
DAY = 86400000


class Refused(Exception):
    def __init__(self, reason):
        super().__init__(reason)
        self.reason = reason


def refuse_unless(condition, reason):
    if not condition:
        raise Refused(reason)


def sha256(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


# ---------------------------------------------------------------- 1 encoding

class Reader:
    def __init__(self, data):
        self.data, self.at, self.unknown = data, 0, 0

    def left(self):
        return len(self.data) - self.at

    def take(self, n):
        refuse_unless(n <= self.left(), "truncated")
        self.at += n
        return self.data[self.at - n:self.at]

    def number(self, width, below):
        value = int.from_bytes(self.take(width), "big")
        refuse_unless(value > below, "not-canonical")
        return value

    def close(self):
        refuse_unless(self.left() == 0, "not-canonical")

    def uint(self, low, high):
        form = self.take(1)[0]
        if form <= 0x7f:
            value = form
        elif 0xcc <= form <= 0xcf:
            value = self.number(1 << (form - 0xcc), (0x7f, 0xff, 0xffff, 0xffffffff)[form - 0xcc])
        else:
            raise Refused("bad-field")
        refuse_unless(low <= value <= high, "bad-field")
        return value

    def bool(self):
        form = self.take(1)[0]
        refuse_unless(form in (0xc2, 0xc3), "bad-field")
        return form == 0xc3

    def content(self, length, low, high):
        refuse_unless(length <= self.left(), "truncated")
        refuse_unless(length <= high, "oversized")
        refuse_unless(length >= low, "bad-field")
        return self.take(length)

    def bin(self, low, high):
        form = self.take(1)[0]
        refuse_unless(0xc4 <= form <= 0xc6, "bad-field")
        return self.content(self.number(1 << (form - 0xc4), (-1, 0xff, 0xffff)[form - 0xc4]), low, high)

    def str(self, low, high, prose):
        form = self.take(1)[0]
        if 0xa0 <= form <= 0xbf:
            length = form & 31
        else:
            refuse_unless(0xd9 <= form <= 0xdb, "bad-field")
            length = self.number(1 << (form - 0xd9), (31, 0xff, 0xffff)[form - 0xd9])
        try:
            text = self.content(length, low, high).decode("utf-8")
        except UnicodeDecodeError:
            raise Refused("bad-field") from None
        for letter in text:
            code = ord(letter)
            refuse_unless(code >= 0xa0 or 0x20 <= code < 0x7f or (prose and letter in "\t\n"), "bad-field")
        return text

    def count(self, fix, wide):
        form = self.take(1)[0]
        if form & 0xf0 == fix:
            return form & 15
        refuse_unless(form in (wide, wide + 1), "bad-field")
        return self.number(2, 15) if form == wide else self.number(4, 0xffff)

    def array(self, low, high):
        count = self.count(0x90, 0xdc)
        refuse_unless(count <= high, "oversized")
        refuse_unless(count >= low, "bad-field")
        refuse_unless(count <= self.left(), "truncated")
        return count

    def map(self, high):
        count = self.count(0x80, 0xde)
        refuse_unless(count <= high, "oversized")
        refuse_unless(2 * count <= self.left(), "truncated")
        return count

    def key(self, last):
        key = self.uint(0, U64)
        refuse_unless(key > last, "not-canonical")
        return key

    def any(self, depth=0):
        """One value of any type (1.2); what it is, and its bytes through raw()."""
        refuse_unless(self.left() > 0, "truncated")
        form = self.data[self.at]
        is_array = form & 0xf0 == 0x90 or form in (0xdc, 0xdd)
        is_map = form & 0xf0 == 0x80 or form in (0xde, 0xdf)
        if is_array or is_map:
            refuse_unless(depth < 6, "too-deep")
        if is_array:
            return [self.any(depth + 1) for _ in range(self.array(0, U64))]
        if is_map:
            out, last = {}, -1
            for _ in range(self.map(U64)):
                last = self.key(last)
                out[last] = self.any(depth + 1)
            return out
        if form <= 0x7f or 0xcc <= form <= 0xcf:
            return self.uint(0, U64)
        if form in (0xc2, 0xc3):
            return self.bool()
        if 0xc4 <= form <= 0xc6:
            return self.bin(0, U64)
        return self.str(0, U64, True)

    def raw(self):
        start = self.at
        self.any()
        return self.data[start:self.at]


# Readers of fields: functions of the reader and of the map so far.

def uint(low, high):
    return lambda r, m: r.uint(low, high)


def line(low, high):
    return lambda r, m: r.str(low, high, False)


def prose(low, high):
    return lambda r, m: r.str(low, high, True)


def binary(low, high):
    return lambda r, m: r.bin(low, high)


def fixed(n):
    return lambda r, m: r.bin(n, n)


def tuple_of(*readers):
    def read(r, m):
        r.array(len(readers), len(readers))
        return [reader(r, m) for reader in readers]
    return read


def array_of(low, high, reader, ascending=None, empty=None):
    """ascending: a function that gives what ascends strictly."""
    def read(r, m):
        count = r.array(0 if empty else low, high)
        refuse_unless(count >= low, empty)
        out = []
        for _ in range(count):
            out.append(reader(r, m))
            if ascending and len(out) > 1:
                refuse_unless(ascending(out[-2]) < ascending(out[-1]), "not-canonical")
        return out
    return read


def same(value):
    return value


def utf8(value):
    return value.encode()


def map_of(fields, must=(), is_empty_allowed=True, check=None):
    def read(r, m=None):
        count, out, last = r.map(len(fields) + 16), {}, -1
        refuse_unless(count > 0 or is_empty_allowed, "not-canonical")
        for _ in range(count):
            last = r.key(last)
            if last in fields:
                out[last] = fields[last](r, out)
            else:
                refuse_unless(last % 2 == 1, "unknown-critical")
                r.any()
                r.unknown += 1
        refuse_unless(all(key in out for key in must), "bad-field")
        if check:
            check(out)
        return out
    return read


def decode(data, reader, limit=U64):
    refuse_unless(len(data) <= limit, "oversized")
    r = Reader(data)
    value = reader(r, None)
    r.close()
    return value


# ---------------------------------------------------------------- 3 marking and audience

def after(key):
    return lambda r, m: r.uint(m.get(key, 0) + 1, TIME)


def may_or_must_not(r, m):
    value = r.uint(0, 2)
    refuse_unless(value != 1, "bad-field")
    return value


MARKING = map_of({0: uint(0, 4), 2: uint(0, 4), 4: uint(0, 2), 6: line(1, 256), 8: line(1, 256),
                  10: uint(1, TIME), 12: after(10), 14: may_or_must_not, 16: may_or_must_not}, must=(0,))


def persons(r, m):
    def one(r, m):
        person = tuple_of(fixed(32), line(1, 64))(r, m)
        refuse_unless(re.fullmatch(r"[a-z0-9._-]+", person[1]), "bad-observable")
        refuse_unless(person[0] in m.get(0, []), "bad-field")
        return person
    return array_of(1, 64, one, lambda p: (p[0], p[1].encode()))(r, m)


AUDIENCE = map_of({0: array_of(1, 256, fixed(32), same), 2: persons, 4: fixed(32)}, is_empty_allowed=False)

# ---------------------------------------------------------------- 4 observables

IBAN_LENGTHS = {code: int(n) for code, n in re.findall(
    r"\b([A-Z]{2}) (\d\d)\b", re.search(r"Countries and lengths: (.*)", PAGE)[1])}
FANGS = ["[.]", "[dot]", "(.)", "{.}", "(dot)", " dot ", "\\.", "[at]", "(at)", " at ", "[@]", "[:]", "[://]"]
FANGS_IN_PATH = ["[.]", "[dot]", "{.}", "\\.", "[at]", "[@]", "[:]", "[://]"]


def is_domain(text):
    labels = text.split(".")
    if len(text) > 253 or len(labels) < 2 or labels[-1].isdigit():
        return False
    for label in labels:
        if not re.fullmatch(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?", label):
            return False
        if label.startswith("xn--"):  # of IDNA2008 only the punycode is checked here
            try:
                if label[4:].encode().decode("punycode").encode("punycode") != label[4:].encode():
                    return False
            except UnicodeError:
                return False
    return True


def is_ipv4(text):
    parts = text.split(".")
    return len(parts) == 4 and all(re.fullmatch(r"0|[1-9]\d{0,2}", p) and int(p) < 256 for p in parts)


def spell_ipv6(address):
    if address.ipv4_mapped:
        return "::ffff:" + str(address.ipv4_mapped)
    return address.compressed


def is_ipv6(text):
    try:
        return "%" not in text and spell_ipv6(ipaddress.IPv6Address(text)) == text
    except ValueError:
        return False


def is_cidr(text):
    host, slash, bits = text.partition("/")
    if not slash or not re.fullmatch(r"0|[1-9]\d{0,2}", bits) or not (is_ipv4(host) or is_ipv6(host)):
        return False
    try:
        ipaddress.ip_network(text, strict=True)
        return True
    except ValueError:
        return False


def is_network(text):
    """In any spelling."""
    host, _, bits = text.partition("/")
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    return bool(re.fullmatch(r"0|[1-9]\d{0,2}", bits)) and int(bits) <= address.max_prefixlen


def escape(text, kept):
    """Percent-encoding, normalised (4.3)."""
    out, data, at = "", text.encode(), 0
    while at < len(data):
        found = re.match(rb"%([0-9A-Fa-f]{2})", data[at:])
        byte = int(found[1], 16) if found else data[at]
        at += 3 if found else 1
        letter = chr(byte)
        is_unreserved = byte < 128 and (letter.isalnum() or letter in "-._~")
        is_kept = not found and byte < 128 and letter in kept
        out += letter if is_unreserved or is_kept else f"%{byte:02X}"
    return out


def remove_dots(path):
    out, parts = [], path.split("/")[1:]
    for i, part in enumerate(parts):
        is_last = i == len(parts) - 1
        if part == "..":
            del out[-1:]
        if part in (".", ".."):
            out += [""] if is_last else []
        else:
            out.append(part)
    return "/" + "/".join(out)


def spell_url(text):
    found = re.fullmatch(r"([A-Za-z][A-Za-z0-9+.-]{0,31})://([^/?#]*)([^?#]*)(\?[^#]*)?(#.*)?", text, re.S)
    if not found:
        return None
    scheme, authority, path, query, fragment = found.groups()
    scheme = scheme.lower()
    userinfo, at, rest = authority.rpartition("@")
    found = re.fullmatch(r"(\[[^\]]*\]|[^:]*)(:(\d*))?", rest)
    if not found:
        return None
    host, port = found[1], found[3] or ""
    if host.startswith("["):
        if not is_ipv6(host[1:-1]):
            return None
    elif not (is_ipv4(host) or is_domain(host)):
        return None
    if port and int(port) > 65535:
        return None
    port = str(int(port)) if port else ""
    if port == {"http": "80", "https": "443", "ftp": "21", "ws": "80", "wss": "443"}.get(scheme):
        port = ""
    out = scheme + "://" + (escape(userinfo, "!$&'*+,;=:") + "@" if userinfo else "") + host
    out += (":" + port if port else "") + remove_dots(escape(path, "!$&'()*+,;=:@/") or "/")
    for tail in (query, fragment):
        out += tail[0] + escape(tail[1:], "!$&'()*+,;=:@/?") if tail else ""
    return out


def is_url(text):
    scheme = text.partition("://")[0]
    return scheme not in ("hxxp", "hxxps", "fxp", "fxps") and spell_url(text) == text


def is_email(text):
    local, at, domain = text.partition("@")
    atom = r"[a-z0-9!#$%&'*+/=?^_`{|}~-]+"
    return bool(at) and len(local) <= 64 and bool(re.fullmatch(rf"{atom}(\.{atom})*", local)) and is_domain(domain)


def is_clabe(text):
    if not re.fullmatch(r"\d{18}", text) or text.startswith("000"):
        return False
    total = sum(int(d) * (3, 7, 1)[i % 3] % 10 for i, d in enumerate(text[:17]))
    return int(text[17]) == (10 - total % 10) % 10


def is_iban(text):
    if not re.fullmatch(r"[A-Z]{2}\d\d[A-Z0-9]+", text) or IBAN_LENGTHS.get(text[:2]) != len(text):
        return False
    number = int("".join(str(int(letter, 36)) for letter in text[4:] + text[:4]))
    return 2 <= int(text[2:4]) <= 98 and number % 97 == 1


def is_card(text):
    if not re.fullmatch(r"\d{12,19}", text) or len(set(text)) == 1:
        return False
    return sum(sum(divmod(int(d) << (i & 1), 10)) for i, d in enumerate(reversed(text))) % 10 == 0


def matches(pattern):
    return lambda text: re.fullmatch(pattern, text, re.A) is not None


OBSERVABLES = {
    1: is_ipv4, 2: is_ipv6, 3: is_cidr, 4: is_domain, 5: is_url, 6: is_email,
    7: matches(r"[0-9a-f]{32}"), 8: matches(r"[0-9a-f]{40}"), 9: matches(r"[0-9a-f]{64}"),
    10: matches(r"[0-9a-f]{128}"),
    11: lambda t: len(t.encode()) <= 255 and "/" not in t and "\\" not in t and t not in (".", ".."),
    12: lambda t: bool(re.fullmatch(r"AS(0|[1-9]\d{0,9})", t, re.A)) and int(t[2:]) < 2**32,
    13: matches(r"\+[1-9]\d{7,14}"), 14: is_clabe, 15: is_iban, 16: is_card,
    17: matches(r"CVE-(1999|2\d{3})-\d{4,19}")}


def is_canonical(kind, text):
    lower = text.lower()
    if text != text.strip("\t\n\v\f\r \u00a0\ufeff"):
        return False
    host, path = lower, ""
    if kind == 5:
        start = lower.find("://") + 3
        ends = [at for at in (lower.find(c, start) for c in "/?#") if at >= 0]
        host, path = (lower[:min(ends)], lower[min(ends):]) if ends else (lower, "")
    fangs = ["[.]", "[dot]"] if kind == 11 else FANGS
    if any(f in host for f in fangs) or any(f in path for f in FANGS_IN_PATH):
        return False
    return OBSERVABLES[kind](text)


def observable(r, m):
    kind, text = tuple_of(uint(1, 17), line(1, 4096))(r, m)
    refuse_unless(is_canonical(kind, text), "bad-observable")
    return kind, text.encode()


# ---------------------------------------------------------------- 2 record

KINDS = {1: "indicator", 2: "note", 3: "advisory", 4: "question", 5: "sighting", 6: "dispute",
         7: "amendment", 8: "retraction", 9: "relation", 10: "charter"}
TLPS = ["clear", "green", "amber", "amber+strict", "red"]
SEEN = {7, 9}
BODY_MUST = {1: (), 2: (1, 3), 3: (1, 3), 5: (2, 4), 6: (2, 6), 7: (2, 8), 9: (14, 16), 10: (1, 32, 36, 38, 40, 42)}
BODY_MAY = {1: {0, 1, 3, 5} | SEEN, 2: {1, 3}, 3: {1, 3, 13}, 5: {2, 3, 4, 11} | SEEN, 6: {2, 3, 6},
            7: {0, 1, 2, 3, 4, 5, 8, 11, 13} | SEEN, 9: {2, 14, 16, 18, 20, 22, 24, 26, 28, 30},
            10: {1, 22, 32, 34, 36, 38, 40, 42}}
BODY_FIELDS = {0: uint(1, 2), 1: line(1, 512), 2: fixed(32), 3: prose(1, 131072), 4: uint(1, 3),
               5: prose(1, 131072), 6: uint(1, 5), 7: uint(1, TIME), 8: uint(1, 5),
               9: lambda r, m: r.uint(m.get(7, 1), TIME), 11: uint(1, NUMBER), 13: line(1, 128),
               14: uint(1, 4), 16: uint(1, 2), 18: fixed(32), 20: fixed(32), 22: fixed(32),
               24: array_of(1, 256, fixed(32), same), 26: fixed(32), 28: line(1, 32), 30: uint(0, 4),
               32: uint(1, NUMBER), 34: fixed(32), 36: array_of(1, 16, fixed(32), same),
               38: lambda r, m: r.uint(1, len(m.get(36, [0]))), 40: array_of(1, 1024, fixed(32), same), 42: fixed(16)}


def texts(high, length):
    return array_of(1, high, line(1, length), utf8)


def body(r, m):
    def only(key):
        def read(r, inner):
            refuse_unless(key in BODY_MAY.get(m.get(0, 1), ()), "bad-observable")
            return BODY_FIELDS[key](r, inner)
        return read
    return map_of({key: only(key) for key in BODY_FIELDS}, is_empty_allowed=False)(r, m)


AFFECTS = map_of({1: texts(32, 128), 3: texts(32, 128), 5: array_of(1, 2, uint(1, 2), same),
                  7: texts(32, 128)}, is_empty_allowed=False)
SOURCE = map_of({1: line(1, 64), 3: line(1, 64), 5: line(1, 256), 7: binary(1, 163840)}, must=(1,),
                is_empty_allowed=False)
DERIVED = map_of({0: fixed(32), 2: fixed(32), 4: AUDIENCE, 6: MARKING}, must=(0, 2, 6))


def own_bytes(reader):
    """What was read, and its bytes as they came."""
    def read(r, m):
        start = r.at
        return reader(r, m), r.data[start:r.at]
    return read


def raw_first(reader):
    """One value of any type, its form checked throughout, and only then its content (7.1)."""
    def read(r, m):
        data = r.raw()
        return decode(data, reader), data
    return read


RECORD_FIELDS = {0: uint(1, 10), 1: uint(0, 100), 2: fixed(32), 3: uint(1, 4), 4: uint(1, TIME), 5: AFFECTS,
                 6: own_bytes(MARKING), 7: texts(64, 128), 8: own_bytes(AUDIENCE), 9: line(2, 35), 10: fixed(16),
                 11: array_of(1, 256, observable, same), 12: uint(1, TIME), 13: array_of(1, 64, fixed(32), same),
                 14: after(12), 15: body, 16: DERIVED, 17: SOURCE, 19: texts(64, 4096)}


def must_may(parts, must, may):
    refuse_unless(set(parts) <= set(may), "bad-observable")
    refuse_unless(set(must) <= set(parts), "bad-field")


def check_amendment(parts):
    form = parts[8]
    refuse_unless(form in (1, 2, 3, 5), "bad-observable")
    parts = {key for key in parts if key != 8}
    must_may(parts, BODY_MUST[form], BODY_MAY[form] | {2})


def check_relation(m, parts):
    recipients = {24, 26, 28}
    if parts[14] in (1, 2):
        must_may(parts, {18, 20}, {14, 16, 18, 20})
        refuse_unless(parts[18] != parts[20], "bad-observable")
        refuse_unless(2 not in m or m[2] in (parts[18], parts[20]), "bad-observable")
    elif parts[14] == 3:
        refuse_unless(20 not in parts and not {18, 22} <= set(parts), "bad-observable")
        refuse_unless({18, 22} & set(parts), "bad-field")
        if parts[16] == 2:
            must_may(parts, (), {2, 14, 16, 18, 22})
        else:
            refuse_unless(recipients & set(parts) and 30 in parts, "bad-field")
        refuse_unless(14 in m, "bad-field")
    else:
        must_may(parts, {22}, {14, 16, 22})


def check_charter(parts):
    if parts[32] == 1:
        refuse_unless(not {22, 34} & set(parts), "bad-observable")
    else:
        refuse_unless({22, 34} <= set(parts), "bad-field")


def record(is_draft):
    def check(m):
        kind, parts = m.get(0), m.get(15, {})
        refuse_unless(kind and 6 in m and all(k in parts for k in BODY_MUST.get(kind, ())), "bad-field")
        refuse_unless({2, 4, 10} & set(m) == (set() if is_draft else {2, 4, 10}), "bad-field")
        refuse_unless(kind in BODY_MAY, "bad-observable")
        refuse_unless(m[6][0][0] != 4 or 0 in m.get(8, ({},))[0], "bad-field")
        if kind == 7:
            check_amendment(parts)
        elif kind == 9:
            check_relation(m, parts)
        elif kind == 10:
            check_charter(parts)
        if kind == 1 or (kind == 7 and parts[8] == 1):
            count = len(m.get(11, []))
            refuse_unless(count or 5 in parts, "bad-field")
            refuse_unless((count > 1) == (0 in parts), "not-canonical")
    return map_of(RECORD_FIELDS, check=check)


def record_id(data):
    return sha256(b"\0", data)


# ---------------------------------------------------------------- 5 signed things

def signature(r, m):
    signer, suite, data = tuple_of(uint(0, 31), uint(1, 255), binary(1, 65535))(r, m)
    refuse_unless(suite != 1 or len(data) == 64, "bad-signature")
    return signer, suite, data


def signed(limit):
    return tuple_of(binary(1, limit), array_of(1, 32, signature, lambda s: s[0]))


def verify(key, statement, data):
    try:
        bindings.crypto_sign_open(data + statement, key)
    except nacl.exceptions.BadSignatureError:
        raise Refused("bad-signature") from None


def verify_one(thing, key):
    refuse_unless(len(thing[1]) == 1 and thing[1][0][:2] == (0, 1), "bad-signature")
    verify(key, thing[0], thing[1][0][2])


def statement_of(data, context, reader, limit):
    refuse_unless(len(data) <= limit, "oversized")
    head = f"malla/{context}/v1\n".encode()
    refuse_unless(data.startswith(head), "unknown-version")
    return decode(data[len(head):], reader)


def root_keys(r, m):
    out = []
    for _ in range(r.array(1, 16)):
        suite, key = tuple_of(uint(1, 255), binary(1, 65535))(r, m)
        refuse_unless(suite != 1 or len(key) == 32, "unknown-suite")
        refuse_unless(key not in [k for _, k in out], "not-canonical")
        out.append((suite, key))
    return out


def check_root(m):
    refuse_unless((10 in m) or m[0] == 1, "bad-field")
    refuse_unless((10 not in m) or m[0] > 1, "not-canonical")
    refuse_unless(m[4] <= len(m[6]), "bad-field")


def decode_root(data):
    return statement_of(data, "root", map_of(
        {0: uint(1, 32), 2: uint(1, TIME), 4: uint(1, 16), 6: root_keys, 8: fixed(32), 10: fixed(32)},
        must=(0, 2, 4, 6, 8), check=check_root), 4096)


def pack_uint(n):
    for form, width in ((0xcc, 1), (0xcd, 2), (0xce, 4), (0xcf, 8)):
        if n < 1 << 8 * width:
            return bytes([n]) if n < 128 else bytes([form]) + n.to_bytes(width, "big")
    raise ValueError(n)


def pack_bin(data):
    for form, width in ((0xc4, 1), (0xc5, 2)):
        if len(data) < 1 << 8 * width:
            return bytes([form]) + len(data).to_bytes(width, "big") + data
    raise ValueError(len(data))


def pack_array(items):
    assert len(items) <= 16
    return (bytes([0x90 + len(items)]) if len(items) < 16 else b"\xdc\x00\x10") + b"".join(items)


def key_set(root):
    keys = pack_array([pack_array([pack_uint(s), pack_bin(k)]) for s, k in root[6]])
    return sha256(pack_array([pack_uint(root[4]), keys]))


def verify_roots(thing, own, predecessor):
    counts = [0, 0]
    for signer, suite, data in thing[1]:
        side = signer // 16
        root = (own, predecessor)[side]
        refuse_unless(root is not None and signer % 16 < len(root[6]), "bad-signature")
        refuse_unless(suite == 1 and root[6][signer % 16][0] == 1, "unknown-suite")
        verify(root[6][signer % 16][1], thing[0], data)
        counts[side] += 1
    refuse_unless(counts[0] >= own[4] and (predecessor is None or counts[1] >= predecessor[4]), "bad-signature")


def verify_chain(chain):
    org, predecessor = sha256(chain[0][0]), None
    for i, thing in enumerate(chain):
        root = decode_root(thing[0])
        refuse_unless(root[0] == i + 1, "not-canonical")
        if predecessor is not None:
            refuse_unless(root[10] == org, "bad-field")
            refuse_unless(key_set(root) == predecessor[8], "unknown-suite")
        verify_roots(thing, root, predecessor)
        predecessor = root
    return org, predecessor


def fingerprint(org):
    digest = sha256(org, b"\0") + sha256(org, b"\1")
    return " ".join(f"{int.from_bytes(digest[5 * i:5 * i + 5], 'big') % 100000:05d}" for i in range(12))


def card_key(r, m):
    r.array(2, 2)
    refuse_unless(r.uint(1, 255) == 1, "unknown-suite")
    return r.bin(32, 32)


def card_keys_check(m):
    refuse_unless(len(set(m.values())) == 5, "unknown-suite")


def like(reader, pattern):
    def read(r, m):
        text = reader(r, m)
        refuse_unless(re.fullmatch(pattern, text), "bad-field")
        return text
    return read


def is_host(text):
    try:
        if text.startswith("["):
            return text.endswith("]") and "%" not in text and bool(ipaddress.IPv6Address(text[1:-1]))
    except ValueError:
        return False
    labels = text.split(".")
    is_name = all(re.fullmatch(r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?", x) for x in labels)
    return is_ipv4(text) or (is_name and not labels[-1].isdigit())


def endpoint(r, m):
    text = r.str(1, 256, False)
    found = re.fullmatch(r"tcp://(.+):([1-9][0-9]{0,4})", text)
    refuse_unless(found and is_host(found[1]) and int(found[2]) <= 65535, "bad-field")
    return text


def said_line(high):
    """A line that is absent rather than empty (12.1)."""
    def read(r, m):
        text = r.str(0, high, False)
        refuse_unless(text, "not-canonical")
        return text
    return read


def endpoints(r, m):
    out = array_of(1, 8, endpoint, empty="not-canonical")(r, m)
    refuse_unless(len(set(out)) == len(out), "not-canonical")
    return out


CONTACT = map_of({k: said_line(256) for k in (1, 3, 5, 7, 9, 11)}, is_empty_allowed=False)


def check_card(m):
    refuse_unless(8 in m or 12 in m, "bad-field")
    refuse_unless(not (8 in m and 12 in m), "not-canonical")
    refuse_unless(m[4] < m[6] <= m[4] + 90 * DAY, "bad-field")


def decode_card(data):
    keys = map_of({k: card_key for k in (0, 2, 4, 6, 8)}, must=(0, 2, 4, 6, 8), check=card_keys_check)
    return statement_of(data, "card", map_of({
        0: fixed(32), 1: line(1, 128), 2: uint(1, NUMBER), 3: like(line(1, 32), r"[a-z0-9-]+"), 4: uint(1, TIME),
        5: like(said_line(2), r"[A-Z]{2}"), 6: uint(1, TIME), 7: endpoints, 8: keys, 9: CONTACT, 10: uint(1, 255),
        11: CONTACT, 12: map_of({0: line(1, 256), 2: uint(1, TIME)}, must=(0, 2))},
        must=(0, 1, 2, 3, 4, 6, 10), check=check_card), 16384)


def open_package(data):
    package = decode(data, map_of({0: array_of(1, 32, signed(4096)), 2: signed(16384)}, must=(0, 2)), 46080)
    org, newest = verify_chain(package[0])
    verify_roots(package[2], newest, None)
    card = decode_card(package[2][0])
    refuse_unless(card[0] == org, "bad-field")
    return org, card


def unarmour(text):
    lines = text.replace("\r\n", "\n").split("\n")
    start, end = lines.index("-----BEGIN MALLA CARD-----"), lines.index("-----END MALLA CARD-----")
    inner = lines[start + 1:end]
    assert all(len(x) == 64 for x in inner[:-1]) and 1 <= len(inner[-1]) <= 64
    data = base64.b64decode("".join(inner), validate=True)
    assert base64.b64encode(data).decode() == "".join(inner)
    return data


# ---------------------------------------------------------------- 6 seal

def node(left, right):
    return sha256(b"\1", left, right)


def tree_root(leaves):
    if len(leaves) < 2:
        return leaves[0] if leaves else sha256()
    k = 1 << (len(leaves) - 1).bit_length() - 1
    return node(tree_root(leaves[:k]), tree_root(leaves[k:]))


def verify_path(leaf, index, size, path, root):
    refuse_unless(index < size, "bad-proof")
    fn, sn, r = index, size - 1, leaf
    for p in path:
        refuse_unless(sn > 0, "bad-proof")
        if fn & 1 or fn == sn:
            r = node(p, r)
            while fn and not fn & 1:
                fn, sn = fn >> 1, sn >> 1
        else:
            r = node(r, p)
        fn, sn = fn >> 1, sn >> 1
    refuse_unless(sn == 0 and r == root, "bad-proof")


def chunks(data, n):
    assert len(data) % n == 0
    return [data[i:i + n] for i in range(0, len(data), n)]


def decode_seal(data):
    return statement_of(data, "seal", map_of(
        {0: fixed(32), 2: uint(1, NUMBER), 4: uint(1, 512), 6: fixed(32), 8: uint(1, TIME)},
        must=(0, 2, 4, 6, 8)), 512)


# ---------------------------------------------------------------- 7 envelope

def header_suite(r, m):
    refuse_unless(r.uint(1, 255) == 1, "unknown-suite")
    return 1


def voided(r, m):
    def one(r, inner):
        number = r.uint(1, NUMBER)
        return number
    count, out = r.array(0, 64), []
    refuse_unless(count > 0, "not-canonical")
    for _ in range(count):
        out.append(one(r, m))
        refuse_unless(len(out) < 2 or out[-2] < out[-1], "not-canonical")
        refuse_unless(out[-1] < m.get(10, 0), "bad-field")
    return out


def certified(r, m):
    refuse_unless(r.bool(), "not-canonical")
    return True


HEAD = map_of({0: header_suite, 2: fixed(32), 4: uint(1, NUMBER), 6: fixed(32), 8: uint(1, NUMBER),
               10: uint(1, NUMBER), 12: fixed(32), 14: uint(1, 512), 16: raw_first(MARKING), 18: fixed(32),
               20: fixed(32), 22: fixed(32), 24: fixed(24), 26: voided, 28: certified, 30: fixed(8),
               32: uint(1, TIME)}, must=(0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 32))


def header_parts(r, m):
    parts = r.array(1, 3)
    head, data = raw_first(HEAD)(r, m)
    refuse_unless(parts == (1 if 28 in head else 3), "not-canonical")
    wrap = (r.bin(24, 24), r.bin(48, 48)) if parts == 3 else None
    return head, sha256(b"malla/envelope/v1\n", data), wrap


def decode_header(data):
    return statement_of(data, "envelope", header_parts, 4000)


def path_bytes(r, m):
    data = r.bin(0, 288)
    refuse_unless(len(data) % 32 == 0, "bad-field")
    return data


def entries(is_whole):
    def read(r, m):
        total, out = 0, []
        for i in range(r.array(1, 512)):
            r.array(2 if is_whole else 4, 2 if is_whole else 4)
            index = i if is_whole else r.uint(0, 511)
            refuse_unless(not out or index > out[-1][0], "not-canonical")
            salt, data = r.bin(16, 16), r.bin(1, 196608)
            total += len(data)
            refuse_unless(total <= 196608, "oversized")
            out.append((index, salt, data, None if is_whole else path_bytes(r, m)))
        return out
    return read


def part(r, m):
    refuse_unless(2 not in m, "not-canonical")
    return entries(False)(r, m)


def check_payload(m):
    refuse_unless(2 in m or 4 in m, "bad-field")


PAYLOAD = map_of({0: signed(512), 2: entries(True), 4: part}, must=(0,), check=check_payload)


def open_payload(data, key):
    """Steps 17 to 21 of 9.4, without cards and clocks."""
    payload = decode(data, PAYLOAD, 258048)
    verify_one(payload[0], key)
    seal = decode_seal(payload[0][0])
    items, leaves = payload.get(2) or payload[4], []
    for index, salt, data, path in items:
        leaf = sha256(b"\0", salt, record_id(data))
        leaves.append(leaf)
        if path is not None:
            verify_path(leaf, index, seal[4], chunks(path, 32), seal[6])
        content = decode(data, record(False), 196608)
        refuse_unless(content[2] == seal[0], "wrong-author")
    if 2 in payload:
        refuse_unless(len(leaves) == seal[4], "wrong-count")
        refuse_unless(tree_root(leaves) == seal[6], "bad-proof")
    return payload, seal


def decrypt(key, nonce, associated, data):
    try:
        return bindings.crypto_aead_xchacha20poly1305_ietf_decrypt(data, associated, nonce, key)
    except nacl.exceptions.CryptoError:
        raise Refused("cannot-open") from None


def open_envelope(statement, ciphertext, secret, psk):
    """Step 11, then 16 of 9.4: the payload, and everything on the way to it."""
    head, header_hash, wrap = decode_header(statement)
    refuse_unless(sha256(ciphertext) == head[18], "bad-ciphertext")
    recipient = bindings.crypto_scalarmult_base(secret)
    try:
        shared = bindings.crypto_scalarmult(secret, head[22])
    except Exception:  # libsodium refuses points of small order
        raise Refused("cannot-open") from None
    refuse_unless(any(shared), "cannot-open")
    wrapping = hashlib.blake2b(b"malla/wrap/v1\n" + shared + head[22] + recipient + header_hash,
                               key=psk, digest_size=32).digest()
    content_key = decrypt(wrapping, wrap[0], header_hash, wrap[1])
    commitment = sha256(b"malla/commitment/v1\n", content_key, head[24])
    refuse_unless(commitment == head[20], "bad-commitment")
    payload = decrypt(content_key, head[24], b"\1" + head[12], ciphertext)
    return {"header_hash": header_hash, "shared": shared, "wrapping_key": wrapping, "content_key": content_key,
            "commitment": commitment, "payload": payload, "recipient_key": recipient, "ephemeral": head[22]}, head


# ---------------------------------------------------------------- 8 receipt, 12 reasons

REASONS = {int(code): name for code, name in re.findall(
    r"^\| (\d+) \| `([a-z-]+)` \|", PAGE[PAGE.index("## 12. "):PAGE.index("### 12.1")], re.M)}


def head_of_log(r, m):
    epoch, size, root = tuple_of(uint(0, NUMBER), uint(0, NUMBER), fixed(32))(r, m)
    refuse_unless(size > 0 or root == sha256(), "bad-field")
    return epoch, size, root


def outcomes(r, m):
    data = r.bin(2, 1024)
    refuse_unless(len(data) % 2 == 0, "bad-field")
    codes = [int.from_bytes(c, "big") for c in chunks(data, 2)]
    refuse_unless(all(c in REASONS for c in codes), "bad-field")
    return [REASONS[c] for c in codes]


def check_receipt(m):
    has, has_not = ((22, 24), (14,)) if m[0] == 2 else ((14,), (22, 24))
    refuse_unless(all(k in m for k in has), "bad-field")
    refuse_unless(not any(k in m for k in has_not), "not-canonical")


def decode_receipt(data):
    return statement_of(data, "receipt", map_of({
        0: uint(1, 3), 2: fixed(32), 4: fixed(32), 6: uint(1, NUMBER), 8: fixed(32), 10: uint(1, NUMBER),
        12: uint(1, NUMBER), 14: outcomes, 16: head_of_log, 18: head_of_log, 20: uint(1, TIME), 22: uint(1, 512),
        24: uint(0, 4)}, must=(0, 2, 4, 6, 8, 10, 12, 16, 20), check=check_receipt), 4096)


# ---------------------------------------------------------------- 9 exchange

def refusal_reason(r, m):
    code = r.uint(0, 65535)
    refuse_unless(code in REASONS and code > 1, "bad-field")
    return REASONS[code]


MESSAGES = {
    1: map_of({0: array_of(1, 8, uint(0, 255), same), 2: array_of(1, 8, uint(1, 255), same), 4: fixed(32),
               6: uint(1, NUMBER), 8: uint(0, NUMBER), 10: fixed(16), 12: fixed(16), 14: uint(0, NUMBER),
               16: uint(0, NUMBER), 18: head_of_log, 20: head_of_log, 22: uint(0, 64), 24: uint(1, TIME)},
              must=(0, 2, 4, 6, 8, 10, 14, 16, 18, 22, 24)),
    2: map_of({0: signed(4000), 2: binary(17, 258064)}, must=(0, 2)),
    3: map_of({0: signed(4096)}, must=(0,)),
    4: map_of({0: refusal_reason, 2: uint(0, 255), 4: uint(1, NUMBER), 6: uint(1, 86400000)}, must=(0, 2)),
    5: map_of({0: array_of(1, 16, binary(1, 46080))}, must=(0,))}


def frame(r, m):
    r.array(2, 2)
    kind = r.uint(1, 255)
    refuse_unless(kind not in (6, 7, 8, 9), "not-supported")
    refuse_unless(kind in MESSAGES, "bad-field")
    return kind, MESSAGES[kind](r, m)


# ---------------------------------------------------------------- 10 log

DETAILS = map_of({0: binary(1, 65536), 2: fixed(32), 4: uint(1, NUMBER), 6: fixed(32), 8: uint(1, NUMBER),
                  10: fixed(32), 11: prose(1, 65536), 12: fixed(16), 14: uint(1, NUMBER), 16: uint(0, NUMBER)})

# ---------------------------------------------------------------- 11 key files and predicates

PURPOSES = {1: "root", 2: "sign", 3: "envelope", 4: "transport", 5: "log", 6: "witness", 7: "operator"}


def decode_keyfile(data):
    context, r = b"malla/keyfile/v1\n", Reader(data)
    refuse_unless(r.take(17) == context, "unknown-version")
    purpose, suite, kdf = r.take(3)
    refuse_unless(suite == 1, "unknown-version")
    refuse_unless(purpose in PURPOSES and kdf in (0, 1), "bad-field")
    out = {"purpose": PURPOSES[purpose], "kdf": kdf}
    if kdf:
        out["operations"], out["memory"] = (int.from_bytes(r.take(8), "big") for _ in range(2))
        r.at += 42
        refuse_unless(r.left() >= 0, "truncated")
        r.at -= 42
        refuse_unless(out["operations"] <= 16 and out["memory"] <= 2**30, "oversized")
        refuse_unless(out["operations"] >= 1 and out["memory"] >= 8192, "bad-field")
        out["salt"], out["nonce"] = r.take(16), r.take(24)
    length = int.from_bytes(r.take(2), "big")
    refuse_unless(length == (48 if kdf else 32), "bad-field")
    out["associated"] = data[:r.at]
    out["secret"] = r.take(length)
    r.close()
    return out


TIMES = {4, 5, 9, 10, 21, 22, 35, 36}
IDS = {3, 27, 33, 42, 44, 46}
FIELD_RANGE = {1: (1, 10), 2: (0, 4), 6: (0, 100), 7: (1, 4), 12: (0, 0), 13: (1, 17), 17: (0, 4), 18: (0, 2),
    19: (0, 2), 20: (0, 2), 26: (1, 2), 34: (1, 3), 37: (0, 999999999999), 38: (1, 2), 43: (0, 4)}
TEXT_BYTES = {8: 128, 11: 35, 14: 4096, 15: 256, 16: 256, 23: 128, 24: 128, 25: 128, 28: 4096, 29: 512, 30: 4096,
    31: 4096, 32: 512, 39: 128, 40: 128, 41: 512, 45: 64, 47: 256}
OPS_FOR = {5: set(range(1, 48)), 6: TIMES | {2, 6, 7, 17, 37, 43}, 10: set(TEXT_BYTES) - {47},
    11: {14}, 12: {14}, 13: {14}}
OPS_FOR.update({op: OPS_FOR[6] for op in (7, 8, 9)})


def predicate_value(r, field):
    if field in TIMES:
        return tuple(tuple_of(uint(0, 2), uint(0, NUMBER))(r, None))
    if field in IDS:
        return r.bin(32, 32)
    return r.str(1, 4096, False).encode() if field in TEXT_BYTES else r.uint(0, NUMBER)


def predicate_node(r, m):
    count, op = r.array(2, 3), r.uint(1, 13)
    refuse_unless((op <= 4) == (count == 2), "bad-field")
    if op <= 4:
        return op, r.uint(1, 64), None
    field = r.uint(1, 47)
    return op, field, [predicate_value(r, field) for _ in range(r.array(1, 128))]


def check_value(op, field, value):
    if field in TIMES:
        base, ms = value
        refuse_unless(ms <= (TIME if base == 0 else 36500 * DAY), "bad-field")
        refuse_unless(not (base == 2 and ms == 0) and (base == 0 or ms % 1000 == 0), "not-canonical")
    elif field in FIELD_RANGE:
        refuse_unless(FIELD_RANGE[field][0] <= value <= FIELD_RANGE[field][1], "bad-field")
        refuse_unless(field not in (19, 20) or value != 1, "bad-field")
    elif field not in IDS:
        high = {10: 256, 13: 32}.get(op, TEXT_BYTES[field])
        refuse_unless(len(value) <= high, "bad-field")
        if op == 11:
            refuse_unless(is_canonical(4, value.decode()), "bad-field")
        if op == 12 and not is_canonical(3, value.decode()):
            # a network in another spelling, or none at all
            raise Refused("not-canonical" if is_network(value.decode()) else "bad-field")


def is_place(op, number, parent, inside):
    """number: children of a group, field of a comparison; parent: op and children, or None."""
    above = parent[0] if parent else 0
    if op == 1:
        return number >= 2 and above != 1 and not inside
    if op == 2:
        return number >= 2 and above != 2 and (not inside or (above == 4 and parent[1] >= 2))
    if op == 3:
        return number == 1 and above != 3 and not inside
    if op == 4:
        return not inside
    return (number in (13, 14)) == inside


def predicate(r, m):
    nodes = array_of(0, 64, predicate_node)(r, m)
    stack = []  # op, children, left, inside
    for i, (op, number, values) in enumerate(nodes):
        refuse_unless(i == 0 or stack, "not-canonical")
        top = stack[-1] if stack else None
        inside = bool(top and top[3])
        refuse_unless(is_place(op, number, top, inside), "bad-field")
        if op <= 4:
            refuse_unless(len(stack) < 12, "too-deep")
            stack.append([op, number, number, inside or op == 4])
            continue
        refuse_unless(number in OPS_FOR[op], "bad-field")
        refuse_unless(op not in (6, 7, 8, 9) or len(values) == 1, "bad-field")
        for n, value in enumerate(values):
            check_value(op, number, value)
            refuse_unless(n == 0 or values[n - 1] < value, "not-canonical")
        while stack:
            stack[-1][2] -= 1
            if stack[-1][2]:
                break
            stack.pop()
    refuse_unless(not stack, "truncated")
    return nodes


def decode_predicate(data):
    return decode(data, predicate, 12288)


# ---------------------------------------------------------------- 13 operators' API

REQUEST = tuple_of(fixed(16), uint(0, 65535), binary(1, 200000), binary(0, 200000))
ACT = map_of({0: fixed(32), 2: fixed(16), 4: uint(1, TIME), 6: uint(0, 65535), 8: fixed(32)}, must=(0, 2, 4, 6, 8))
ORGANISATION = map_of({0: fixed(32)}, must=(0,))


def known_reason(r, m):
    code = r.uint(0, 65535)
    refuse_unless(code in REASONS, "bad-field")
    return REASONS[code]


ANSWER = tuple_of(fixed(16), known_reason, prose(0, 4096), binary(0, 200000))


def said(reader):
    """An optional field that is there must say something (13.4)."""
    def read(r, m):
        value = reader(r, m)
        refuse_unless(any(value) if isinstance(value, bytes) else value, "not-canonical")
        return value
    return read


OUTCOME = map_of({0: known_reason, 1: said(fixed(32)), 2: said(uint(0, 1024)), 3: said(uint(0, 1024))}, must=(0,))
SUBMIT_ANSWER = map_of({0: said(array_of(0, 512, OUTCOME)), 1: said(uint(0, 512))})


def decode_act(data):
    return statement_of(data, "act", ACT, 1024)


# ---------------------------------------------------------------- the vectors

def equal(found, expected, what):
    if found != expected:
        raise AssertionError(f"{what}: {found!r} instead of {expected!r}")


def check_value_vector(v):
    value = decode(v["bytes"], lambda r, m: r.any())
    form, text = v["name"], v["value"]
    if form == "uint":
        equal(value, int(text), "number")
    elif form == "str":
        equal(value, text, "text")
    elif form == "bin":
        equal(value, bytes(int(text)), "binary")
    elif form == "array":
        equal(value, [i % 2 == 0 for i in range(int(text))], "array")
    else:
        equal(value, {i: 0 for i in range(int(text))}, "map")


def check_record_vector(v):
    r = Reader(v["bytes"])
    content = record(v["type"] == "draft")(r)
    r.close()
    equal(KINDS[content[0]], v["kind"], "kind")
    equal(TLPS[content[6][0][0]], v["tlp"], "TLP")
    equal(len(content.get(11, [])), v["observables"], "observables")
    equal(r.unknown, v["unknown"], "unknown keys")
    if "id" in v:
        equal(record_id(v["bytes"]), v["id"], "id")


def openssl_verify(key, statement, data):
    with tempfile.TemporaryDirectory() as folder:
        names = {"key": b"\x30\x2a\x30\x05\x06\x03\x2b\x65\x70\x03\x21\x00" + key, "statement": statement, "sig": data}
        for name, content in names.items():
            with open(os.path.join(folder, name), "wb") as out:
                out.write(content)
        subprocess.run(["openssl", "pkeyutl", "-verify", "-rawin", "-pubin", "-keyform", "DER", "-inkey", "key",
                        "-in", "statement", "-sigfile", "sig"], cwd=folder, check=True, stdout=subprocess.DEVNULL)


def check_root_vector(v):
    chain = [decode(v[name], signed(4096)) for name in ("first", "second")]
    org, newest = verify_chain(chain)
    equal(org, v["organisation"], "organisation")
    equal(newest[0], 2, "version")
    openssl_verify(decode_root(chain[0][0])[6][0][1], chain[0][0], chain[0][1][0][2])
    try:
        verify_chain([chain[0], (chain[1][0], chain[1][1][:1])])
    except Refused as refusal:
        equal(refusal.reason, "bad-signature", "a successor that its predecessor did not sign")
    else:
        raise AssertionError("a successor needs its predecessor's signature")


def check_package_vector(v):
    org, card = open_package(v["bytes"])
    equal(org, v["organisation"], "organisation")
    equal(fingerprint(org), v["fingerprint"], "fingerprint")
    equal(card[2], v["serial"], "serial")
    equal(card[1], v["card_name"], "name")
    equal(card.get(12, {}).get(0, ""), v["revoked"], "revocation")
    equal(card.get(8, {}).get(0, bytes(32)), v["sign_key"], "sign key")
    equal(unarmour(v["file"]), v["bytes"], "file")
    equal(unarmour("some text\r\n" + v["file"].replace("\n", "\r\n") + "more\r\n"), v["bytes"], "file with CRLF")


def check_seal_vector(v):
    thing = decode(v["bytes"], signed(512))
    verify_one(thing, v["sign_key"])
    seal = decode_seal(thing[0])
    leaves = [sha256(b"\0", salt, rid) for salt, rid in zip(chunks(v["salts"], 16), chunks(v["ids"], 32))]
    equal((seal[4], seal[6]), (v["size"], v["root"]), "size and root")
    equal(len(leaves), seal[4], "leaves")
    equal(tree_root(leaves), seal[6], "root of the leaves")
    for index, path in v["paths"]:
        verify_path(leaves[index], index, seal[4], chunks(bytes.fromhex(path), 32), seal[6])


def check_payload_vector(v):
    payload, _ = open_payload(v["bytes"], v["sign_key"])
    equal(2 in payload, bool(v["whole"]), "whole")
    equal(len(payload.get(2) or payload[4]), v["count"], "count")


def check_envelope_vector(v):
    thing = decode(v["bytes"], signed(4000))
    verify_one(thing, v["sign_key"])
    values, head = open_envelope(thing[0], v["ciphertext"], v["recipient_secret"], v["psk"])
    for name, value in values.items():
        equal(value, v[name], name)
    equal(bindings.crypto_scalarmult_base(v["ephemeral_secret"]), v["ephemeral"], "ephemeral")
    equal(sha256(thing[0]), v["envelope_hash"], "envelope hash")
    equal(head.get(30), sha256(v["psk"])[:8] if any(v["psk"]) else None, "name of the pre-shared key")
    payload, seal = open_payload(values["payload"], v["sign_key"])
    equal(seal[6], head[12], "root")
    items = payload.get(2) or payload[4]
    equal(len(items), head[14], "count")
    for item in items:
        equal(decode(item[2], record(False))[6][1], head[16][1], "marking")


def check_certified_vector(v):
    thing = decode(v["bytes"], signed(4000))
    verify_one(thing, v["sign_key"])
    head, header_hash, wrap = decode_header(thing[0])
    equal((head[28], wrap, header_hash), (True, None, v["header_hash"]), "certified")


def check_receipt_vector(v):
    thing = decode(v["bytes"], signed(4096))
    verify_one(thing, v["sign_key"])
    receipt = decode_receipt(thing[0])
    equal(receipt[0], v["kind"], "kind")
    equal(" ".join(receipt.get(14, [])), v["outcomes"], "outcomes")


def check_frame_vector(v):
    kind, message = decode(v["bytes"], frame, 262144)
    equal(kind, v["message"], "type")
    if kind == 1:
        equal([message[k] for k in (6, 8, 14, 16, 22, 24)], v["numbers"], "numbers of HELLO")
        equal((message[4], message.get(12, b"")), (v["organisation"], v["echo"]), "parties of HELLO")
    elif kind == 4:
        equal((message[0], [message[2], message.get(4, 0), message.get(6, 0)]), (v["reason"], v["numbers"]), "refusal")
    elif kind == 2:
        equal(decode_header(message[0][0])[0][18], sha256(message[2]), "ciphertext")
    elif kind == 3:
        decode_receipt(message[0][0])
    elif kind == 5:
        for package in message[0]:
            open_package(package)


def check_log_vector(v):
    hashes = []
    for i, row in enumerate(v["leaves"]):
        leaf, salt, details, leaf_hash = (bytes.fromhex(x) for x in row)
        equal(len(leaf), 114, "length")
        equal(int.from_bytes(leaf[2:10], "big"), i, "index")
        equal(leaf[82:], sha256(salt, details) if details else bytes(32), "commitment")
        if details:
            decode(details, DETAILS, 65536)
        if int.from_bytes(leaf[:2], "big") == 9:
            equal(leaf[18:50], sha256(b"operator\0", v["operator"].encode()), "actor")
        hashes.append(sha256(b"\0", leaf))
        equal(hashes[-1], leaf_hash, "hash of the leaf")
    equal(decode(v["head"], head_of_log), (1, len(hashes), tree_root(hashes)), "head")


def check_keyfile_vector(v):
    file = decode_keyfile(v["bytes"])
    secret = file["secret"]
    if file["kdf"]:
        key = nacl.pwhash.argon2id.kdf(32, v["passphrase"].encode(), file["salt"], file["operations"], file["memory"])
        secret = decrypt(key, file["nonce"], file["associated"], secret)
    equal(file["purpose"], v["purpose"], "purpose")
    equal(secret, v["secret"], "secret")
    if v["purpose"] in ("envelope", "transport"):
        equal(bindings.crypto_scalarmult_base(secret), v["public"], "public key")
    else:
        equal(bindings.crypto_sign_seed_keypair(secret)[0], v["public"], "public key")


def check_request_vector(v):
    request_id, command, arguments, act = decode(v["bytes"], REQUEST, 200000)
    equal(act, v["act"], "act")
    thing = decode(act, signed(1024))
    verify_one(thing, v["operator_key"])
    facts = decode_act(thing[0])
    equal((facts[2], facts[6], facts[8]), (request_id, command, sha256(arguments)), "what the act speaks of")
    decode(arguments, ORGANISATION)


def check_answer_vector(v):
    _, reason, words, content = decode(v["bytes"], ANSWER, 200000)
    equal((reason, words), (v["reason"], v["words"]), "answer")
    if content:
        outcomes_of = decode(content, SUBMIT_ANSWER)[0]
        equal(" ".join(o[0] for o in outcomes_of), v["outcomes"], "outcomes")


def check_predicate_vector(v):
    equal(len(decode_predicate(v["bytes"])), v["nodes"], "nodes")


DECODERS = {
    "value": lambda b: decode(b, lambda r, m: r.any()),
    "record": lambda b: decode(b, record(False), 196608),
    "draft": lambda b: decode(b, record(True), 196608),
    "root": decode_root, "card": decode_card, "card-package": open_package, "seal": decode_seal,
    "header": decode_header, "payload": lambda b: decode(b, PAYLOAD, 258048), "receipt": decode_receipt,
    "frame": lambda b: decode(b, frame, 262144), "details": lambda b: decode(b, DETAILS, 65536),
    "predicate": decode_predicate, "keyfile": decode_keyfile, "request": lambda b: decode(b, REQUEST, 200000),
    "answer": lambda b: decode(b, ANSWER, 200000), "act": decode_act}


def must_refuse(reason, function, *arguments):
    try:
        function(*arguments)
    except Refused as refusal:
        equal(refusal.reason, reason, "reason")
        return
    raise AssertionError(f"accepted; {reason} was expected")


def check_refused_vector(v):
    must_refuse(v["reason"], DECODERS[v["of"]], v["bytes"])


def check_opening_vector(v):
    must_refuse(v["reason"], open_envelope, v["bytes"], v["ciphertext"], v["recipient_secret"], bytes(32))


def check_path_vector(v):
    must_refuse("bad-proof", verify_path, v["leaf"], v["index"], v["size"], chunks(v["path"], 32), v["root"])


CHECKS = {
    "value": check_value_vector, "record": check_record_vector, "draft": check_record_vector,
    "root-chain": check_root_vector, "card-package": check_package_vector, "seal": check_seal_vector,
    "payload": check_payload_vector, "envelope": check_envelope_vector, "envelope-certified": check_certified_vector,
    "receipt": check_receipt_vector, "frame": check_frame_vector, "log": check_log_vector,
    "keyfile": check_keyfile_vector, "request": check_request_vector, "answer": check_answer_vector,
    "predicate": check_predicate_vector, "refused": check_refused_vector, "refused-opening": check_opening_vector,
    "refused-path": check_path_vector}
# What stands in a vector as text; other strings are hexadecimal.
TEXTS = {"type", "name", "value", "kind", "tlp", "fingerprint", "card_name", "revoked", "file", "outcomes", "operator",
         "purpose", "passphrase", "reason", "words", "text", "of"}


def check_vector(raw):
    vector = {k: bytes.fromhex(x) if isinstance(x, str) and k not in TEXTS else x for k, x in raw.items()}
    CHECKS[vector["type"]](vector)


def main():
    passed = failed = 0
    for path in sorted(glob.glob(os.path.join(HERE, "*.json"))):
        with open(path, encoding="utf-8") as file:
            vectors = json.load(file)
        for vector in vectors:
            try:
                check_vector(vector)
                passed += 1
            except Exception as problem:  # every vector is tried, whatever is wrong with one
                failed += 1
                what = vector.get("of", vector["type"])
                print(f"{os.path.basename(path)}: {what}: {vector['name']}: {type(problem).__name__}: {problem}")
    print(f"{passed} passed, {failed} failed")
    return 0 if passed and not failed else 1


if __name__ == "__main__":
    sys.exit(main())
