#include "policy/format.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "policy/grammar.h"
#include "policy/policy.h"
#include "policy/scan.h"

#define INDENT 2u
#define FURTHER 4u         /* a statement's next line */
#define STEP_COLUMN 8u     /* behind "record", the longest that a step begins with */
#define CONDITION_WIDE 72u /* a longer one pushes nobody else's `to` to the right */

/* The columns of a rule; where one is not there, it begins where the next does. */
enum cell { CELL_ACTION, CELL_NAME, CELL_WHERE, CELL_PARTY, CELL_COUNT };

struct cells {
	size_t start[CELL_COUNT + 1]; /* the last: behind the rule */
	size_t broken;                /* the first token on another line than the action */
};

struct layout {
	struct scan_token *tokens; /* comments among them; the last is TOKEN_END */
	struct bytes *out;
	size_t line_start; /* in out */
	enum scan_statement place;
	size_t group_end; /* behind the rules that are aligned with one another */
	size_t widths[CELL_COUNT];
};

static int
kind_at(const struct layout *layout, size_t at)
{
	return layout->tokens[at].kind;
}

/* ------------------------------------------------------------------ where statements end */

/* `list` and `own` are words like others, too. */
static bool
is_word(int kind)
{
	return kind == TOKEN_WORD || kind == TOKEN_LIST || kind == TOKEN_OWN;
}

/* They begin a declaration only where nothing else can be meant: behind a value or a name. */
static bool
is_mere_word(const struct layout *layout, size_t start, size_t before, int kind)
{
	int last = kind_at(layout, before);

	if (kind != TOKEN_LIST && kind != TOKEN_OWN)
		return false;
	if (is_word(last))
		return last != TOKEN_WORD && before == start;
	return last != TOKEN_STRING && last != TOKEN_NOW && last != TOKEN_CLOSE;
}

/* Whether the token begins another statement than the one from start; before: the last token in
   front of it that is no comment. */
static bool
is_other(const struct layout *layout, size_t start, size_t before, size_t at)
{
	int kind = kind_at(layout, at);

	if (kind == TOKEN_END || kind == TOKEN_BLOCK_END || kind_at(layout, before) == TOKEN_BLOCK)
		return true;
	return scan_begins(kind, layout->place) && !is_mere_word(layout, start, before, kind);
}

/* Behind the last token of a statement, and behind a comment on its last line. */
static size_t
end_of(const struct layout *layout, size_t start)
{
	size_t last = start, at = start + 1;

	for (; kind_at(layout, at) == TOKEN_COMMENT || !is_other(layout, start, last, at); at++) {
		if (kind_at(layout, at) != TOKEN_COMMENT)
			last = at;
	}
	at = last + 1;
	return kind_at(layout, at) == TOKEN_COMMENT && !layout->tokens[at].is_first ? at + 1 : at;
}

static bool
is_after_empty_line(const struct layout *layout, size_t at)
{
	return at > 0 && layout->tokens[at].place.line > layout->tokens[at - 1].place.line + 1;
}

/* ------------------------------------------------------------------ words */

static void
put(struct layout *layout, const char *text)
{
	bytes_append(layout->out, text, strlen(text));
}

static void
put_blanks(struct layout *layout, size_t count)
{
	for (; count > 0; count--)
		bytes_append_u8(layout->out, ' ');
}

static void
put_line(struct layout *layout, size_t indent)
{
	put(layout, "\n");
	layout->line_start = layout->out->len;
	put_blanks(layout, indent);
}

/* "now - 7d" */
static void
put_now(struct layout *layout, struct bytes_view text)
{
	size_t at = strlen("now");

	put(layout, "now");
	while (at < text.len && text.data[at] != '-' && text.data[at] != '+')
		at++;
	if (at == text.len)
		return;
	put(layout, text.data[at] == '-' ? " - " : " + ");
	for (at++; text.data[at] == ' ' || text.data[at] == '\t' || text.data[at] == '\r';)
		at++;
	bytes_append(layout->out, text.data + at, text.len - at);
}

static void
put_token(struct layout *layout, size_t at)
{
	struct bytes_view text = layout->tokens[at].text;

	if (kind_at(layout, at) == TOKEN_NOW) {
		put_now(layout, text);
		return;
	}
	while (kind_at(layout, at) == TOKEN_COMMENT && strchr(" \t\r", text.data[text.len - 1]))
		text.len--;
	bytes_append(layout->out, text.data, text.len);
}

/* Blanks in front of a token on the same line as the one before it; name: the rule's, or 0. */
static size_t
gap(const struct layout *layout, size_t at, size_t name)
{
	int kind = kind_at(layout, at), before = kind_at(layout, at - 1);

	if (kind == TOKEN_COMMENT)
		return 2;
	if (kind == TOKEN_COMMA || kind == TOKEN_CLOSE || before == TOKEN_OPEN)
		return 0;
	if (kind != TOKEN_OPEN)
		return 1;
	if (before == TOKEN_HOLD)
		return 0;
	/* member(...), in list(...); but redact NAME (...) and expect deny NAME (...) */
	if (!is_word(before) || (before == TOKEN_OWN && layout->place == SCAN_ITEM))
		return 1;
	return layout->place == SCAN_STEP || at - 1 == name ? 1 : 0;
}

static bool
is_broken(const struct layout *layout, size_t at)
{
	if (kind_at(layout, at - 1) == TOKEN_COMMENT)
		return true;
	return layout->tokens[at].is_first && kind_at(layout, at) != TOKEN_BLOCK;
}

/* Characters on the line so far. */
static size_t
column(const struct layout *layout)
{
	size_t at, count = 0;

	for (at = layout->line_start; at < layout->out->len; at++)
		count += (layout->out->data[at] & 0xc0) != 0x80;
	return count;
}

static size_t
width_of(const struct layout *layout, size_t start, size_t end, size_t name)
{
	struct layout scratch = *layout;
	struct bytes text;
	size_t at, width;

	bytes_init(&text, POLICY_BYTES_MAX);
	scratch.out = &text;
	scratch.line_start = 0;
	for (at = start; at < end; at++) {
		put_blanks(&scratch, at == start ? 0 : gap(layout, at, name));
		put_token(&scratch, at);
	}
	width = text.err == ERR_NONE ? column(&scratch) : 0;
	if (text.err == ERR_MEMORY)
		layout->out->err = ERR_MEMORY;
	bytes_release(&text);
	return width;
}

/* ------------------------------------------------------------------ rules */

/* A `to` or `from` that says whom the rule is about, and is no part of its condition. */
static bool
is_party(const struct layout *layout, size_t at)
{
	int kind = kind_at(layout, at);

	if (kind != TOKEN_TO && kind != TOKEN_FROM)
		return false;
	for (at--; kind_at(layout, at) == TOKEN_COMMENT;)
		at--;
	switch (kind_at(layout, at)) {
	case TOKEN_WHERE:
	case TOKEN_AND:
	case TOKEN_OR:
	case TOKEN_NOT:
	case TOKEN_OPEN:
	case TOKEN_TO:
	case TOKEN_FROM:
		return false;
	}
	return true;
}

/* Behind the action: `share`, `hold ( 2 )`. */
static size_t
behind_action(const struct layout *layout, size_t start, size_t end)
{
	size_t at = start + 1;

	if (kind_at(layout, start) != TOKEN_HOLD)
		return at;
	while (at < end && kind_at(layout, at) != TOKEN_CLOSE)
		at++;
	return at < end ? at + 1 : end;
}

static void
find_cells(const struct layout *layout, size_t start, size_t end, struct cells *cells)
{
	size_t name = behind_action(layout, start, end), at = name, party;
	bool has_name;

	cells->start[CELL_ACTION] = start;
	cells->start[CELL_NAME] = name;
	cells->start[CELL_COUNT] = end;
	for (party = name; party < end && !is_party(layout, party);)
		party++;
	cells->start[CELL_PARTY] = party;
	has_name = name < end && is_word(kind_at(layout, name));
	while (has_name && at < party && kind_at(layout, at) != TOKEN_WHERE &&
	       kind_at(layout, at) != TOKEN_OPEN)
		at++;
	cells->start[CELL_WHERE] = at;
	for (at = start + 1;
	     at < end && !is_broken(layout, at) && kind_at(layout, at) != TOKEN_COMMENT;)
		at++;
	cells->broken = at;
}

/* Where the cell ends on the rule's first line; equal to its start: it is not there. */
static size_t
cell_end(const struct cells *cells, int cell)
{
	size_t end = cells->start[cell + 1];

	if (cells->start[cell] >= cells->broken)
		return cells->start[cell];
	return end < cells->broken ? end : cells->broken;
}

/* Widen the columns, but for what nothing follows. */
static void
measure_rule(struct layout *layout, size_t start, size_t end)
{
	struct cells cells;
	int cell;

	find_cells(layout, start, end, &cells);
	for (cell = CELL_ACTION; cell < CELL_PARTY; cell++) {
		size_t to = cell_end(&cells, cell), width;

		if (to >= cells.broken)
			break;
		width = width_of(layout, cells.start[cell], to, cells.start[CELL_NAME]);
		if (width > layout->widths[cell] && !(cell == CELL_WHERE && width > CONDITION_WIDE))
			layout->widths[cell] = width;
	}
}

static void
measure_group(struct layout *layout, size_t start)
{
	size_t at = start;

	memset(layout->widths, 0, sizeof(layout->widths));
	do {
		size_t end = end_of(layout, at);

		measure_rule(layout, at, end);
		for (at = end;
		     kind_at(layout, at) == TOKEN_COMMENT && !is_after_empty_line(layout, at);)
			at++;
	} while (scan_begins(kind_at(layout, at), SCAN_RULE) && !is_after_empty_line(layout, at));
	layout->group_end = at;
}

/* Blanks up to the cell's column; a peer without a condition stands where conditions do. */
static size_t
blanks_before(const struct layout *layout, const struct cells *cells, int cell)
{
	const size_t *widths = layout->widths;
	size_t place = INDENT + widths[CELL_ACTION] + 1, here = column(layout);
	size_t least = cell == CELL_NAME ? 1 : 2;

	if (cell > CELL_NAME && widths[CELL_NAME] > 0)
		place += widths[CELL_NAME] + 2;
	if (cell == CELL_PARTY && cells->start[CELL_WHERE] < cells->start[CELL_PARTY])
		place += widths[CELL_WHERE] + 2;
	if (cells->start[CELL_NAME] == cells->start[CELL_WHERE] && widths[CELL_NAME] == 0 &&
	    (cell == CELL_WHERE || cells->start[CELL_WHERE] == cells->start[CELL_PARTY]))
		least = 1;
	return place >= here + least ? place - here : least;
}

static void
put_rule(struct layout *layout, size_t start, size_t end)
{
	struct cells cells;
	size_t at;
	int cell = CELL_ACTION;

	find_cells(layout, start, end, &cells);
	put_token(layout, start);
	for (at = start + 1; at < end; at++) {
		while (cell < CELL_PARTY && at >= cells.start[cell + 1])
			cell++;
		if (is_broken(layout, at))
			put_line(layout, INDENT + FURTHER);
		else if (at < cells.broken && at == cells.start[cell])
			put_blanks(layout, blanks_before(layout, &cells, cell));
		else
			put_blanks(layout, gap(layout, at, cells.start[CELL_NAME]));
		put_token(layout, at);
	}
}

/* ------------------------------------------------------------------ all of it */

static void
put_plain(struct layout *layout, size_t start, size_t end)
{
	size_t indent = layout->place == SCAN_ITEM ? 0 : INDENT, at;

	put_token(layout, start);
	for (at = start + 1; at < end; at++) {
		if (is_broken(layout, at))
			put_line(layout, indent + FURTHER);
		else if (at == start + 1 && layout->place == SCAN_STEP &&
			 kind_at(layout, at) != TOKEN_COMMENT)
			put_blanks(layout, INDENT + STEP_COLUMN - column(layout));
		else
			put_blanks(layout, gap(layout, at, 0));
		put_token(layout, at);
	}
}

/* Of a section or a test that begins, with or without a comment on that line. */
static bool
is_behind_brace(const struct layout *layout, size_t at)
{
	if (at > 1 && kind_at(layout, at - 1) == TOKEN_COMMENT && !layout->tokens[at - 1].is_first)
		at--;
	return kind_at(layout, at - 1) == TOKEN_BLOCK;
}

/* One statement, or one comment; returns behind it. */
static size_t
put_statement(struct layout *layout, size_t at)
{
	int kind = kind_at(layout, at);
	size_t end = at + 1;

	if (kind == TOKEN_BLOCK_END)
		layout->place = SCAN_ITEM;
	if (is_after_empty_line(layout, at) && kind != TOKEN_BLOCK_END &&
	    !is_behind_brace(layout, at))
		put(layout, "\n");
	layout->line_start = layout->out->len;
	put_blanks(layout, layout->place == SCAN_ITEM ? 0 : INDENT);
	if (kind == TOKEN_COMMENT) {
		put_token(layout, at);
	} else if (kind == TOKEN_BLOCK_END) {
		if (kind_at(layout, end) == TOKEN_COMMENT && !layout->tokens[end].is_first)
			end++;
		put_plain(layout, at, end);
	} else if (layout->place == SCAN_RULE) {
		end = end_of(layout, at);
		if (at >= layout->group_end)
			measure_group(layout, at);
		put_rule(layout, at, end);
	} else {
		end = end_of(layout, at);
		put_plain(layout, at, end);
		if (layout->place == SCAN_ITEM && kind == TOKEN_TEST)
			layout->place = SCAN_STEP;
		else if (kind == TOKEN_OUTBOUND || kind == TOKEN_INBOUND || kind == TOKEN_RETAIN)
			layout->place = layout->place == SCAN_ITEM ? SCAN_RULE : layout->place;
	}
	put(layout, "\n");
	return end;
}

/* How many tokens there are, the end included; into tokens, if not NULL. */
static size_t
scan_all(struct bytes_view text, struct scan_token *tokens)
{
	struct scan_token token;
	struct scan scan;
	size_t count = 0;

	scan_open(&scan, text);
	scan.has_keywords = true;
	scan.has_comments = true;
	do {
		scan_next(&scan, &token);
		if (tokens != NULL)
			tokens[count] = token;
		count++;
	} while (token.kind != TOKEN_END);
	return count;
}

enum err
format_policy(struct bytes_view text, struct bytes *out)
{
	struct layout layout = {.out = out, .place = SCAN_ITEM};
	size_t at = 0;

	if (text.len > POLICY_BYTES_MAX)
		return ERR_TOO_LARGE;
	layout.tokens = calloc(scan_all(text, NULL), sizeof(*layout.tokens));
	if (layout.tokens == NULL)
		return ERR_MEMORY;
	(void)scan_all(text, layout.tokens);
	while (kind_at(&layout, at) != TOKEN_END && out->err == ERR_NONE)
		at = put_statement(&layout, at);
	free(layout.tokens);
	return out->err;
}
