#include "formats/markdown.h"

#include <string.h>

#include "wire/reader.h"

struct reading {
	struct drafts *drafts;
	struct bytes_view left;
	uint64_t line;
	struct bytes_view title;
};

static struct bytes_view
trim(struct bytes_view text)
{
	while (text.len > 0 && (text.data[0] == ' ' || text.data[0] == '\t'))
		text = bytes_view_of(text.data + 1, text.len - 1);
	while (text.len > 0 && strchr(" \t\r", text.data[text.len - 1]) != NULL)
		text.len--;
	return text;
}

static bool
is_word(struct bytes_view text, const char *word)
{
	return bytes_view_is_equal(text, bytes_view_str(word));
}

/* The next line without its end; false at the end of the text. */
static bool
next_line(struct reading *reading, struct bytes_view *line)
{
	const uint8_t *end;
	size_t len;

	if (reading->left.len == 0)
		return false;
	end = memchr(reading->left.data, '\n', reading->left.len);
	len = end != NULL ? (size_t)(end - reading->left.data) : reading->left.len;
	*line = bytes_view_of(reading->left.data, len);
	len += end != NULL;
	reading->left = bytes_view_of(reading->left.data + len, reading->left.len - len);
	reading->line++;
	return true;
}

static enum err
complain(struct reading *reading, const char *words)
{
	struct draft_place place = {.line = reading->line};

	drafts_refuse(reading->drafts, &place, REASON_BAD_FIELD, words);
	return ERR_FORMAT;
}

static void
add_list(struct drafts *drafts, struct record_texts *texts, struct bytes_view value)
{
	size_t i, start = 0;

	if (value.len >= 2 && value.data[0] == '[' && value.data[value.len - 1] == ']')
		value = bytes_view_of(value.data + 1, value.len - 2);
	for (i = 0; i <= value.len; i++) {
		if (i < value.len && value.data[i] != ',')
			continue;
		drafts_add_text(drafts, texts, trim(bytes_view_of(value.data + start, i - start)),
		    LABEL_BYTES_MAX);
		start = i + 1;
	}
}

/* One "key: value" of the block before the text. */
static enum err
take_key(struct reading *reading, struct bytes_view key, struct bytes_view value)
{
	struct drafts *drafts = reading->drafts;
	struct record *record = &drafts->record;
	enum tlp tlp;

	if (value.len >= 2 && value.data[0] == '"' && value.data[value.len - 1] == '"')
		value = bytes_view_of(value.data + 1, value.len - 2);
	if (is_word(key, "title")) {
		reading->title = value;
	} else if (is_word(key, "lang")) {
		record->language = drafts_text(drafts, value, LANGUAGE_BYTES_MAX, false);
	} else if (is_word(key, "labels")) {
		add_list(drafts, &record->labels, value);
	} else if (is_word(key, "sectors")) {
		add_list(drafts, &record->affects.sectors, value);
	} else if (is_word(key, "identifier")) {
		if (record->kind != RECORD_ADVISORY)
			return complain(reading, "only an advisory has an identifier");
		record->body.identifier = drafts_text(drafts, value, LABEL_BYTES_MAX, false);
	} else if (is_word(key, "severity")) {
		if (!severity_parse(value, &record->severity))
			return complain(reading, "severity is low, medium, high or critical");
	} else if (is_word(key, "tlp")) {
		if (!tlp_parse(value, &tlp))
			return complain(reading, "tlp is clear, green, amber, amber+strict or red");
		drafts_label(drafts, tlp);
	} else {
		return complain(reading, "known keys are title, lang, labels, tlp, severity, identifier, sectors");
	}
	return ERR_NONE;
}

static enum err
take_block(struct reading *reading)
{
	struct reading before = *reading;
	struct bytes_view line;
	const uint8_t *colon;
	enum err err = ERR_NONE;

	if (!next_line(reading, &line) || !is_word(trim(line), "---")) {
		*reading = before;
		return ERR_NONE;
	}
	while (err == ERR_NONE) {
		if (!next_line(reading, &line))
			return complain(reading, "the block begun by --- has no end");
		line = trim(line);
		if (is_word(line, "---"))
			return ERR_NONE;
		if (line.len == 0 || line.data[0] == '#')
			continue;
		colon = memchr(line.data, ':', line.len);
		if (colon == NULL)
			return complain(reading, "expected key: value");
		err = take_key(reading, trim(bytes_view_of(line.data, (size_t)(colon - line.data))),
		    trim(bytes_view_of(colon + 1, line.len - (size_t)(colon - line.data) - 1)));
	}
	return err;
}

/* The first heading, if no title was given; it is not repeated in the text. */
static void
take_heading(struct reading *reading)
{
	struct reading before = *reading;
	struct bytes_view line = {0};

	while (next_line(reading, &line) && trim(line).len == 0)
		before = *reading;
	line = trim(line);
	if (line.len > 2 && line.data[0] == '#' && line.data[1] == ' ') {
		if (reading->title.len == 0)
			reading->title = trim(bytes_view_of(line.data + 2, line.len - 2));
		return;
	}
	*reading = before;
}

enum err
markdown_read(struct bytes_view text, enum record_kind kind, struct drafts *drafts)
{
	struct reading reading = {.drafts = drafts, .left = text};
	struct draft_place place = {.line = 1};
	struct record *record = &drafts->record;
	uint64_t before = drafts->refused;
	enum err err;

	drafts_begin(drafts, kind);
	if (reading.left.len >= 3 && memcmp(text.data, "\xef\xbb\xbf", 3) == 0)
		reading.left = bytes_view_of(text.data + 3, text.len - 3);
	if (text.len > TEXT_BYTES_MAX)
		return complain(&reading, "the file is larger than a record's text may be (128 KiB)");
	err = take_block(&reading);
	if (err != ERR_NONE)
		return err;
	take_heading(&reading);
	record->body.title = drafts_text(drafts, reading.title, TITLE_BYTES_MAX, false);
	record->body.text = drafts_text(drafts, reading.left, TEXT_BYTES_MAX, true);
	if (record->body.title.len == 0)
		return complain(&reading, "no title: begin with a line '# Title'");
	if (record->body.text.len == 0)
		return complain(&reading, "no text after the title");
	drafts_source(drafts, "markdown", "malla-markdown/1", bytes_view_of(NULL, 0),
	    bytes_view_of(NULL, 0));
	err = drafts_finish(drafts, &place, true);
	return err == ERR_NONE && drafts->refused > before ? ERR_FORMAT : err;
}
