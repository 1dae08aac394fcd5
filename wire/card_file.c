#include "wire/card.h"

#include <assert.h>
#include <string.h>

#include "base/base64.h"
#include "base/home.h"

#define ARMOUR_LINE_LETTERS 64u
#define ARMOUR_LINE_BYTES 48u
static const char ARMOUR_BEGIN[] = "-----BEGIN MALLA CARD-----";
static const char ARMOUR_END[] = "-----END MALLA CARD-----";

static_assert(ARMOUR_LINE_BYTES * 4 == ARMOUR_LINE_LETTERS * 3, "a full line has no padding");
static_assert(CARD_PACKAGE_BYTES_MAX / ARMOUR_LINE_BYTES * (ARMOUR_LINE_LETTERS + 2) +
		      sizeof(ARMOUR_BEGIN) + sizeof(ARMOUR_END) + 4 + 2048 <=
		  CARD_FILE_BYTES_MAX,
    "a package of full size fits a file");

enum err
card_file_encode(struct bytes_view package, struct bytes *out)
{
	size_t before = out->len;
	enum err err;
	size_t at;

	if (package.len == 0 || package.len > CARD_PACKAGE_BYTES_MAX)
		return package.len == 0 ? ERR_TRUNCATED : ERR_TOO_LARGE;
	bytes_append(out, ARMOUR_BEGIN, sizeof(ARMOUR_BEGIN) - 1);
	for (at = 0; at < package.len; at += ARMOUR_LINE_BYTES) {
		size_t len = package.len - at;

		if (len > ARMOUR_LINE_BYTES)
			len = ARMOUR_LINE_BYTES;
		bytes_append_u8(out, '\n');
		/* its failure sticks in out, and is asked for below */
		err = base64_encode(bytes_view_of(package.data + at, len), out);
		if (err != ERR_NONE)
			break;
	}
	bytes_append_u8(out, '\n');
	bytes_append(out, ARMOUR_END, sizeof(ARMOUR_END) - 1);
	bytes_append_u8(out, '\n');
	if (out->err != ERR_NONE)
		out->len = before;
	return out->err;
}

/* Take the next line off *text, without its LF or CRLF; false at the end. */
static bool
take_line(struct bytes_view *text, struct bytes_view *line)
{
	const uint8_t *feed;

	if (text->len == 0)
		return false;
	feed = memchr(text->data, '\n', text->len);
	*line = *text;
	if (feed != NULL)
		line->len = (size_t)(feed - text->data);
	text->data += line->len + (feed != NULL);
	text->len -= line->len + (feed != NULL);
	if (feed != NULL && line->len > 0 && line->data[line->len - 1] == '\r')
		line->len--;
	return true;
}

/* The lines between BEGIN and END, appended to package. */
static enum err
decode_armour(struct bytes_view text, struct bytes *package)
{
	size_t start = package->len;
	struct bytes_view line;
	bool is_full = true;
	enum err err;

	while (take_line(&text, &line)) {
		if (bytes_view_is_equal(line, bytes_view_str(ARMOUR_END)))
			return package->len > start ? ERR_NONE : ERR_FORMAT;
		/* only the last line is shorter than the others, or padded */
		if (!is_full || line.len == 0 || line.len > ARMOUR_LINE_LETTERS)
			return ERR_FORMAT;
		err = base64_decode(line, package);
		if (err != ERR_NONE)
			return err == ERR_VALUE ? ERR_FORMAT : err;
		is_full = (package->len - start) % ARMOUR_LINE_BYTES == 0;
		if (package->len - start > CARD_PACKAGE_BYTES_MAX)
			return ERR_TOO_LARGE;
	}
	return ERR_TRUNCATED;
}

enum err
card_file_decode(struct bytes_view file, struct bytes *package)
{
	size_t before = package->len;
	struct bytes_view line;
	enum err err = ERR_FORMAT;

	if (file.len > CARD_FILE_BYTES_MAX)
		return ERR_TOO_LARGE;
	while (take_line(&file, &line)) {
		if (bytes_view_is_equal(line, bytes_view_str(ARMOUR_BEGIN))) {
			err = decode_armour(file, package);
			break;
		}
	}
	if (err != ERR_NONE)
		package->len = before;
	return err;
}

enum err
card_file_read(const char *path, struct bytes *package)
{
	struct bytes file;
	enum err err;

	bytes_init(&file, CARD_FILE_BYTES_MAX);
	err = home_read(path, &file);
	if (err == ERR_NONE)
		err = card_file_decode(bytes_as_view(&file), package);
	bytes_release(&file);
	return err;
}
