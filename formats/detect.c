#include "formats/detect.h"

#include <string.h>

#include "formats/csv.h"

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

/* The first line that says something. */
static struct bytes_view
first_line(struct bytes_view start)
{
	size_t i, begin = 0;

	if (start.len >= 3 && memcmp(start.data, "\xef\xbb\xbf", 3) == 0)
		begin = 3;
	while (begin < start.len && strchr(" \t\r\n", start.data[begin]) != NULL)
		begin++;
	for (i = begin; i < start.len && start.data[i] != '\n'; i++)
		;
	return bytes_view_of(start.data + begin, i - begin);
}

enum format
detect_format(struct bytes_view start, const char *name)
{
	struct bytes_view line = first_line(start);

	if (line.len > 0 && (line.data[0] == '{' || (line.data[0] == '[' && ends_with(name, ".json"))))
		return FORMAT_STIX;
	if (csv_is_header(line))
		return FORMAT_CSV;
	if (ends_with(name, ".md") || ends_with(name, ".markdown"))
		return FORMAT_MARKDOWN;
	if (ends_with(name, ".json"))
		return FORMAT_STIX;
	return ends_with(name, ".csv") ? FORMAT_CSV : FORMAT_LIST;
}
