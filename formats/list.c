#include "formats/list.h"

#include <string.h>

static struct bytes_view
trim(struct bytes_view text)
{
	while (text.len > 0 && (text.data[0] == ' ' || text.data[0] == '\t'))
		text = bytes_view_of(text.data + 1, text.len - 1);
	while (text.len > 0 && strchr(" \t\r\n", text.data[text.len - 1]) != NULL)
		text.len--;
	return text;
}

static bool
begins(struct bytes_view text, const char *with)
{
	return text.len >= strlen(with) && memcmp(text.data, with, strlen(with)) == 0;
}

static bool
is_comment(struct bytes_view text)
{
	return begins(text, "#") || begins(text, ";") || begins(text, "//");
}

/* Without what follows a blank and #. */
static struct bytes_view
without_remark(struct bytes_view text)
{
	size_t i;

	for (i = 1; i < text.len; i++) {
		if (text.data[i] == '#' && (text.data[i - 1] == ' ' || text.data[i - 1] == '\t'))
			return trim(bytes_view_of(text.data, i));
	}
	return text;
}

/* The second word of "0.0.0.0 name" and "127.0.0.1 name". */
static struct bytes_view
name_of_hosts_line(struct bytes_view text)
{
	static const char *const sinks[] = {"0.0.0.0", "127.0.0.1", "::1", "::"};
	size_t i, len;

	for (i = 0; i < sizeof(sinks) / sizeof(*sinks); i++) {
		len = strlen(sinks[i]);
		if (begins(text, sinks[i]) && text.len > len + 1 &&
		    (text.data[len] == ' ' || text.data[len] == '\t'))
			return trim(bytes_view_of(text.data + len, text.len - len));
	}
	return text;
}

enum err
list_read_line(struct bytes_view line, uint64_t number, enum observable_type type,
    struct drafts *drafts)
{
	struct draft_place place = {.line = number};
	struct bytes_view value;

	if (begins(line, "\xef\xbb\xbf"))
		line = bytes_view_of(line.data + 3, line.len - 3);
	line = trim(line);
	if (line.len == 0 || is_comment(line)) {
		drafts->left_out++;
		return ERR_NONE;
	}
	value = name_of_hosts_line(without_remark(line));
	drafts_begin(drafts, RECORD_INDICATOR);
	if (type == 0 && !observable_guess(value, &type)) {
		drafts_refuse(drafts, &place, REASON_BAD_OBSERVABLE,
		    "not like any type of observable; name it with --type");
		return ERR_NONE;
	}
	if (!drafts_observable(drafts, type, value)) {
		drafts_refuse(drafts, &place, REASON_BAD_OBSERVABLE, observable_type_name(type));
		return ERR_NONE;
	}
	drafts_source(drafts, "list", "malla-list/1", bytes_view_of(NULL, 0), line);
	return drafts_finish(drafts, &place, true);
}

enum err
list_read(FILE *file, enum observable_type type, struct drafts *drafts)
{
	char line[LIST_LINE_BYTES_MAX];
	struct draft_place place;
	uint64_t number = 0;
	enum err err = ERR_NONE;
	size_t len = 0;
	int letter;

	while (err == ERR_NONE && (letter = getc(file)) != EOF) {
		if (letter != '\n') {
			if (len < sizeof(line))
				line[len] = (char)letter;
			len++;
			continue;
		}
		place = (struct draft_place){.line = ++number};
		if (len > sizeof(line))
			drafts_refuse(drafts, &place, REASON_OVERSIZED, "the line is too long");
		else
			err = list_read_line(bytes_view_of(line, len), number, type, drafts);
		len = 0;
	}
	if (err == ERR_NONE && len > 0 && len <= sizeof(line))
		err = list_read_line(bytes_view_of(line, len), number + 1, type, drafts);
	return err == ERR_NONE && ferror(file) ? ERR_SYSTEM : err;
}
