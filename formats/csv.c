#include "formats/csv.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "formats/csv_header.h"
#include "formats/text.h"
#include "formats/value.h"

#define TIME_BYTES 40u

struct table {
	struct drafts *drafts;
	enum observable_type type; /* for all, or 0 */
	struct csv_header header;
	struct csv_row row;
};

bool
csv_is_header(struct bytes_view line)
{
	return csv_header_is_line(line);
}

/* ---------------------------------------------------------------- fields */

/* 0..100, "80%", or the words of STIX 2.1 appendix A. */
static void
take_confidence(struct drafts *drafts, struct bytes_view text)
{
	unsigned value = 0;
	size_t i = 0;

	if (text_is_word(text, "low") || text_is_word(text, "medium") ||
	    text_is_word(text, "high")) {
		drafts->record.confidence = text.len == 3 ? 15 : text.len == 6 ? 50 : 85;
		return;
	}
	if (text.len > 1 && text.data[text.len - 1] == '%')
		text.len--;
	while (i < text.len && i < 3 && text.data[i] >= '0' && text.data[i] <= '9')
		value = value * 10 + (unsigned)(text.data[i++] - '0');
	if (i < text.len || value > 100)
		drafts_fail(drafts, REASON_BAD_FIELD, "confidence is a number from 0 to 100");
	else
		drafts->record.confidence = (uint8_t)value;
}

/* As clock_parse has it, and "2026-11-23 15:00:00", "… 15:00" and "… UTC", all meant as UTC. */
static bool
read_time(struct bytes_view text, uint64_t *time_ms)
{
	char copy[TIME_BYTES + sizeof(":00Z")];

	if (text.len > 4 && text_is_word(text_behind(text, text.len - 4), " utc"))
		text.len -= 4;
	if (text.len > TIME_BYTES || text.len == 0 || memchr(text.data, '\0', text.len) != NULL)
		return false;
	(void)snprintf(copy, sizeof(copy), "%.*s", (int)text.len, (const char *)text.data);
	if (clock_parse(copy, time_ms) == ERR_NONE)
		return true;
	(void)snprintf(copy, sizeof(copy), "%.*s%sZ", (int)text.len, (const char *)text.data,
	    text.len == sizeof("2026-11-23 15:00") - 1 ? ":00" : "");
	return clock_parse(copy, time_ms) == ERR_NONE;
}

static void
take_valid_until(struct drafts *drafts, struct bytes_view text)
{
	if (!read_time(text, &drafts->record.valid_until_ms))
		drafts_fail(drafts, REASON_BAD_FIELD,
		    "a time is written like 2026-11-23 or 2026-11-23T15:00:00Z");
}

static void
take_seen(struct drafts *drafts, struct bytes_view text, uint64_t *time_ms)
{
	if (!read_time(text, time_ms))
		drafts_warn(drafts, "a time that cannot be read was left to the original");
}

static void
take_labels(struct drafts *drafts, struct bytes_view text)
{
	struct bytes_view label;

	while (text_next_part(&text, ";,|", &label))
		drafts_add_label(drafts, label);
}

static void
take_severity(struct drafts *drafts, struct bytes_view text)
{
	static const struct {
		const char *word;
		enum severity severity;
	} words[] = {
	    {"low", SEVERITY_LOW},
	    {"medium", SEVERITY_MEDIUM},
	    {"moderate", SEVERITY_MEDIUM},
	    {"high", SEVERITY_HIGH},
	    {"critical", SEVERITY_CRITICAL},
	};
	size_t i;

	for (i = 0; i < sizeof(words) / sizeof(*words); i++) {
		if (text_is_word(text, words[i].word)) {
			drafts->record.severity = words[i].severity;
			return;
		}
	}
	/* of another vocabulary: a label then */
	drafts_add_label(drafts, text);
}

static void
take_field(struct drafts *drafts, enum csv_column column, struct bytes_view text)
{
	struct record_body *body = &drafts->record.body;

	switch (column) {
	case CSV_NOTE:
		if (body->text.len == 0)
			body->text = drafts_text(drafts, text, TEXT_BYTES_MAX, true);
		return;
	case CSV_TITLE:
		if (body->title.len == 0)
			body->title = drafts_text(drafts, text, TITLE_BYTES_MAX, false);
		return;
	case CSV_TLP:
		drafts_label_text(drafts, text);
		return;
	case CSV_CONFIDENCE:
		take_confidence(drafts, text);
		return;
	case CSV_SEVERITY:
		take_severity(drafts, text);
		return;
	case CSV_LABELS:
		take_labels(drafts, text);
		return;
	case CSV_LINK:
		drafts_add_text(drafts, &drafts->record.links, text, OBSERVABLE_BYTES_MAX);
		return;
	case CSV_VALID_UNTIL:
		take_valid_until(drafts, text);
		return;
	case CSV_FIRST_SEEN:
		take_seen(drafts, text, &body->first_seen_ms);
		return;
	case CSV_LAST_SEEN:
		take_seen(drafts, text, &body->last_seen_ms);
		return;
	case CSV_OTHER:
	case CSV_VALUE:
	case CSV_TYPE:
	case CSV_TYPED:
		return;
	}
}

/* ---------------------------------------------------------------- values */

/* The fields that both the header and the row have. */
static uint32_t
fields_count(const struct table *table)
{
	return table->header.count < table->row.count ? table->header.count : table->row.count;
}

static struct bytes_view
find_field(const struct table *table, enum csv_column column)
{
	uint32_t i;

	for (i = 0; i < fields_count(table); i++) {
		if (table->header.columns[i] == column)
			return csv_row_field(&table->row, i);
	}
	return bytes_view_of(NULL, 0);
}

static void
refuse_row(struct table *table, enum reason reason, const char *words)
{
	struct draft_place place = {.line = table->row.line};

	drafts_refuse(table->drafts, &place, reason, words);
}

/* A value beside which another column says what it is. */
static bool
take_value(struct table *table, struct bytes_view text, struct bytes_view *port)
{
	struct bytes_view name = find_field(table, CSV_TYPE);
	struct value_kind kind = value_kind_of(table->type);
	char words[DRAFT_WORDS_BYTES], shown[64];

	if (text.len == 0) {
		refuse_row(table, REASON_BAD_OBSERVABLE, "the row has no value");
		return false;
	}
	text_for_message(name, shown, sizeof(shown));
	if (table->type == 0 && !value_kind_parse(name, &kind)) {
		(void)snprintf(words, sizeof(words), "a type that no observable has: %s", shown);
		refuse_row(table, REASON_BAD_OBSERVABLE, words);
		return false;
	}
	if (value_take(table->drafts, kind, text, port))
		return true;
	(void)snprintf(words, sizeof(words), "no value of the type %s",
	    name.len > 0 ? shown : observable_type_name(table->type));
	refuse_row(table, REASON_BAD_OBSERVABLE,
	    name.len > 0 || table->type != 0 ? words : "a value that looks like no type");
	return false;
}

/* The columns whose names say what they hold.  A file's name alone accuses nobody: beside
   anything else it is the title. */
static bool
take_typed(struct table *table, struct bytes_view *port)
{
	struct bytes_view name = {0}, text;
	struct drafts *drafts = table->drafts;
	bool is_found = false;
	uint32_t i;

	for (i = 0; i < fields_count(table); i++) {
		text = csv_row_field(&table->row, i);
		if (table->header.columns[i] != CSV_TYPED || text.len == 0)
			continue;
		if (table->header.kinds[i].type == OBSERVABLE_FILENAME)
			name = text;
		else if (value_take(drafts, table->header.kinds[i], text, port))
			is_found = true;
	}
	if (!is_found && name.len > 0)
		is_found = drafts_observable(drafts, OBSERVABLE_FILENAME, name);
	else if (name.len > 0)
		drafts->record.body.title = drafts_text(drafts, name, TITLE_BYTES_MAX, false);
	if (!is_found)
		refuse_row(
		    table, REASON_BAD_OBSERVABLE, "the row has no value of its columns' types");
	return is_found;
}

static bool
take_values(struct table *table, struct bytes_view *port)
{
	uint32_t i;

	*port = bytes_view_of(NULL, 0);
	for (i = 0; i < table->header.count; i++) {
		if (table->header.columns[i] == CSV_VALUE)
			return take_value(table, find_field(table, CSV_VALUE), port);
	}
	return take_typed(table, port);
}

/* ---------------------------------------------------------------- rows */

static bool
is_empty(const struct csv_row *row)
{
	uint32_t i;

	for (i = 0; i < row->count; i++) {
		if (csv_row_field(row, i).len > 0)
			return false;
	}
	return true;
}

/* Rows that say nothing of their own, and such as cannot be held. */
static bool
is_passed_over(struct table *table)
{
	const struct csv_row *row = &table->row;

	if (row->is_too_long || row->is_too_wide) {
		refuse_row(table, REASON_OVERSIZED,
		    row->is_too_long ? "the row is too long" : "the row has too many fields");
		return true;
	}
	if (is_empty(row) || text_begins(csv_row_field(row, 0), "#")) {
		table->drafts->left_out++;
		return true;
	}
	return false;
}

static enum err
take_row(struct table *table)
{
	struct draft_place place = {.line = table->row.line};
	struct drafts *drafts = table->drafts;
	struct bytes_view port, text;
	uint32_t i;

	if (is_passed_over(table))
		return ERR_NONE;
	drafts_begin(drafts, RECORD_INDICATOR);
	if (!take_values(table, &port))
		return ERR_NONE;
	for (i = 0; i < fields_count(table); i++) {
		text = csv_row_field(&table->row, i);
		if (text.len > 0)
			take_field(drafts, table->header.columns[i], text);
	}
	drafts_port(drafts, port);
	if (drafts->record.body.last_seen_ms != 0 &&
	    drafts->record.body.last_seen_ms < drafts->record.body.first_seen_ms)
		drafts_fail(drafts, REASON_BAD_FIELD, "last seen before first seen");
	drafts_source(
	    drafts, "csv", "malla-csv/1", bytes_view_of(NULL, 0), csv_row_raw(&table->row));
	return drafts_finish(drafts, &place, true);
}

/* What follows the signs of a comment. */
static struct bytes_view
behind_sign(struct bytes_view line)
{
	while (line.len > 0 && (line.data[0] == '#' || text_is_blank(line.data[0])))
		line = text_behind(line, 1);
	return line;
}

/* Go to the line that names the columns and set the separator. */
static void
find_header(struct table *table)
{
	struct bytes_view line, bare;

	for (;;) {
		line = csv_row_peek(&table->row);
		if (line.len == 0)
			return;
		bare = text_trim(text_without_bom(line));
		if (bare.len > 0 && bare.data[0] != '#')
			break;
		if (csv_header_is_line(behind_sign(bare))) {
			csv_row_skip(&table->row, (size_t)(behind_sign(bare).data - line.data));
			break;
		}
		csv_row_skip_line(&table->row);
		table->drafts->left_out++;
	}
	table->row.separator = csv_row_separator(csv_row_peek(&table->row));
}

/* The first row is a header, or else data that tells what its columns are. */
static enum err
read_first(struct table *table)
{
	struct draft_place place = {.line = table->row.next_line};

	find_header(table);
	place.line = table->row.next_line;
	if (csv_row_next(&table->row) && !table->row.is_too_long && !table->row.is_too_wide &&
	    !table->row.is_unclosed) {
		if (csv_header_read(&table->row, &table->header))
			return ERR_NONE;
		if (csv_header_guess(&table->row, &table->header)) {
			if (table->drafts->note != NULL)
				table->drafts->note(table->drafts->context, &place, REASON_STORED,
				    "no header: the columns were told by the first row");
			return take_row(table);
		}
	}
	drafts_refuse(table->drafts, &place, REASON_BAD_FIELD,
	    "the first line names no column of values (value, indicator, data, ioc ...)");
	return ERR_FORMAT;
}

enum err
csv_read(FILE *file, enum observable_type type, struct drafts *drafts)
{
	struct table *table = malloc(sizeof(*table));
	enum err err;

	if (table == NULL)
		return ERR_MEMORY;
	table->drafts = drafts;
	table->type = type;
	csv_row_start(&table->row, file);
	err = read_first(table);
	while (err == ERR_NONE && csv_row_next(&table->row)) {
		if (table->row.is_unclosed) {
			refuse_row(table, REASON_BAD_FIELD,
			    "a quoted field that begins here is never closed; nothing behind it "
			    "was read");
			err = ERR_FORMAT;
		} else {
			err = take_row(table);
		}
	}
	free(table);
	return err == ERR_NONE && ferror(file) ? ERR_SYSTEM : err;
}
