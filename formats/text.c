#include "formats/text.h"

#include <string.h>

bool
text_is_blank(uint8_t letter)
{
	return letter == ' ' || letter == '\t' || letter == '\r' || letter == '\n';
}

struct bytes_view
text_behind(struct bytes_view text, size_t len)
{
	return bytes_view_of(text.data + len, text.len - len);
}

struct bytes_view
text_trim(struct bytes_view text)
{
	while (text.len > 0 && text_is_blank(text.data[0]))
		text = text_behind(text, 1);
	while (text.len > 0 && text_is_blank(text.data[text.len - 1]))
		text.len--;
	return text;
}

bool
text_begins(struct bytes_view text, const char *with)
{
	size_t len = strlen(with);

	return text.len >= len && memcmp(text.data, with, len) == 0;
}

struct bytes_view
text_without_bom(struct bytes_view text)
{
	return text_begins(text, "\xef\xbb\xbf") ? text_behind(text, 3) : text;
}

bool
text_is(struct bytes_view text, const char *word)
{
	return bytes_view_is_equal(text, bytes_view_str(word));
}

bool
text_begins_word(struct bytes_view text, const char *word)
{
	size_t i;

	for (i = 0; word[i] != '\0'; i++) {
		uint8_t letter;

		if (i == text.len)
			return false;
		letter = text.data[i];
		if (letter >= 'A' && letter <= 'Z')
			letter |= 0x20;
		if (letter != (uint8_t)word[i])
			return false;
	}
	return true;
}

bool
text_is_word(struct bytes_view text, const char *word)
{
	return text.len == strlen(word) && text_begins_word(text, word);
}

bool
text_next_line(struct bytes_view *text, struct bytes_view *line)
{
	const uint8_t *end;
	size_t len;

	if (text->len == 0)
		return false;
	end = memchr(text->data, '\n', text->len);
	len = end != NULL ? (size_t)(end - text->data) : text->len;
	*line = bytes_view_of(text->data, len);
	*text = text_behind(*text, end != NULL ? len + 1 : len);
	return true;
}

bool
text_next_part(struct bytes_view *text, const char *separators, struct bytes_view *part)
{
	size_t i = 0;

	if (text->data == NULL)
		return false;
	while (i < text->len && memchr(separators, text->data[i], strlen(separators)) == NULL)
		i++;
	*part = bytes_view_of(text->data, i);
	*text = i < text->len ? text_behind(*text, i + 1) : bytes_view_of(NULL, 0);
	return true;
}

size_t
text_sequence(struct bytes_view text)
{
	uint8_t low = 0x80, high = 0xbf;
	const uint8_t *at = text.data;
	size_t need, i;

	if (text.len == 0)
		return 0;
	if (at[0] < 0x80)
		return 1;
	if (at[0] < 0xc2 || at[0] > 0xf4)
		return 0;
	need = at[0] < 0xe0 ? 2 : at[0] < 0xf0 ? 3 : 4;
	if (at[0] == 0xe0)
		low = 0xa0; /* overlong */
	else if (at[0] == 0xed)
		high = 0x9f; /* surrogates */
	else if (at[0] == 0xf0)
		low = 0x90;
	else if (at[0] == 0xf4)
		high = 0x8f; /* above U+10FFFF */
	if (text.len < need || at[1] < low || at[1] > high)
		return 0;
	for (i = 2; i < need; i++) {
		if ((at[i] & 0xc0) != 0x80)
			return 0;
	}
	return need;
}

void
text_for_message(struct bytes_view text, char *out, size_t size)
{
	size_t len = 0, n;

	while (text.len > 0) {
		n = text_sequence(text);
		if (len + (n > 0 ? n : 1) >= size)
			break;
		if (n == 0 || (n == 1 && (text.data[0] < 0x20 || text.data[0] == 0x7f)) ||
		    (n == 2 && text.data[0] == 0xc2 && text.data[1] < 0xa0)) {
			out[len++] = '?';
		} else {
			memcpy(out + len, text.data, n);
			len += n;
		}
		text = text_behind(text, n > 0 ? n : 1);
	}
	out[len] = '\0';
}
