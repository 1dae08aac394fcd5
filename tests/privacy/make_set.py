#!/usr/bin/env python3
"""Makes the labelled texts of the privacy gate: seen.txt, which it was tuned with, and held.txt, of which only
the figures were looked at.  No template is in both.  Run once, before the gate was written; the two
files are what counts, and are not to be made again.

A line is one text; what is to be found stands in it as {{kind|value}}; \\n, \\t and \\\\ as in C.
All values are made up: bodies of zeros or of random digits under test prefixes, telephone numbers that no exchange
gives out (subscriber numbers that begin with 0 or 1, 555-01xx), mailboxes under names reserved by RFC 2606."""
import random, re, sys, os, urllib.parse, base64

R = random.Random(20261124)
STATES = "AS BC BS CC CL CM CS CH DF DG GT GR HG JC MC MN MS NT NL OC PL QT QR SP SL SR TC TS TL VZ YN ZS NE".split()
CONS = "BCDFGHJKLMNPQRSTVWXYZ"
GIVEN = ("María Guadalupe|José Luis|Juan Carlos|Ana Sofía|Luis Fernando|Miguel Ángel|Rosa Elena|Francisco Javier|Jesús|"
         "Verónica|Alejandra|Ricardo|Mary Ann|John|Michael|Jennifer|Robert|Elizabeth|Patricia|Carmen|Pedro|Sergio|Laura|"
         "Daniela|Fernando|Gabriela|Raúl|Óscar|Susan|David|Íñigo|Lucía").split("|")
FAMILY = ("Hernández|García Ruiz|Martínez|López Portilla|González|Pérez Ávila|Rodríguez|Sánchez Muñoz|Ramírez|Cruz|Flores|"
          "Gómez Luna|Smith|Johnson|Williams|Brown|O'Connor|Ibáñez|Núñez|De la Torre|Castillo|Ortiz|Mendoza|Vázquez").split("|")

def curp():
    a = R.choice("BCDFGHLMPRSTV") + R.choice("AEIOU") + R.choice("BCDFGHLMPRSTV") + R.choice("ABCDEFGHJLMR")
    y = R.randrange(100)
    s = a + "%02d%02d%02d" % (y, R.randrange(1, 13), R.randrange(1, 29)) + R.choice("HM") + R.choice(STATES)
    s += "".join(R.choice(CONS) for _ in range(3)) + (R.choice("ABC") if y < 25 else R.choice("0123456789"))
    alphabet = "0123456789ABCDEFGHIJKLMNÑOPQRSTUVWXYZ"
    return s + str((10 - sum(alphabet.index(c) * (18 - i) for i, c in enumerate(s)) % 10) % 10)

def rfc(person=True):
    a = "".join(R.choice("ABCDEFGHIJLMNOPRSTUVZ") for _ in range(4 if person else 3))
    if person: a = a[0] + R.choice("AEIOU") + a[2:]
    if R.random() < .08: a = a[:-1] + R.choice("Ñ&" if not person else "Ñ")
    s = a + "%02d%02d%02d" % (R.randrange(100), R.randrange(1, 13), R.randrange(1, 29))
    s += R.choice("123456789ABCDEFGHIJKLMNPQRSTUVWXYZ") + R.choice("123456789ABCDEFGHIJKLMNPQRSTUVWXYZ")
    alphabet = "0123456789ABCDEFGHIJKLMN&OPQRSTUVWXYZ Ñ"
    p = s.rjust(12)
    d = 11 - sum(alphabet.index(c) * (13 - i) for i, c in enumerate(p)) % 11
    return s + ("0" if d == 11 else "A" if d == 10 else str(d))

def clabe():
    s = R.choice("002 012 014 021 030 036 044 058 062 072 106 127 133 137 138 646 659 684 722 638".split())
    s += "%03d" % R.choice([1, 10, 180, 320, 580, 650, 910]) + "%011d" % R.randrange(10 ** 6)
    return s + str((10 - sum(int(c) * (3, 7, 1)[i % 3] % 10 for i, c in enumerate(s)) % 10) % 10)

IBANS = {"DE": (18, 0), "ES": (20, 0), "FR": (23, 0), "GB": (18, 4), "NL": (14, 4), "IT": (23, 1), "CH": (17, 0), "CR": (18, 0),
         "GT": (24, 4), "DO": (24, 4), "BR": (25, 0), "SV": (24, 4), "PT": (21, 0), "AT": (16, 0), "NO": (11, 0)}
def iban():
    cc = R.choice(list(IBANS)); n, letters = IBANS[cc]
    b = "".join(R.choice("ABCDEFGH") for _ in range(letters)) + "".join(R.choice("0123456789") for _ in range(n - letters))
    if cc == "BR": b = b[:23] + "P1"
    num = "".join(str(int(c, 36)) for c in b + cc + "00")
    return cc + "%02d" % (98 - int(num) % 97) + b

def card(n=None):
    p, m = R.choice([("411111", 16), ("400000", 16), ("455673", 16), ("555555", 16), ("510510", 16), ("222300", 16),
                     ("378282", 15), ("371449", 15), ("601111", 16), ("353011", 16), ("305693", 14), ("506199", 16),
                     ("620000", 16), ("400000", 13), ("620000", 19), ("675900", 16)])
    if n == 16 and m != 16: return card(16)
    s = p + "".join(R.choice("0123456789") for _ in range(m - 7))
    t = sum((lambda d: d - 9 if d > 9 else d)(int(c) * (2 if i % 2 == 0 else 1)) for i, c in enumerate(reversed(s)))
    return s + str((10 - t % 10) % 10)

def group(s, sizes, sep):
    out, at = [], 0
    for z in sizes:
        out.append(s[at:at + z]); at += z
    if at < len(s): out.append(s[at:])
    return sep.join(x for x in out if x)
def wide(s): return "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in s)
def pct(s): return "".join("%%%02X" % b for b in s.encode())
def ent(s): return "".join("&#%d;" % ord(c) for c in s)
def jsu(s): return "".join("\\u%04x" % ord(c) for c in s)
def zero(s):
    i = R.randrange(2, len(s) - 2); return s[:i] + R.choice("\u200b\u200d\u2060\ufeff\u00ad") + s[i:]
def cyr(s): return s.translate(str.maketrans("AEOPCXBHMTK", "АЕОРСХВНМТК"))
def qp(s):
    i = R.randrange(3, len(s) - 3); return s[:i] + "=\n" + s[i:]
def arab(s): return "".join(chr(0x660 + int(c)) if c.isdigit() else c for c in s)
SEP = [" ", "-", "\u00a0", "\u2011", "\u2013", ".", "\u202f", "\u2009"]

def f_any(s, plain):
    r = R.random()
    if r < .50: return plain
    return R.choice([wide, zero, qp, pct, jsu, ent])(s)
def v_curp():
    s = curp(); r = R.random()
    if r < .12: return s.lower()
    if r < .22: return group(s, R.choice([[4, 6, 6, 2], [4, 6, 1, 2, 3, 2], [10, 8], [4, 6, 8]]), R.choice(SEP + ["\n"]))
    if r < .26: return " ".join(s)
    if r < .32: return cyr(s)
    return f_any(s, s)
def v_rfc(person):
    s = rfc(person); r = R.random(); n = 4 if person else 3
    if r < .12: return s.lower()
    if r < .28: return group(s, [n, 6, 3], R.choice(["-", " ", "\u2011", "."]))
    if r < .32 and "&" not in s: return zero(s)
    if "&" in s: return s
    return f_any(s, s)
def v_clabe():
    s = clabe(); r = R.random()
    if r < .25: return group(s, R.choice([[3, 3, 11, 1], [3, 3, 12], [4, 4, 4, 4, 2], [6, 6, 6], [3, 3, 3, 3, 3, 3]]), R.choice(SEP))
    if r < .29: return arab(s)
    if r < .33: return s[:9] + "\n" + s[9:]
    return f_any(s, s)
def v_iban():
    s = iban(); r = R.random()
    if r < .40: return group(s, [4] * 9, R.choice([" ", "-", "\u00a0", "."]))
    if r < .50: return s.lower()
    return f_any(s, s)
def v_card():
    s = card(); r = R.random(); n = len(s)
    if r < .40 and n in (14, 15, 16, 19):
        return group(s, {14: [4, 6, 4], 15: [4, 6, 5], 16: [4, 4, 4, 4], 19: [4, 4, 4, 4, 3]}[n], R.choice(SEP + ["  "]))
    if r < .44: return " ".join(s)
    if r < .48: return arab(s)
    if r < .53 and n == 16: return group(s, [4, 4], " ") [:9] + "\n" + group(s[8:], [4, 4], " ")
    return f_any(s, s)

def national():
    a = R.choice(["55", "33", "81", "722", "222", "664", "999", "442"])
    rest = R.choice("01") + "".join(R.choice("0123456789") for _ in range(9 - len(a)))
    return a, rest
def nat_sep():
    a, r = national()
    if len(a) == 2:
        g = R.choice([[a, r[:4], r[4:]], ["(" + a + ")", r[:4], r[4:]], [a, r[:2], r[2:4], r[4:6], r[6:]]])
    else:
        g = R.choice([[a, r[:3], r[3:]], ["(" + a + ")", r[:3], r[3:]], [a, r[:3], r[3:5], r[5:]]])
    sep = R.choice([" ", "-", "\u00a0", "."]) if "(" not in g[0] else R.choice([" ", "-"])
    return g[0] + (" " if "(" in g[0] else sep) + sep.join(g[1:])
def v_phone():
    a, r = national(); x = R.random()
    if x < .18: return "+52" + a + r
    if x < .34: return "+52 " + R.choice(["", "1 "]) + a + " " + group(r, [len(r) - 4, 4], R.choice([" ", "-"]))
    if x < .40: return "+52 (" + a + ") " + group(r, [len(r) - 4, 4], "-")
    if x < .46: return "0052 " + a + " " + group(r, [len(r) - 4, 4], " ")
    if x < .54: return R.choice(["+1 202-555-01%02d", "+1 (415) 555-01%02d", "+1.312.555.01%02d"]) % R.randrange(100)
    if x < .60: return R.choice(["+34 600 000 %03d", "+34 91 000 0%03d"]) % R.randrange(1000)
    if x < .63: return "+44 20 7946 0%03d" % R.randrange(1000)
    if x < .67: return "+57 300 000 %04d" % R.randrange(10000)
    if x < .71: return wide("+52" + a + r)
    if x < .74: return R.choice(["01 ", "044 ", "045 "]) + a + " " + group(r, [len(r) - 4, 4], " ")
    return nat_sep()
def v_phone10():
    a, r = national()
    return R.choice([a + r, a + r, nat_sep(), a + " " + r])

BOX = ("juan.perez|maria_lopez88|jgomez|ana.sofia+bancos|r.ortiz|o'connor|carlos.mtz|mary.smith|j_d_rodriguez|peñaloza|"
       "lucia-h|fernando.castillo.ruiz|x9|david%cruz|sergio1985|li.wei").split("|")
DOM = ("example.com|example.org|correo.example|mail.banco.example|uni.example.net|gob.example|empresa-norte.example|"
       "xn--bcher-kva.example|peñón.example|пример.example|sub.dominio.example.com").split("|")
def v_email():
    b, d = R.choice(BOX), R.choice(DOM); s = b + "@" + d; r = R.random()
    if r < .50: return s
    if r < .56: return s.upper()
    if r < .62: return b + "[@]" + d.replace(".", "[.]")
    if r < .66: return b + "[at]" + d.replace(".", "[dot]")
    if r < .70: return b + " (arroba) " + d
    if r < .73: return b + " at " + d.replace(".", " dot ")
    if r < .77: return b + " @ " + d
    if "%" in b: return s
    if r < .82: return urllib.parse.quote(b) + "%40" + d
    if r < .85: return b + "%2540" + d
    if r < .88: return b + "&#64;" + d
    if r < .90: return b + "&commat;" + d
    if r < .93: return b + "\\u0040" + d
    if r < .95: return zero(b) + "@" + d if len(b) > 5 else s
    if r < .97: return b + "＠" + d
    if r < .985: return b + "=40" + d
    return b.split("+")[0] + "@\n" + d
def v_name():
    s = R.choice(GIVEN) + " " + R.choice(FAMILY); r = R.random()
    if r < .2: return s.upper()
    if r < .28: return s.lower()
    return s

def v_b64():
    t = R.choice(["user=%s", "email: %s", "%s", "to=%s&id=7"]) % (R.choice(BOX[:9]) + "@" + R.choice(DOM[:7]))
    return base64.b64encode(t.encode()).decode()

VALUES = {"curp": v_curp, "rfc": lambda: v_rfc(True), "rfcf": lambda: v_rfc(False), "clabe": v_clabe, "iban": v_iban, "card": v_card,
          "cardp": lambda: card(16), "phone": v_phone, "phone10": v_phone10, "email": v_email, "emailp": lambda: R.choice(BOX[:9]) + "@" + R.choice(DOM[:7]),
          "name": v_name, "curpp": curp, "clabep": clabe, "b64": v_b64}
KIND = {"rfcf": "rfc", "cardp": "card", "phone10": "phone", "emailp": "email", "curpp": "curp", "clabep": "clabe", "b64": "email"}
HASH = {"md5": 32, "sha1": 40, "sha256": 64}
def n_digits(n): return str(R.randrange(1, 10)) + "".join(R.choice("0123456789") for _ in range(n - 1))
def spoil(s):
    return s[:-1] + str((int(s[-1]) + R.randrange(1, 10)) % 10)
CLEAN = {"md5": lambda: "%032x" % R.getrandbits(128), "sha1": lambda: "%040x" % R.getrandbits(160), "sha256": lambda: "%064x" % R.getrandbits(256),
         "dhash": lambda: n_digits(64), "uuid": lambda: "%08x-%04x-4%03x-8%03x-%012x" % tuple(R.getrandbits(b) for b in (32, 16, 12, 12, 48)),
         "ip": lambda: "192.0.2.%d" % R.randrange(256), "ver": lambda: "%d.%d.%d.%d" % tuple(R.randrange(x) for x in (30, 20, 10000, 999)),
         "epoch": lambda: "17%08d" % R.randrange(10 ** 8), "epochms": lambda: "17%011d" % R.randrange(10 ** 11),
         "cve": lambda: "CVE-20%02d-%d" % (R.randrange(10, 27), R.randrange(1000, 99999)), "date": lambda: "20%02d-%02d-%02d" % (R.randrange(10, 27), R.randrange(1, 13), R.randrange(1, 29)),
         "time": lambda: "%02d:%02d:%02d" % (R.randrange(24), R.randrange(60), R.randrange(60)),
         "badcard": lambda: spoil(card(16)), "badclabe": lambda: spoil(clabe()),
         "badiban": lambda: (lambda s: s[:2] + "%02d" % ((int(s[2:4]) + 7) % 97 + 1) + s[4:])(iban()), "btc": lambda: "bc1q" + "".join(R.choice("qpzry9x8gf2tvdw0s3jn54khce6mua7l") for _ in range(38)),
         "port": lambda: str(R.randrange(1024, 65536)), "hex8": lambda: "0x%08x" % R.getrandbits(32), "num7": lambda: n_digits(7)}

def load(path):
    return [l.rstrip("\n").replace("\\n", "\n").replace("\\t", "\t") for l in open(path, encoding="utf-8") if l.strip() and not l.startswith("#")]

def fill(t):
    def one(m):
        k = m.group(1)
        return CLEAN[k]() if k in CLEAN else "{{%s|%s}}" % (KIND.get(k, k), VALUES[k]())
    return re.sub("<<([a-z0-9]+)>>", one, t)

def main():
    here = os.path.dirname(os.path.abspath(__file__))
    lines = load(os.path.join(here, "templates.txt"))
    R.shuffle(lines)
    for name, part in (("seen", lines[0::2]), ("held", lines[1::2])):
        out = []
        for t in part:
            slots = t.count("<<")
            n = 2 if slots else 1
            for _ in range(n):
                s = fill(t).replace("\\", "\\\\").replace("\n", "\\n").replace("\t", "\\t")
                if s not in out: out.append(s)
        path = os.path.join(here, name + ".txt")
        if os.path.exists(path): sys.exit(path + " is there already")
        with open(path, "w", encoding="utf-8") as f: f.write("\n".join(out) + "\n")
        print(name, len(out), sum("{{" in s for s in out), "with something to find")
main()
