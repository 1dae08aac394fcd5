"""What the bench says: rows with their spread and verdict, as a table, as JSON, in docs/measurements.md."""

import datetime
import json
import os
import re
import subprocess

BEGIN = "<!-- bench: written by `make bench RECORD=1`; what stands up to the end mark is replaced -->"
END = "<!-- bench: end -->"


def median(values):
    values = sorted(values)
    middle = len(values) // 2
    return values[middle] if len(values) % 2 else (values[middle - 1] + values[middle]) / 2


def number(value):
    if value is None:
        return "–"
    if abs(value) >= 1000:
        return f"{value:,.0f}"
    if abs(value) >= 100:
        return f"{value:.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


class Row:
    """One figure: its values, one a round, and, if it has one, what it must be."""

    def __init__(self, key, what, values, unit, at_least=None, at_most=None, note=""):
        self.key, self.what, self.unit, self.note = key, what, unit, note
        self.values = list(values)
        self.at_least, self.at_most = at_least, at_most

    def median(self):
        return median(self.values) if self.values else None

    def target(self):
        if self.at_least is not None:
            return f"≥ {number(self.at_least)}"
        return f"≤ {number(self.at_most)}" if self.at_most is not None else ""

    def verdict(self):
        if self.at_least is None and self.at_most is None:
            return ""
        if not self.values:
            return "not there"
        if self.at_least is not None:
            return "met" if self.median() >= self.at_least else "MISSED"
        return "met" if self.median() <= self.at_most else "MISSED"

    def spread(self):
        if len(self.values) < 2:
            return ""
        return f"{number(min(self.values))}–{number(max(self.values))}"

    def cells(self):
        return [self.key, self.what, f"{number(self.median())} {self.unit}".strip(), self.spread(),
                str(len(self.values)), self.target(), self.verdict()]

    def as_json(self):
        return {"key": self.key, "what": self.what, "unit": self.unit, "values": self.values,
                "median": self.median(), "at_least": self.at_least, "at_most": self.at_most,
                "verdict": self.verdict(), "note": self.note}


class Report:
    HEAD = ["", "what", "median", "least–most", "rounds", "target", "verdict"]

    def __init__(self, folder, title):
        self.folder, self.title = folder, title
        self.rows = []
        self.curves = {}
        self.disk = []
        self.facts = {}

    def add(self, *arguments, **more):
        row = Row(*arguments, **more)
        self.rows.append(row)
        print("  " + "  ".join(cell for cell in row.cells() if cell), flush=True)
        return row

    def curve(self, name, line, x, y):
        self.curves.setdefault(name, {}).setdefault(line, []).append((x, y))

    def table(self):
        cells = [self.HEAD] + [row.cells() for row in self.rows]
        widths = [max(len(line[i]) for line in cells) for i in range(len(self.HEAD))]
        return "\n".join("  ".join(c.ljust(w) for c, w in zip(line, widths)).rstrip()
                         for line in cells)

    def write_json(self):
        with open(os.path.join(self.folder, "bench.json"), "w") as f:
            json.dump({"title": self.title, "facts": self.facts, "disk": self.disk,
                       "rows": [row.as_json() for row in self.rows], "curves": self.curves},
                      f, indent=1, ensure_ascii=False)

    def plot(self, folder, name, title, x_title, y_title, is_log=True):
        """One SVG of a curve's lines, by gnuplot."""
        lines = self.curves.get(name)
        if not lines or max(len(points) for points in lines.values()) < 2:
            return None
        os.makedirs(folder, exist_ok=True)
        path = os.path.join(folder, f"{name}.svg")
        data, plots = "", []
        for i, (line, points) in enumerate(lines.items()):
            data += f"$d{i} << EOD\n" + "".join(f"{x} {y}\n" for x, y in sorted(points)) + "EOD\n"
            plots.append(f"$d{i} with linespoints pointtype 7 pointsize 0.3 title \"{line}\"")
        script = (f"set terminal svg size 800,480 font 'sans,13' background '#ffffff'\n"
                  f"set output '{path}'\n{data}set title \"{title}\"\nset xlabel \"{x_title}\"\n"
                  f"set ylabel \"{y_title}\"\nset yrange [0:*]\nset grid\nset key below\n"
                  + ("set logscale x\nset format x '10^{%T}'\n" if is_log else "")
                  + "plot " + ", ".join(plots) + "\n")
        subprocess.run(["gnuplot"], input=script, text=True, check=True)
        return path

    def markdown(self, command, plots):
        today = datetime.date.today().isoformat()
        lines = [BEGIN, f"## {self.title} ({today}, `{command}`)", "", self.facts["words"], "",
                 "| " + " | ".join(self.HEAD) + " |", "|" + "---|" * len(self.HEAD)]
        lines += ["| " + " | ".join(row.cells()) + " |" for row in self.rows]
        notes = [row for row in self.rows if row.note]
        lines += [""] + [f"* {row.key}: {row.note}" for row in notes]
        if self.disk:
            lines += ["", "On disk, by purpose:", "", "| purpose | bytes | bytes a record |", "|---|---|---|"]
            lines += [f"| {name} | {size:,} | {each:.1f} |" for name, size, each in self.disk]
        lines += [""] + [f"![{title}](bench/{os.path.basename(path)})" for title, path in plots]
        return "\n".join(lines + [END]) + "\n"

    def record(self, path, command, plots):
        """Put the section into the file, in place of the one that is there."""
        with open(path) as f:
            text = f.read()
        section = self.markdown(command, plots)
        found = re.search(re.escape(BEGIN.split(":")[0]) + r": written.*?" + re.escape(END) + r"\n?",
                          text, re.S)
        if found:
            text = text[:found.start()] + section + text[found.end():]
        else:
            text = text.rstrip("\n") + "\n\n" + section
        with open(path, "w") as f:
            f.write(text)
