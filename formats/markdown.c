#include "formats/markdown.h"

#include <string.h>

#include "formats/text.h"
#include "wire/reader.h"

#define FILE_BYTES_MAX (TEXT_BYTES_MAX + 4096u)

enum key {
	KEY_TITLE,
	KEY_LANG,
	KEY_LABELS,
	KEY_TLP,
	KEY_SEVERITY,
	KEY_IDENTIFIER,
	KEY_SECTORS,
	KEY_COUNT
};

static const char *const key_names[KEY_COUNT] = {
    [KEY_TITLE] = "title",
    [KEY_LANG] = "lang",
    [KEY_LABELS] = "labels",
    [KEY_TLP] = "tlp",
    [KEY_SEVERITY] = "severity",
    [KEY_IDENTIFIER] = "identifier",
    [KEY_SECTORS] = "sectors",
};

struct reading {
	struct drafts *drafts;
	struct bytes_view left;
	uint64_t line;
	uint32_t seen; /* keys, as bits */
	struct bytes_view title;
};

static bool
next_line(struct reading *reading, struct bytes_view *line)
{
	if (!text_next_line(&reading->left, line))
		return false;
	reading->line++;
	return true;
}

static enum err
complain(struct reading *reading, const char *words)
{
	struct draft_place place = {.line = reading->line > 0 ? reading->line : 1};

	drafts_refuse(reading->drafts, &place, REASON_BAD_FIELD, words);
	return ERR_FORMAT;
}

/* ---------------------------------------------------------------- the block */

static enum err
take_list(struct reading *reading, struct record_texts *texts, uint32_t count_max,
    struct bytes_view value)
{
	struct drafts *drafts = reading->drafts;
	struct bytes_view item;

	if (value.len >= 2 && value.data[0] == '[' && value.data[value.len - 1] == ']')
		value = bytes_view_of(value.data + 1, value.len - 2);
	while (text_next_part(&value, ",", &item)) {
		item = text_trim(item);
		if (item.len == 0)
			return complain(reading, "an empty element in the list");
		if (item.len > LABEL_BYTES_MAX || texts->count >= count_max)
			return complain(
			    reading, "an element of more than 128 bytes, or too many of them");
		if (texts == &drafts->record.labels)
			drafts_add_label(drafts, item);
		else
			drafts_add_text(drafts, texts, item, LABEL_BYTES_MAX);
	}
	return ERR_NONE;
}

static enum err
take_lang(struct reading *reading, struct bytes_view value)
{
	size_t i;

	for (i = 0; i < value.len; i++) {
		uint8_t letter = value.data[i] | 0x20;

		if ((letter < 'a' || letter > 'z') &&
		    (value.data[i] < '0' || value.data[i] > '9') && value.data[i] != '-')
			break;
	}
	if (i < value.len || value.len < 2 || value.len > LANGUAGE_BYTES_MAX)
		return complain(reading, "lang is a language such as es or en-US");
	reading->drafts->record.language =
	    drafts_text(reading->drafts, value, LANGUAGE_BYTES_MAX, false);
	return ERR_NONE;
}

static enum err
take_tlp(struct reading *reading, struct bytes_view value)
{
	enum tlp tlp;

	if (!tlp_parse(value, &tlp))
		return complain(reading, "tlp is clear, green, amber, amber+strict or red");
	drafts_label(reading->drafts, tlp);
	return ERR_NONE;
}

static enum err
take_identifier(struct reading *reading, struct bytes_view value)
{
	struct record *record = &reading->drafts->record;

	if (record->kind != RECORD_ADVISORY)
		return complain(reading, "only an advisory has an identifier");
	if (value.len > LABEL_BYTES_MAX)
		return complain(reading, "the identifier is longer than 128 bytes");
	record->body.identifier = drafts_text(reading->drafts, value, LABEL_BYTES_MAX, false);
	return ERR_NONE;
}

static enum err
take_value(struct reading *reading, enum key key, struct bytes_view value)
{
	struct record *record = &reading->drafts->record;

	switch (key) {
	case KEY_TITLE:
		reading->title = value;
		return ERR_NONE;
	case KEY_LANG:
		return take_lang(reading, value);
	case KEY_LABELS:
		return take_list(reading, &record->labels, LABELS_MAX, value);
	case KEY_TLP:
		return take_tlp(reading, value);
	case KEY_SEVERITY:
		if (!severity_parse(value, &record->severity))
			return complain(reading, "severity is low, medium, high or critical");
		return ERR_NONE;
	case KEY_IDENTIFIER:
		return take_identifier(reading, value);
	case KEY_SECTORS:
		return take_list(reading, &record->affects.sectors, AFFECTS_MAX, value);
	case KEY_COUNT:
		break;
	}
	return ERR_INVALID;
}

/* "key: value", the value in quotes or not. */
static enum err
take_line(struct reading *reading, struct bytes_view line)
{
	const uint8_t *colon = memchr(line.data, ':', line.len);
	struct bytes_view name, value;
	unsigned key = 0;

	if (colon == NULL)
		return complain(reading, "expected key: value");
	name = text_trim(bytes_view_of(line.data, (size_t)(colon - line.data)));
	value = text_trim(text_behind(line, (size_t)(colon - line.data) + 1));
	if (value.len >= 2 && (value.data[0] == '"' || value.data[0] == '\'') &&
	    value.data[value.len - 1] == value.data[0])
		value = text_trim(bytes_view_of(value.data + 1, value.len - 2));
	while (key < KEY_COUNT && !text_is(name, key_names[key]))
		key++;
	if (key == KEY_COUNT)
		return complain(reading,
		    "known keys are title, lang, labels, tlp, severity, identifier, sectors");
	if ((reading->seen & 1u << key) != 0)
		return complain(reading, "this key stood before");
	if (value.len == 0)
		return complain(reading, "a key without a value");
	reading->seen |= 1u << key;
	return take_value(reading, (enum key)key, value);
}

static enum err
take_block(struct reading *reading)
{
	struct reading before = *reading;
	struct bytes_view line;
	enum err err = ERR_NONE;

	if (!next_line(reading, &line) || !text_is(text_trim(line), "---")) {
		*reading = before;
		return ERR_NONE;
	}
	while (err == ERR_NONE) {
		if (!next_line(reading, &line))
			return complain(reading, "the block begun by --- has no end");
		line = text_trim(line);
		if (text_is(line, "---"))
			return ERR_NONE;
		if (line.len > 0 && line.data[0] != '#')
			err = take_line(reading, line);
	}
	return err;
}

/* ---------------------------------------------------------------- the text */

/* The words of "## Title ##"; empty: it is no heading. */
static struct bytes_view
heading_of(struct bytes_view line)
{
	size_t level = 0;

	line = text_trim(line);
	while (level < line.len && line.data[level] == '#')
		level++;
	if (level == 0 || level > 6 || level == line.len || !text_is_blank(line.data[level]))
		return bytes_view_of(NULL, 0);
	line = text_trim(text_behind(line, level));
	while (line.len > 0 && line.data[line.len - 1] == '#')
		line.len--;
	return text_trim(line);
}

/* A line of = under another makes that a heading too. */
static bool
is_underline(struct bytes_view line)
{
	size_t i;

	line = text_trim(line);
	for (i = 0; i < line.len; i++) {
		if (line.data[i] != '=')
			return false;
	}
	return line.len > 0;
}

/* The heading that the text begins with; not repeated in the text where it is the title. */
static void
take_heading(struct reading *reading)
{
	struct reading before = *reading, underlined;
	struct bytes_view line = {0}, below = {0}, heading;

	if (reading->title.len > 0)
		return;
	while (next_line(reading, &line) && text_trim(line).len == 0)
		;
	heading = heading_of(line);
	underlined = *reading;
	if (heading.len == 0 && next_line(&underlined, &below) && is_underline(below)) {
		heading = text_trim(line);
		*reading = underlined;
	}
	if (heading.len == 0)
		*reading = before;
	else
		reading->title = heading;
}

/* The first line that is no text, 0 if all are. */
static uint64_t
find_bad_line(struct bytes_view text)
{
	struct bytes_view line;
	uint64_t number = 0;

	while (text_next_line(&text, &line)) {
		number++;
		if (line.len > 0 && line.data[line.len - 1] == '\r')
			line.len--;
		if (!reader_is_text(line, READER_PROSE))
			return number;
	}
	return 0;
}

static enum err
take_text(struct reading *reading)
{
	struct drafts *drafts = reading->drafts;
	struct record_body *body = &drafts->record.body;
	uint64_t bad;
	enum err err;

	bad = find_bad_line(reading->left);
	if (bad > 0) {
		reading->line = bad;
		return complain(reading, "not valid UTF-8, or a control character");
	}
	err = take_block(reading);
	if (err != ERR_NONE)
		return err;
	take_heading(reading);
	if (reading->title.len == 0)
		return complain(reading, "no title: begin with a line '# Title'");
	if (reading->title.len > TITLE_BYTES_MAX)
		return complain(reading, "the title is longer than 512 bytes");
	if (text_trim(reading->left).len == 0)
		return complain(reading, "no text after the title");
	if (text_trim(reading->left).len > TEXT_BYTES_MAX)
		return complain(reading, "the text is larger than a record's may be (128 KiB)");
	body->title = drafts_text(drafts, reading->title, TITLE_BYTES_MAX, false);
	body->text = drafts_text(drafts, reading->left, TEXT_BYTES_MAX, true);
	return ERR_NONE;
}

enum err
markdown_read(struct bytes_view text, enum record_kind kind, struct drafts *drafts)
{
	struct reading reading = {.drafts = drafts, .left = text_without_bom(text)};
	struct draft_place place = {.line = 1};
	uint64_t before;
	enum err err;

	drafts_begin(drafts, kind);
	if (text.len > FILE_BYTES_MAX)
		return complain(
		    &reading, "the file is larger than a record's text may be (128 KiB)");
	err = take_text(&reading);
	if (err != ERR_NONE)
		return err;
	drafts_source(
	    drafts, "markdown", "malla-markdown/1", bytes_view_of(NULL, 0), bytes_view_of(NULL, 0));
	before = drafts->refused;
	err = drafts_finish(drafts, &place, true);
	return err == ERR_NONE && drafts->refused > before ? ERR_FORMAT : err;
}
