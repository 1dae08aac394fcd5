#include "formats/csv.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"

enum column {
	COLUMN_OTHER,
	COLUMN_VALUE,
	COLUMN_TYPE,
	COLUMN_NOTE,
	COLUMN_TITLE,
	COLUMN_TLP,
	COLUMN_CONFIDENCE,
	COLUMN_SEVERITY,
	COLUMN_LABELS,
	COLUMN_VALID_UNTIL,
	COLUMN_FIRST_SEEN,
	COLUMN_LAST_SEEN,
	COLUMN_COUNT
};

static const struct {
	const char *name;
	enum column column;
} aliases[] = {
    {"value", COLUMN_VALUE}, {"indicator", COLUMN_VALUE}, {"indicator_value", COLUMN_VALUE},
    {"data", COLUMN_VALUE}, {"ioc", COLUMN_VALUE}, {"iocs", COLUMN_VALUE},
    {"observable", COLUMN_VALUE}, {"ioc_value", COLUMN_VALUE}, {"entity", COLUMN_VALUE},
    {"type", COLUMN_TYPE}, {"indicator_type", COLUMN_TYPE}, {"entity_type", COLUMN_TYPE},
    {"ioc_type", COLUMN_TYPE}, {"observable_type", COLUMN_TYPE}, {"indicator type", COLUMN_TYPE},
    {"note", COLUMN_NOTE}, {"notes", COLUMN_NOTE}, {"description", COLUMN_NOTE},
    {"comment", COLUMN_NOTE}, {"comments", COLUMN_NOTE}, {"details", COLUMN_NOTE},
    {"title", COLUMN_TITLE}, {"name", COLUMN_TITLE}, {"tlp", COLUMN_TLP},
    {"marking", COLUMN_TLP}, {"confidence", COLUMN_CONFIDENCE}, {"severity", COLUMN_SEVERITY},
    {"labels", COLUMN_LABELS}, {"label", COLUMN_LABELS}, {"tags", COLUMN_LABELS},
    {"tag", COLUMN_LABELS}, {"valid_until", COLUMN_VALID_UNTIL},
    {"expiration", COLUMN_VALID_UNTIL}, {"first_seen", COLUMN_FIRST_SEEN},
    {"firstseen", COLUMN_FIRST_SEEN}, {"last_seen", COLUMN_LAST_SEEN},
    {"lastseen", COLUMN_LAST_SEEN},
};

/* Columns whose name is the type of what they hold: a header such as "sha256,filename". */
struct table {
	struct drafts *drafts;
	enum observable_type type; /* for all, or 0 */
	char separator;
	uint32_t columns;
	enum column kinds[CSV_COLUMNS_MAX];
	enum observable_type typed[CSV_COLUMNS_MAX]; /* 0: not such a column */
	uint64_t line;     /* of the row being read */
	uint64_t next_line;
	size_t row_len;    /* the row as it stands, */
	size_t fields_len; /* and its fields without quotes */
	uint32_t count;
	struct bytes_view fields[CSV_COLUMNS_MAX];
	size_t starts[CSV_COLUMNS_MAX + 1];
	uint8_t row[CSV_ROW_BYTES_MAX];
	uint8_t text[CSV_ROW_BYTES_MAX];
	bool is_too_long;
	bool is_last;
};

static struct bytes_view
trim(struct bytes_view text)
{
	while (text.len > 0 && (text.data[0] == ' ' || text.data[0] == '\t'))
		text = bytes_view_of(text.data + 1, text.len - 1);
	while (text.len > 0 &&
	       (text.data[text.len - 1] == ' ' || text.data[text.len - 1] == '\t'))
		text.len--;
	return text;
}

static bool
is_word(struct bytes_view text, const char *word)
{
	size_t i;

	if (text.len != strlen(word))
		return false;
	for (i = 0; i < text.len; i++) {
		uint8_t letter = text.data[i];

		if (letter >= 'A' && letter <= 'Z')
			letter |= 0x20;
		if (letter != (uint8_t)word[i])
			return false;
	}
	return true;
}

/* ---------------------------------------------------------------- rows */

static void
put_text(struct table *table, int letter)
{
	if (table->fields_len < sizeof(table->text))
		table->text[table->fields_len++] = (uint8_t)letter;
	else
		table->is_too_long = true;
}

static int
next_letter(struct table *table, FILE *file)
{
	int letter = getc(file);

	if (letter == EOF) {
		table->is_last = true;
		return EOF;
	}
	if (letter == '\n')
		table->next_line++;
	if (table->row_len < sizeof(table->row))
		table->row[table->row_len++] = (uint8_t)letter;
	else
		table->is_too_long = true;
	return letter;
}

static void
end_field(struct table *table)
{
	if (table->count < CSV_COLUMNS_MAX)
		table->starts[++table->count] = table->fields_len;
}

/* The inside of a quoted field, up to its closing quote. */
static void
read_quoted(struct table *table, FILE *file)
{
	int letter;

	while ((letter = next_letter(table, file)) != EOF) {
		if (letter == '"') {
			int after = getc(file);

			if (after != '"') {
				if (after != EOF)
					(void)ungetc(after, file);
				return;
			}
			/* two stand for one */
			if (table->row_len < sizeof(table->row))
				table->row[table->row_len++] = '"';
		}
		put_text(table, letter);
	}
}

/* One row: false at the end of the file. */
static bool
read_row(struct table *table, FILE *file)
{
	bool at_start = true;
	int letter;

	table->line = table->next_line;
	table->row_len = table->fields_len = 0;
	table->count = 0;
	table->starts[0] = 0;
	table->is_too_long = false;
	while ((letter = next_letter(table, file)) != EOF && letter != '\n') {
		if (letter == table->separator) {
			end_field(table);
			at_start = true;
		} else if (letter == '"' && at_start) {
			read_quoted(table, file);
			at_start = false;
		} else if (letter != '\r') {
			put_text(table, letter);
			at_start = false;
		}
	}
	end_field(table);
	while (table->row_len > 0 &&
	       (table->row[table->row_len - 1] == '\n' || table->row[table->row_len - 1] == '\r'))
		table->row_len--;
	return letter != EOF || table->row_len > 0;
}

static struct bytes_view
field_of(const struct table *table, uint32_t i)
{
	return trim(bytes_view_of(table->text + table->starts[i],
	    table->starts[i + 1] - table->starts[i]));
}

/* ---------------------------------------------------------------- the header */

static enum column
column_of(struct bytes_view name)
{
	size_t i;

	for (i = 0; i < sizeof(aliases) / sizeof(*aliases); i++) {
		if (is_word(name, aliases[i].name))
			return aliases[i].column;
	}
	return COLUMN_OTHER;
}

static bool
read_header(struct table *table)
{
	bool has_values = false;
	uint32_t i;

	table->columns = table->count;
	for (i = 0; i < table->count; i++) {
		struct bytes_view name = field_of(table, i);

		if (i == 0 && name.len >= 3 && memcmp(name.data, "\xef\xbb\xbf", 3) == 0)
			name = trim(bytes_view_of(name.data + 3, name.len - 3));
		table->kinds[i] = column_of(name);
		table->typed[i] = 0;
		if (table->kinds[i] == COLUMN_OTHER && observable_type_parse(name, &table->typed[i]))
			has_values = true;
		has_values = has_values || table->kinds[i] == COLUMN_VALUE;
	}
	return has_values;
}

/* The separator that stands most often in the first line. */
static char
find_separator(struct bytes_view line)
{
	static const char separators[] = {',', ';', '\t'};
	size_t best = 0, i, j;
	char found = ',';

	for (i = 0; i < sizeof(separators); i++) {
		size_t count = 0;

		for (j = 0; j < line.len; j++)
			count += line.data[j] == (uint8_t)separators[i];
		if (count > best) {
			best = count;
			found = separators[i];
		}
	}
	return found;
}

bool
csv_is_header(struct bytes_view line)
{
	char separator = find_separator(line);
	bool has_values = false, has_other = false;
	enum observable_type type;
	size_t i, start = 0;

	if (line.len >= 3 && memcmp(line.data, "\xef\xbb\xbf", 3) == 0)
		line = bytes_view_of(line.data + 3, line.len - 3);
	for (i = 0; i <= line.len; i++) {
		struct bytes_view name;

		if (i < line.len && line.data[i] != (uint8_t)separator)
			continue;
		name = trim(bytes_view_of(line.data + start, i - start));
		while (name.len > 0 && (name.data[name.len - 1] == '\r' || name.data[name.len - 1] == '"'))
			name.len--;
		if (name.len > 0 && name.data[0] == '"')
			name = bytes_view_of(name.data + 1, name.len - 1);
		if (column_of(name) == COLUMN_VALUE || observable_type_parse(name, &type))
			has_values = true;
		has_other = has_other || i < line.len;
		start = i + 1;
	}
	return has_values && has_other;
}

/* ---------------------------------------------------------------- one row */

static void
take_number(struct drafts *drafts, struct bytes_view text, uint8_t *confidence)
{
	unsigned value = 0;
	size_t i;

	for (i = 0; i < text.len && i < 3; i++) {
		if (text.data[i] < '0' || text.data[i] > '9')
			break;
		value = value * 10 + (unsigned)(text.data[i] - '0');
	}
	if (text.len == 0)
		return;
	if (i != text.len || value > 100)
		drafts_fail(drafts, REASON_BAD_FIELD, "confidence is a number from 0 to 100");
	else
		*confidence = (uint8_t)value;
}

static void
take_time(struct drafts *drafts, struct bytes_view text, uint64_t *time_ms)
{
	char copy[40];

	if (text.len == 0)
		return;
	if (text.len < sizeof(copy)) {
		memcpy(copy, text.data, text.len);
		copy[text.len] = '\0';
		if (clock_parse(copy, time_ms) == ERR_NONE)
			return;
	}
	drafts_fail(drafts, REASON_BAD_FIELD, "a time is written like 2026-11-23 or 2026-11-23T15:00:00Z");
}

static void
take_labels(struct drafts *drafts, struct bytes_view text)
{
	enum tlp tlp;
	size_t i, start = 0;

	for (i = 0; i <= text.len; i++) {
		struct bytes_view label;

		if (i < text.len && strchr(";,|", text.data[i]) == NULL)
			continue;
		label = trim(bytes_view_of(text.data + start, i - start));
		if (label.len > 4 && tlp_parse(label, &tlp) && (label.data[0] | 0x20) == 't')
			drafts_label(drafts, tlp);
		else
			drafts_add_text(drafts, &drafts->record.labels, label, LABEL_BYTES_MAX);
		start = i + 1;
	}
}

static void
take_tlp(struct drafts *drafts, struct bytes_view text)
{
	enum tlp tlp;

	if (text.len == 0)
		return;
	if (tlp_parse(text, &tlp))
		drafts_label(drafts, tlp);
	else
		drafts_fail(drafts, REASON_NO_LABEL, "the tlp column holds no TLP label");
}

static void
take_field(struct drafts *drafts, enum column column, struct bytes_view text)
{
	struct record *record = &drafts->record;

	switch (column) {
	case COLUMN_NOTE:
		if (record->body.text.len == 0)
			record->body.text = drafts_text(drafts, text, TEXT_BYTES_MAX, true);
		return;
	case COLUMN_TITLE:
		if (record->body.title.len == 0)
			record->body.title = drafts_text(drafts, text, TITLE_BYTES_MAX, false);
		return;
	case COLUMN_TLP:
		take_tlp(drafts, text);
		return;
	case COLUMN_CONFIDENCE:
		take_number(drafts, text, &record->confidence);
		return;
	case COLUMN_SEVERITY:
		if (text.len > 0 && !severity_parse(text, &record->severity))
			drafts_add_text(drafts, &record->labels, text, LABEL_BYTES_MAX);
		return;
	case COLUMN_LABELS:
		take_labels(drafts, text);
		return;
	case COLUMN_VALID_UNTIL:
		take_time(drafts, text, &record->valid_until_ms);
		return;
	case COLUMN_FIRST_SEEN:
		take_time(drafts, text, &record->body.first_seen_ms);
		return;
	case COLUMN_LAST_SEEN:
		take_time(drafts, text, &record->body.last_seen_ms);
		return;
	case COLUMN_OTHER:
	case COLUMN_VALUE:
	case COLUMN_TYPE:
	case COLUMN_COUNT:
		return;
	}
}

/* "192.0.2.1:8080": the address; the port stays in the original. */
static struct bytes_view
without_port(struct bytes_view text)
{
	size_t i = text.len;

	while (i > 0 && text.data[i - 1] >= '0' && text.data[i - 1] <= '9')
		i--;
	return i > 1 && i < text.len && text.data[i - 1] == ':' ? bytes_view_of(text.data, i - 1)
								: text;
}

/* As the row says it is, or else as it looks. */
static bool
take_value(struct drafts *drafts, struct bytes_view text, struct bytes_view type_name,
    enum observable_type type)
{
	enum observable_type guessed;
	struct bytes_view bare = without_port(text);

	if (type == 0 && type_name.len > 0 && !observable_type_parse(type_name, &type))
		type = 0;
	if (type != 0 && drafts_observable(drafts, type, text))
		return true;
	if (observable_guess(text, &guessed) && drafts_observable(drafts, guessed, text))
		return true;
	return bare.len != text.len && observable_guess(bare, &guessed) &&
	       drafts_observable(drafts, guessed, bare);
}

static struct bytes_view
find_field(const struct table *table, enum column column)
{
	uint32_t i;

	for (i = 0; i < table->columns && i < table->count; i++) {
		if (table->kinds[i] == column)
			return field_of(table, i);
	}
	return bytes_view_of(NULL, 0);
}

/* The observables of a row: its value column, or its columns named after types. */
static bool
take_values(struct table *table)
{
	struct bytes_view type_name = find_field(table, COLUMN_TYPE), text;
	bool found = false;
	uint32_t i;

	for (i = 0; i < table->columns && i < table->count; i++) {
		text = field_of(table, i);
		if (text.len == 0)
			continue;
		if (table->kinds[i] == COLUMN_VALUE && !found)
			found = take_value(table->drafts, text, type_name, table->type);
		else if (table->typed[i] != 0)
			found = drafts_observable(table->drafts, table->typed[i], text) || found;
	}
	return found;
}

static enum err
take_row(struct table *table)
{
	struct draft_place place = {.line = table->line};
	struct drafts *drafts = table->drafts;
	uint32_t i;

	if (table->row_len == 0 || (table->count == 1 && field_of(table, 0).len == 0)) {
		drafts->left_out++;
		return ERR_NONE;
	}
	if (table->is_too_long) {
		drafts_refuse(drafts, &place, REASON_OVERSIZED, "the row is too long");
		return ERR_NONE;
	}
	drafts_begin(drafts, RECORD_INDICATOR);
	if (!take_values(table)) {
		drafts_refuse(drafts, &place, REASON_BAD_OBSERVABLE,
		    "no value of the type it says, nor of any it looks like");
		return ERR_NONE;
	}
	for (i = 0; i < table->columns && i < table->count; i++)
		take_field(drafts, table->kinds[i], field_of(table, i));
	if (drafts->record.body.last_seen_ms != 0 &&
	    drafts->record.body.last_seen_ms < drafts->record.body.first_seen_ms)
		drafts_fail(drafts, REASON_BAD_FIELD, "last seen before first seen");
	drafts_source(drafts, "csv", "malla-csv/1", bytes_view_of(NULL, 0),
	    bytes_view_of(table->row, table->row_len));
	return drafts_finish(drafts, &place, true);
}

/* The first line decides on the separator, so it is looked at before it is read. */
static void
look_ahead(struct table *table, FILE *file)
{
	uint8_t line[4096];
	size_t len = 0;
	long start = ftell(file);
	int letter;

	table->separator = ',';
	if (start < 0)
		return; /* not to be rewound: a comma then */
	while (len < sizeof(line) && (letter = getc(file)) != EOF && letter != '\n')
		line[len++] = (uint8_t)letter;
	table->separator = find_separator(bytes_view_of(line, len));
	if (fseek(file, start, SEEK_SET) != 0)
		table->separator = ',';
}

enum err
csv_read(FILE *file, enum observable_type type, struct drafts *drafts)
{
	struct table *table = calloc(1, sizeof(*table));
	struct draft_place place = {.line = 1};
	enum err err = ERR_NONE;

	if (table == NULL)
		return ERR_MEMORY;
	table->drafts = drafts;
	table->type = type;
	table->next_line = 1;
	look_ahead(table, file);
	if (!read_row(table, file) || !read_header(table)) {
		drafts_refuse(drafts, &place, REASON_BAD_FIELD,
		    "the first line names no column of values (value, indicator, data, ioc ...)");
		err = ERR_FORMAT;
	}
	while (err == ERR_NONE && !table->is_last && read_row(table, file))
		err = take_row(table);
	free(table);
	return err == ERR_NONE && ferror(file) ? ERR_SYSTEM : err;
}
