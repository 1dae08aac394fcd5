#include "formats/list.h"

#include "formats/text.h"
#include "formats/value.h"

static bool
is_comment(struct bytes_view text)
{
	return text_begins(text, "#") || text_begins(text, ";") || text_begins(text, "//");
}

/* Without what follows a blank and the sign of a comment. */
static struct bytes_view
without_remark(struct bytes_view text)
{
	size_t i;

	for (i = 1; i < text.len; i++) {
		if (text_is_blank(text.data[i - 1]) && is_comment(text_behind(text, i)))
			return text_trim(bytes_view_of(text.data, i));
	}
	return text;
}

/* The first word of a text, and what follows it. */
static struct bytes_view
first_word(struct bytes_view text, struct bytes_view *rest)
{
	size_t i = 0;

	while (i < text.len && !text_is_blank(text.data[i]))
		i++;
	*rest = text_trim(text_behind(text, i));
	return bytes_view_of(text.data, i);
}

/* "0.0.0.0 name other": every name, or none. */
static bool
take_hosts_line(struct drafts *drafts, struct bytes_view text)
{
	static const char *const sinks[] = {"0.0.0.0", "127.0.0.1", "::1", "::"};
	struct bytes_view names, name, sink = first_word(text, &names);
	bool is_sink = false;
	size_t i;

	for (i = 0; i < sizeof(sinks) / sizeof(*sinks); i++)
		is_sink = is_sink || text_is(sink, sinks[i]);
	if (!is_sink || names.len == 0)
		return false;
	while (names.len > 0) {
		name = first_word(names, &names);
		if (!drafts_observable(drafts, OBSERVABLE_DOMAIN, name)) {
			drafts->record.observables_count = 0;
			return false;
		}
	}
	return true;
}

/* "<hash>  name" and "<hash> *name", as checksum programs write it. */
static bool
take_checksum_line(struct drafts *drafts, struct bytes_view text)
{
	static const struct value_kind hash = {0, VALUE_HASH};
	struct bytes_view name, port, value = first_word(text, &name);

	if (name.len == 0 || !value_take(drafts, hash, value, &port))
		return false;
	if (name.data[0] == '*')
		name = text_behind(name, 1);
	drafts->record.body.text = drafts_text(drafts, name, TEXT_BYTES_MAX, true);
	return true;
}

static bool
take_line(struct drafts *drafts, enum observable_type type, struct bytes_view text)
{
	struct bytes_view port;

	if (type == 0 || type == OBSERVABLE_DOMAIN) {
		if (take_hosts_line(drafts, text))
			return true;
	}
	if (value_take(drafts, value_kind_of(type), text, &port)) {
		drafts_port(drafts, port);
		return true;
	}
	return type == 0 && take_checksum_line(drafts, text);
}

static void
refuse_line(struct drafts *drafts, const struct draft_place *place, enum observable_type type)
{
	char words[DRAFT_WORDS_BYTES];

	if (type == 0) {
		drafts_refuse(drafts, place, REASON_BAD_OBSERVABLE,
		    "not like any type of observable; name it with --type");
		return;
	}
	(void)snprintf(words, sizeof(words), "not of the type %s", observable_type_name(type));
	drafts_refuse(drafts, place, REASON_BAD_OBSERVABLE, words);
}

enum err
list_read_line(
    struct bytes_view line, uint64_t number, enum observable_type type, struct drafts *drafts)
{
	struct draft_place place = {.line = number};

	line = text_trim(text_without_bom(line));
	if (line.len == 0 || is_comment(line)) {
		drafts->left_out++;
		return ERR_NONE;
	}
	drafts_begin(drafts, RECORD_INDICATOR);
	if (!take_line(drafts, type, without_remark(line))) {
		refuse_line(drafts, &place, type);
		return ERR_NONE;
	}
	drafts_source(drafts, "list", "malla-list/1", bytes_view_of(NULL, 0), line);
	return drafts_finish(drafts, &place, true);
}

enum err
list_read(FILE *file, enum observable_type type, struct drafts *drafts)
{
	uint8_t line[LIST_LINE_BYTES_MAX];
	struct draft_place place;
	uint64_t number = 0;
	enum err err = ERR_NONE;
	size_t len = 0;
	int letter;

	do {
		letter = getc_unlocked(file);
		if (letter != '\n' && letter != EOF) {
			if (len < sizeof(line))
				line[len] = (uint8_t)letter;
			len++;
			continue;
		}
		place = (struct draft_place){.line = ++number};
		if (len > sizeof(line))
			drafts_refuse(drafts, &place, REASON_OVERSIZED, "the line is too long");
		else if (len > 0 || letter != EOF)
			err = list_read_line(bytes_view_of(line, len), number, type, drafts);
		len = 0;
	} while (letter != EOF && err == ERR_NONE);
	return err == ERR_NONE && ferror(file) ? ERR_SYSTEM : err;
}
