#include "formats/detect.h"

#include <string.h>

#include "formats/csv.h"
#include "formats/text.h"

static const char *const names[] = {
    [FORMAT_STIX] = "stix",
    [FORMAT_CSV] = "csv",
    [FORMAT_LIST] = "list",
    [FORMAT_MARKDOWN] = "markdown",
};

const char *
detect_name(enum format format)
{
	return names[format];
}

bool
detect_parse(const char *name, enum format *format)
{
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(*names); i++) {
		if (strcmp(names[i], name) == 0) {
			*format = (enum format)i;
			return true;
		}
	}
	return false;
}

static bool
ends_with(const char *name, const char *end)
{
	size_t len = name != NULL ? strlen(name) : 0, end_len = strlen(end);

	return len >= end_len && strcmp(name + len - end_len, end) == 0;
}

/* "{", or a list of such: an address of IPv6 in brackets begins a list of another kind. */
static bool
is_json(struct bytes_view text)
{
	text = text_trim(text);
	if (text.len > 0 && text.data[0] == '{')
		return true;
	if (text.len == 0 || text.data[0] != '[')
		return false;
	text = text_trim(text_behind(text, 1));
	return text.len > 0 && (text.data[0] == '{' || text.data[0] == ']');
}

/* Whether a header of a table stands first, or behind lines that begin with #, or is one. */
static bool
is_table(struct bytes_view text)
{
	struct bytes_view line;

	while (text_next_line(&text, &line)) {
		line = text_trim(line);
		if (line.len == 0)
			continue;
		if (line.data[0] != '#')
			return csv_is_header(line);
		while (line.len > 0 && (line.data[0] == '#' || text_is_blank(line.data[0])))
			line = text_behind(line, 1);
		if (csv_is_header(line))
			return true;
	}
	return false;
}

enum format
detect_format(struct bytes_view start, const char *name)
{
	start = text_without_bom(start);
	if (is_json(start))
		return FORMAT_STIX;
	if (ends_with(name, ".md") || ends_with(name, ".markdown"))
		return FORMAT_MARKDOWN;
	if (is_table(start))
		return FORMAT_CSV;
	if (ends_with(name, ".json"))
		return FORMAT_STIX;
	return ends_with(name, ".csv") || ends_with(name, ".tsv") ? FORMAT_CSV : FORMAT_LIST;
}
