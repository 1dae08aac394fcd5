#include "wire/defang.h"

#include <string.h>

#include "wire/url.h"

#define FANGED_BYTES_MAX 5u

/* A way to write a character so that nobody follows the link. */
struct fang {
	/* at most FANGED_BYTES_MAX; ends in the character that completes it */
	const char *fanged;
	char plain[4];
	bool is_in_path; /* undone also behind the host of a url, where brackets may be meant */
	bool is_in_name; /* undone also in a filename */
};

static const struct fang fangs[] = {
    {"[.]", ".", true, true},
    {"[dot]", ".", true, true},
    {"(.)", ".", false, false},
    {"{.}", ".", true, false},
    {"(dot)", ".", false, false},
    {" dot ", ".", false, false},
    {"\\.", ".", true, false},
    {"[at]", "@", true, false},
    {"(at)", "@", false, false},
    {" at ", "@", false, false},
    {"[@]", "@", true, false},
    {"[:]", ":", true, false},
    {"[://]", "://", true, false},
};

static const struct {
	const char *fanged;
	const char *plain;
} schemes[] = {{"hxxp://", "http"}, {"hxxps://", "https"}, {"fxp://", "ftp"}, {"fxps://", "ftps"}};

static uint8_t
lower(uint8_t letter)
{
	return letter >= 'A' && letter <= 'Z' ? (uint8_t)(letter | 0x20) : letter;
}

/* Whether text begins with `word`, which is in lower case. */
static bool
begins_with(struct bytes_view text, const char *word)
{
	size_t i;

	for (i = 0; word[i] != '\0'; i++) {
		if (i == text.len || lower(text.data[i]) != (uint8_t)word[i])
			return false;
	}
	return true;
}

/* ---------------------------------------------------------------- undoing it */

/* The bytes of the blank at the start or the end of text; 0: none. */
static size_t
blank_len(struct bytes_view text, bool is_end)
{
	static const char *const wide[] = {"\xef\xbb\xbf", "\xc2\xa0"};
	size_t i, len;
	uint8_t letter;

	if (text.len == 0)
		return 0;
	letter = text.data[is_end ? text.len - 1 : 0];
	if (letter == ' ' || (letter >= '\t' && letter <= '\r'))
		return 1;
	for (i = 0; i < sizeof(wide) / sizeof(*wide); i++) {
		len = strlen(wide[i]);
		if (text.len >= len &&
		    memcmp(text.data + (is_end ? text.len - len : 0), wide[i], len) == 0)
			return len;
	}
	return 0;
}

struct bytes_view
defang_trim(struct bytes_view text)
{
	size_t len;

	while ((len = blank_len(text, false)) > 0)
		text = bytes_view_of(text.data + len, text.len - len);
	while ((len = blank_len(text, true)) > 0)
		text.len -= len;
	return text;
}

static bool
ends_with(const struct bytes *text, const char *word, size_t word_len)
{
	return text->len >= word_len &&
	       begins_with(bytes_view_of(text->data + text->len - word_len, word_len), word);
}

/* Undo the defanging that the text ends with.  False: there is none. */
static bool
refang_end(struct bytes *text, enum observable_type type, bool is_in_path)
{
	size_t i, len;

	for (i = 0; i < sizeof(fangs) / sizeof(*fangs); i++) {
		if ((is_in_path && !fangs[i].is_in_path) ||
		    (type == OBSERVABLE_FILENAME && !fangs[i].is_in_name))
			continue;
		len = strlen(fangs[i].fanged);
		if (!ends_with(text, fangs[i].fanged, len))
			continue;
		text->len -= len;
		bytes_append(text, fangs[i].plain, strlen(fangs[i].plain));
		return true;
	}
	return false;
}

/* "hxxp" to "http", which is done last: a defanged "://" is one by then. */
static void
refang_scheme(struct bytes_view text, struct bytes *out)
{
	size_t i;

	for (i = 0; i < sizeof(schemes) / sizeof(*schemes); i++) {
		if (begins_with(text, schemes[i].fanged)) {
			bytes_append(out, schemes[i].plain, strlen(schemes[i].plain));
			text.data += strlen(schemes[i].plain);
			text.len -= strlen(schemes[i].plain);
			break;
		}
	}
	bytes_append(out, text.data, text.len);
}

/* It is undone at the end of what has been read so far, again and again, so that nothing
   defanged is left: what is canonical is a fixed point, as observable_check needs. */
enum err
defang_undo(enum observable_type type, struct bytes_view text, struct bytes *out)
{
	uint8_t room[OBSERVABLE_BYTES_MAX + FANGED_BYTES_MAX];
	struct bytes plain = {.data = room, .cap = sizeof(room), .cap_max = sizeof(room)};
	size_t i, scheme_end = 0;
	bool is_in_path = false;
	uint8_t letter;

	text = defang_trim(text);
	for (i = 0; i < text.len && plain.err == ERR_NONE; i++) {
		letter = text.data[i];
		bytes_append_u8(&plain, letter);
		if (letter == ']' || letter == ')' || letter == '}' || letter == '.' ||
		    letter == ' ') {
			while (refang_end(&plain, type, is_in_path))
				continue;
		}
		if (scheme_end == 0 && ends_with(&plain, "://", 3))
			scheme_end = plain.len;
		else if (scheme_end > 0 && plain.len > scheme_end &&
			 (letter == '/' || letter == '?' || letter == '#'))
			is_in_path = true;
	}
	if (plain.err != ERR_NONE || plain.len > OBSERVABLE_BYTES_MAX)
		return ERR_TOO_LARGE;
	if (type == OBSERVABLE_URL)
		refang_scheme(bytes_as_view(&plain), out);
	else
		bytes_append(out, plain.data, plain.len);
	return out->err;
}

/* ---------------------------------------------------------------- doing it */

void
defang_host(struct bytes_view text, struct bytes *out)
{
	size_t i;

	for (i = 0; i < text.len; i++) {
		if (text.data[i] == '.')
			bytes_append(out, "[.]", 3);
		else if (text.data[i] == ':')
			bytes_append(out, "[:]", 3);
		else
			bytes_append_u8(out, text.data[i]);
	}
}

void
defang_url(struct bytes_view url, struct bytes *out)
{
	struct bytes_view scheme;
	struct url_parts parts;
	size_t i, end;

	if (!url_split(url, &parts)) {
		defang_host(url, out);
		return;
	}
	scheme = bytes_view_of(url.data, parts.scheme.len + 3);
	for (i = 0; i < sizeof(schemes) / sizeof(*schemes); i++) {
		if (parts.scheme.len == strlen(schemes[i].plain) &&
		    begins_with(scheme, schemes[i].plain))
			break;
	}
	if (i < sizeof(schemes) / sizeof(*schemes)) {
		bytes_append(out, schemes[i].fanged, strlen(schemes[i].fanged));
	} else {
		bytes_append(out, scheme.data, parts.scheme.len);
		bytes_append(out, "[:]//", 5);
	}
	end = (size_t)(parts.host.data - url.data);
	bytes_append(out, url.data + scheme.len, end - scheme.len);
	defang_host(parts.host, out);
	end += parts.host.len;
	bytes_append(out, url.data + end, url.len - end);
}
