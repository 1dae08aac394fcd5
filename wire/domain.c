#include "wire/domain.h"

#include <idn2.h>
#include <string.h>

#define IDN_FLAGS (IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL)
/* One label as people write it: four bytes of UTF-8 a letter, and room for combining ones. */
#define LABEL_TEXT_MAX 512u

static uint8_t
lower(uint8_t letter)
{
	return letter >= 'A' && letter <= 'Z' ? (uint8_t)(letter | 0x20) : letter;
}

static bool
is_digit(uint8_t letter)
{
	return letter >= '0' && letter <= '9';
}

static bool
is_letter(uint8_t letter)
{
	return letter >= 'a' && letter <= 'z';
}

/* ---------------------------------------------------------------- labels */

static bool
is_a_label(const uint8_t *label, size_t len)
{
	return len >= 4 && memcmp(label, "xn--", 4) == 0;
}

static bool
label_is_plain(const uint8_t *label, size_t len)
{
	size_t i;

	if (len == 0 || len > DOMAIN_LABEL_MAX || label[0] == '-' || label[len - 1] == '-')
		return false;
	for (i = 0; i < len; i++) {
		if (!is_letter(label[i]) && !is_digit(label[i]) && label[i] != '-' &&
		    label[i] != '_')
			return false;
	}
	return true;
}

/* The A-label of a label in UTF-8; NULL: it has none.  The caller frees it with idn2_free. */
static char *
to_ascii(const char *label)
{
	uint8_t *ascii = NULL;

	if (idn2_lookup_u8((const uint8_t *)label, &ascii, IDN_FLAGS) != IDN2_OK)
		return NULL;
	return (char *)ascii;
}

/* Whether an A-label stands for a label whose A-label it is: many strings that begin with
   xn-- stand for nothing, or for a name that has a shorter spelling. */
static bool
is_stable(const char *ascii)
{
	char *unicode = NULL, *direct = to_ascii(ascii), *around = NULL;
	bool is_same = false;

	if (direct != NULL && idn2_to_unicode_8z8z(ascii, &unicode, 0) == IDN2_OK)
		around = to_ascii(unicode);
	if (around != NULL)
		is_same = strcmp(direct, ascii) == 0 && strcmp(around, ascii) == 0;
	idn2_free(direct);
	idn2_free(unicode);
	idn2_free(around);
	return is_same;
}

/* A label in lower case that is not plain letters. */
static enum err
append_idn(const uint8_t *label, size_t len, struct bytes *out)
{
	char text[LABEL_TEXT_MAX + 1], *ascii;
	enum err err = ERR_VALUE;
	size_t ascii_len;

	memcpy(text, label, len);
	text[len] = '\0';
	ascii = to_ascii(text);
	if (ascii == NULL)
		return ERR_VALUE;
	ascii_len = strlen(ascii);
	if (label_is_plain((const uint8_t *)ascii, ascii_len) && is_stable(ascii)) {
		bytes_append(out, ascii, ascii_len);
		err = out->err;
	}
	idn2_free(ascii);
	return err;
}

static enum err
append_label(struct bytes_view label, struct bytes *out)
{
	uint8_t text[LABEL_TEXT_MAX];
	bool is_ascii = true;
	size_t i;

	if (label.len == 0 || label.len > sizeof(text))
		return ERR_VALUE;
	for (i = 0; i < label.len; i++) {
		if (label.data[i] <= ' ' || label.data[i] == 0x7f)
			return ERR_VALUE; /* a NUL would end the text for libidn2 */
		text[i] = lower(label.data[i]);
		is_ascii = is_ascii && text[i] < 0x80;
	}
	if (!is_ascii || is_a_label(text, label.len))
		return append_idn(text, label.len, out);
	if (!label_is_plain(text, label.len))
		return ERR_VALUE;
	bytes_append(out, text, label.len);
	return out->err;
}

/* ---------------------------------------------------------------- names */

/* The bytes of the dot that text begins with: '.' and the three that UTS 46 maps to it.
   0: none. */
static size_t
dot_len(const uint8_t *text, size_t len)
{
	static const char *const wide[] = {"\xe3\x80\x82", "\xef\xbc\x8e", "\xef\xbd\xa1"};
	size_t i;

	if (text[0] == '.')
		return 1;
	for (i = 0; len >= 3 && text[0] >= 0xe3 && i < sizeof(wide) / sizeof(*wide); i++) {
		if (memcmp(text, wide[i], 3) == 0)
			return 3;
	}
	return 0;
}

/* The rules for the name as a whole, whose labels are right if they are plain. */
static bool
name_is_plain(const uint8_t *name, size_t len, bool *has_a_label)
{
	size_t start = 0, at, labels = 0;
	bool is_number = true;

	*has_a_label = false;
	if (len == 0 || len > DOMAIN_BYTES_MAX)
		return false;
	for (at = 0; at <= len; at++) {
		if (at < len && name[at] != '.')
			continue;
		if (!label_is_plain(name + start, at - start))
			return false;
		if (is_a_label(name + start, at - start))
			*has_a_label = true;
		labels++;
		if (at == len)
			break;
		start = at + 1;
	}
	for (at = start; at < len; at++)
		is_number = is_number && is_digit(name[at]);
	return labels >= 2 && !is_number;
}

enum err
domain_parse(struct bytes_view text, struct bytes *out)
{
	uint8_t room[DOMAIN_BYTES_MAX];
	struct bytes name = {.data = room, .cap = sizeof(room), .cap_max = sizeof(room)};
	size_t start = 0, at, dot;
	bool has_a_label;
	enum err err;

	for (at = 0; at <= text.len; at++) {
		dot = at < text.len ? dot_len(text.data + at, text.len - at) : 0;
		if (at < text.len && dot == 0)
			continue;
		if (at == text.len && at == start && name.len > 0)
			break; /* the final dot */
		if (name.len > 0)
			bytes_append_u8(&name, '.');
		err = append_label(bytes_view_of(text.data + start, at - start), &name);
		if (err != ERR_NONE)
			return err == ERR_TOO_LARGE ? ERR_VALUE : err;
		if (at == text.len)
			break;
		start = at + dot;
		at = start - 1;
	}
	if (!name_is_plain(name.data, name.len, &has_a_label))
		return ERR_VALUE;
	bytes_append(out, name.data, name.len);
	return out->err;
}

bool
domain_check(struct bytes_view value)
{
	uint8_t room[DOMAIN_BYTES_MAX];
	struct bytes name = {.data = room, .cap = sizeof(room), .cap_max = sizeof(room)};
	bool has_a_label;

	if (!name_is_plain(value.data, value.len, &has_a_label))
		return false;
	return !has_a_label || (domain_parse(value, &name) == ERR_NONE &&
				   bytes_view_is_equal(bytes_as_view(&name), value));
}

/* ---------------------------------------------------------------- mailboxes */

static bool
is_atext(uint8_t letter)
{
	return letter != '\0' && (is_letter(letter) || is_digit(letter) ||
				     strchr("!#$%&'*+-/=?^_`{|}~", letter) != NULL);
}

enum err
domain_parse_email(struct bytes_view text, struct bytes *out)
{
	bool is_after_dot = true;
	uint8_t letter;
	size_t at;

	for (at = 0; at < text.len && text.data[at] != '@'; at++) {
		letter = lower(text.data[at]);
		if (at == DOMAIN_LOCAL_MAX || (letter == '.' ? is_after_dot : !is_atext(letter)))
			return ERR_VALUE;
		is_after_dot = letter == '.';
		bytes_append_u8(out, letter);
	}
	if (is_after_dot || at == text.len)
		return ERR_VALUE;
	bytes_append_u8(out, '@');
	return domain_parse(bytes_view_of(text.data + at + 1, text.len - at - 1), out);
}
