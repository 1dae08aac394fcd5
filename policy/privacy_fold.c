#include "policy/privacy_fold.h"

#include <string.h>

#define DROPPED UINT32_MAX /* a character that leaves nothing behind */
#define NESTED_MAX 64u /* repeats of what encodes an encoding: %2525…, &amp;amp;…, \\\\… */

struct unit {
	uint32_t code; /* a code point, a byte of UTF-8 from 0x80 on, or DROPPED */
	bool is_byte;
	size_t len;
};

/* ------------------------------------------------------------------ escapes */

static int
hex_digit(uint8_t letter)
{
	if (letter >= '0' && letter <= '9')
		return letter - '0';
	letter |= 0x20;
	return letter >= 'a' && letter <= 'f' ? letter - 'a' + 10 : -1;
}

/* The number of `count` hexadecimal digits at `at`; -1: they are not there. */
static int32_t
hex_at(struct bytes_view raw, size_t at, size_t count)
{
	int32_t value = 0;
	size_t i;
	int digit;

	if (at > raw.len || count > raw.len - at)
		return -1;
	for (i = 0; i < count; i++) {
		digit = hex_digit(raw.data[at + i]);
		if (digit < 0)
			return -1;
		value = value * 16 + digit;
	}
	return value;
}

static bool
has_at(struct bytes_view raw, size_t at, const char *text)
{
	size_t len = strlen(text);

	return at <= raw.len && len <= raw.len - at && memcmp(raw.data + at, text, len) == 0;
}

/* %40, %2540, %252540 … */
static bool
unit_percent(struct bytes_view raw, size_t at, struct unit *out)
{
	size_t start = at++, nested = 0;
	int32_t value;

	while (nested++ < NESTED_MAX && has_at(raw, at, "25") && hex_at(raw, at + 2, 2) >= 0)
		at += 2;
	value = hex_at(raw, at, 2);
	if (value < 0)
		return false;
	*out = (struct unit){(uint32_t)value, value >= 0x80, at + 2 - start};
	return true;
}

static bool
is_alnum(struct bytes_view raw, size_t at)
{
	uint8_t letter;

	if (at >= raw.len)
		return false;
	letter = raw.data[at] | 0x20;
	return (letter >= 'a' && letter <= 'z') || (raw.data[at] >= '0' && raw.data[at] <= '9');
}

/* Quoted-printable, where it cannot be `id=4012…`: what stands for ASCII is taken only for the
   signs of an address, between letters. */
static bool
unit_quoted(struct bytes_view raw, size_t at, struct unit *out)
{
	int32_t value = hex_at(raw, at + 1, 2);

	if (has_at(raw, at + 1, "\n") || has_at(raw, at + 1, "\r\n")) {
		*out = (struct unit){PRIVACY_FOLD_SOFT, false, raw.data[at + 1] == '\n' ? 2 : 3};
		return true;
	}
	if (value >= 0x80) {
		*out = (struct unit){(uint32_t)value, true, 3};
		return true;
	}
	if (value < 0 || strchr("@.+_- =", value) == NULL || at == 0 || !is_alnum(raw, at - 1) ||
	    !is_alnum(raw, at + 3) || (raw.data[at + 3] >= '0' && raw.data[at + 3] <= '9'))
		return false;
	*out = (struct unit){(uint32_t)value, false, 3};
	return true;
}

/* In the order of how often they are met; what an accented letter is without its accent is said
   by its first letter. */
static const struct {
	const char *name;
	uint32_t code;
} entities[] = {
    {"commat;", '@'},
    {"period;", '.'},
    {"nbsp;", ' '},
    {"ntilde;", 0xf1},
    {"Ntilde;", 0xf1},
    {"lowbar;", '_'},
    {"hyphen;", '-'},
    {"dash;", '-'},
    {"ndash;", '-'},
    {"mdash;", '-'},
    {"plus;", '+'},
    {"colon;", ':'},
    {"equals;", '='},
    {"quot;", '"'},
    {"lt;", '<'},
    {"gt;", '>'},
    {"shy;", DROPPED},
    {"zwj;", DROPPED},
    {"zwnj;", DROPPED},
};

static bool
unit_named(struct bytes_view raw, size_t start, size_t at, struct unit *out)
{
	size_t i;

	for (i = 0; i < sizeof(entities) / sizeof(*entities); i++) {
		if (has_at(raw, at, entities[i].name)) {
			*out = (struct unit){
			    entities[i].code, false, at + strlen(entities[i].name) - start};
			return true;
		}
	}
	if (is_alnum(raw, at) && (has_at(raw, at + 1, "acute;") || has_at(raw, at + 1, "grave;"))) {
		*out = (struct unit){raw.data[at], false, at + 7 - start};
		return true;
	}
	if (is_alnum(raw, at) && has_at(raw, at + 1, "uml;")) {
		*out = (struct unit){raw.data[at], false, at + 5 - start};
		return true;
	}
	return false;
}

/* &#64; &#x40; &commat; and with their ampersand as an entity itself */
static bool
unit_entity(struct bytes_view raw, size_t at, struct unit *out)
{
	size_t start = at++, digits = 0, nested = 0;
	uint32_t code = 0, base = 10;
	int digit;

	while (nested++ < NESTED_MAX && has_at(raw, at, "amp;"))
		at += 4;
	if (!has_at(raw, at, "#"))
		return unit_named(raw, start, at, out);
	at++;
	if (has_at(raw, at, "x") || has_at(raw, at, "X")) {
		base = 16;
		at++;
	}
	while (at < raw.len && digits < 8 && (digit = hex_digit(raw.data[at])) >= 0 &&
	       (uint32_t)digit < base) {
		code = code * base + (uint32_t)digit;
		digits++;
		at++;
	}
	if (digits == 0 || code > 0x10ffff)
		return false;
	if (has_at(raw, at, ";"))
		at++;
	*out = (struct unit){code, false, at - start};
	return true;
}

/* \u0040 \x40 \n \t \/ with one backslash or many */
static bool
unit_backslash(struct bytes_view raw, size_t at, struct unit *out)
{
	static const char letters[] = "nrtbf/\"'", become[] = "\n \t  /\"'";
	size_t start = at;
	int32_t value, low;
	const char *found;

	while (at < raw.len && raw.data[at] == '\\' && at - start < NESTED_MAX)
		at++;
	if (at == raw.len)
		return false;
	if (raw.data[at] == 'u' && (value = hex_at(raw, at + 1, 4)) >= 0) {
		at += 5;
		low = has_at(raw, at, "\\u") ? hex_at(raw, at + 2, 4) : -1;
		if ((value & 0xfc00) == 0xd800 && (low & ~0x3ff) == 0xdc00) {
			value = 0x10000 + ((value & 0x3ff) << 10) + (low & 0x3ff);
			at += 6;
		}
		*out = (struct unit){(uint32_t)value, false, at - start};
		return true;
	}
	if (raw.data[at] == 'x' && (value = hex_at(raw, at + 1, 2)) >= 0) {
		*out = (struct unit){(uint32_t)value, value >= 0x80, at + 3 - start};
		return true;
	}
	found = raw.data[at] != '\0' ? strchr(letters, raw.data[at]) : NULL;
	if (found == NULL)
		return false;
	*out = (struct unit){(uint8_t)become[found - letters], false, at + 1 - start};
	return true;
}

static void
unit_at(struct bytes_view raw, size_t at, struct unit *out)
{
	uint8_t byte = raw.data[at];
	bool is_escape = false;

	if (byte == '%')
		is_escape = unit_percent(raw, at, out);
	else if (byte == '=')
		is_escape = unit_quoted(raw, at, out);
	else if (byte == '&')
		is_escape = unit_entity(raw, at, out);
	else if (byte == '\\')
		is_escape = unit_backslash(raw, at, out);
	if (!is_escape)
		*out = (struct unit){byte, byte >= 0x80, 1};
}

/* ------------------------------------------------------------------ UTF-8 */

static size_t
length_of(uint32_t lead)
{
	if (lead >= 0xc2 && lead <= 0xdf)
		return 2;
	if (lead >= 0xe0 && lead <= 0xef)
		return 3;
	return lead >= 0xf0 && lead <= 0xf4 ? 4 : 0;
}

/* The character that begins with the byte in *unit, which then spans all of it.  False: none. */
static bool
decode_utf8(struct bytes_view raw, size_t at, struct unit *unit)
{
	size_t len = length_of(unit->code), end = at + unit->len, i;
	uint32_t code;
	struct unit next;

	if (len == 0)
		return false;
	code = unit->code & (0x7fu >> len);
	for (i = 1; i < len; i++) {
		if (end >= raw.len)
			return false;
		unit_at(raw, end, &next);
		if (!next.is_byte || (next.code & 0xc0) != 0x80)
			return false;
		code = code << 6 | (next.code & 0x3f);
		end += next.len;
	}
	*unit = (struct unit){code, false, end - at};
	return true;
}

/* ------------------------------------------------------------------ characters */

struct span {
	uint32_t first;
	uint32_t last;
	char becomes; /* the digit 0, the letter A …: what `first` becomes; the others follow */
	bool is_same; /* all of them become that */
};

#define GONE '\0'
/* Ascending. */
/* clang-format off */
static const struct span spans[] = {
    {0x85, 0x85, '\n', true}, {0xa0, 0xa0, ' ', true}, {0xad, 0xad, GONE, true},
    {0xb2, 0xb3, '2', false}, {0xb7, 0xb7, '.', true}, {0xb9, 0xb9, '1', true},
    {0x300, 0x36f, GONE, true}, {0x61c, 0x61c, GONE, true}, {0x660, 0x669, '0', false},
    {0x66b, 0x66c, '.', true}, {0x6d4, 0x6d4, '.', true}, {0x6f0, 0x6f9, '0', false},
    {0x7c0, 0x7c9, '0', false}, {0x966, 0x96f, '0', false}, {0x9e6, 0x9ef, '0', false},
    {0x1680, 0x1680, ' ', true}, {0x180b, 0x180e, GONE, true}, {0x2000, 0x200a, ' ', true},
    {0x200b, 0x200f, GONE, true}, {0x2010, 0x2015, '-', true}, {0x2018, 0x2019, '\'', true},
    {0x201c, 0x201d, '"', true}, {0x2022, 0x2022, '.', true}, {0x2024, 0x2024, '.', true},
    {0x2027, 0x2027, '.', true}, {0x2028, 0x2029, '\n', true}, {0x202a, 0x202e, GONE, true},
    {0x202f, 0x202f, ' ', true}, {0x2043, 0x2043, '-', true}, {0x2044, 0x2044, '/', true},
    {0x205f, 0x205f, ' ', true}, {0x2060, 0x206f, GONE, true}, {0x2070, 0x2070, '0', true},
    {0x2074, 0x2079, '4', false}, {0x2080, 0x2089, '0', false}, {0x2212, 0x2212, '-', true},
    {0x2215, 0x2215, '/', true}, {0x22c5, 0x22c5, '.', true}, {0x2460, 0x2468, '1', false},
    {0x24b6, 0x24cf, 'A', false}, {0x24d0, 0x24e9, 'a', false}, {0x24ea, 0x24ea, '0', true},
    {0x3000, 0x3000, ' ', true}, {0x3002, 0x3002, '.', true}, {0x30fb, 0x30fb, '.', true},
    {0xfe00, 0xfe0f, GONE, true}, {0xfe52, 0xfe52, '.', true}, {0xfe58, 0xfe58, '-', true},
    {0xfe63, 0xfe63, '-', true}, {0xfe6b, 0xfe6b, '@', true}, {0xfeff, 0xfeff, GONE, true},
    {0xff01, 0xff5e, '!', false}, {0xff61, 0xff61, '.', true}, {0xff65, 0xff65, '.', true},
    {0xe0000, 0xe01ef, GONE, true},
};
/* Letters of other scripts that are drawn like Latin ones. */
static const struct span alike[] = {
    {0x391, 0x392, 'A', false}, {0x395, 0x395, 'E', true}, {0x396, 0x396, 'Z', true},
    {0x397, 0x397, 'H', true}, {0x399, 0x399, 'I', true}, {0x39a, 0x39a, 'K', true},
    {0x39c, 0x39d, 'M', false}, {0x39f, 0x39f, 'O', true}, {0x3a1, 0x3a1, 'P', true},
    {0x3a4, 0x3a4, 'T', true}, {0x3a5, 0x3a5, 'Y', true}, {0x3a7, 0x3a7, 'X', true},
    {0x3bf, 0x3bf, 'o', true}, {0x3f2, 0x3f2, 'c', true}, {0x3f9, 0x3f9, 'C', true},
    {0x405, 0x405, 'S', true}, {0x406, 0x406, 'I', true}, {0x408, 0x408, 'J', true},
    {0x410, 0x410, 'A', true},
    {0x412, 0x412, 'B', true}, {0x415, 0x415, 'E', true}, {0x41a, 0x41a, 'K', true},
    {0x41c, 0x41c, 'M', true}, {0x41d, 0x41d, 'H', true}, {0x41e, 0x41e, 'O', true},
    {0x420, 0x420, 'P', true}, {0x421, 0x421, 'C', true}, {0x422, 0x422, 'T', true},
    {0x423, 0x423, 'Y', true}, {0x425, 0x425, 'X', true}, {0x430, 0x430, 'a', true},
    {0x435, 0x435, 'e', true}, {0x43e, 0x43e, 'o', true}, {0x440, 0x440, 'p', true},
    {0x441, 0x441, 'c', true}, {0x443, 0x443, 'y', true}, {0x445, 0x445, 'x', true},
    {0x455, 0x455, 's', true}, {0x456, 0x456, 'i', true}, {0x458, 0x458, 'j', true},
};
/* clang-format on */

static const struct span *
find(const struct span *table, size_t count, uint32_t code)
{
	size_t low = 0, high = count, middle;

	while (low < high) {
		middle = low + (high - low) / 2;
		if (code > table[middle].last)
			low = middle + 1;
		else
			high = middle;
	}
	return low < count && code >= table[low].first ? &table[low] : NULL;
}

/* U+00C0 to U+017F without their marks; '*' for what is a sign. */
static const char latin[] = "AAAAAAACEEEEIIIIDNOOOOO*OUUUUYTsaaaaaaaceeeeiiiidnooooo*ouuuuyty"
			    "AaAaAaCcCcCcCcDdDdEeEeEeEeEeGgGgGgGgHhHhIiIiIiIiIiIiJjKkkLlLlLlL"
			    "lLlNnNnNnnNnOoOoOoOoRrRrRrSsSsSsSsTtTtTtUuUuUuUuUuUuWwYyYZzZzZzs";

static uint32_t
fold_mathematical(uint32_t code)
{
	if (code >= 0x1d7ce)
		return '0' + (code - 0x1d7ce) % 10;
	if (code > 0x1d6a3)
		return PRIVACY_FOLD_LETTER;
	code = (code - 0x1d400) % 52;
	return code < 26 ? 'A' + code : 'a' + code - 26;
}

/* The folded character, with PRIVACY_FOLD_ALIKE; DROPPED. */
static uint32_t
fold_high(uint32_t code)
{
	const struct span *span = find(spans, sizeof(spans) / sizeof(*spans), code);
	uint32_t folded;

	if (span != NULL) {
		folded = (uint8_t)span->becomes;
		if (!span->is_same)
			return folded + code - span->first;
		return folded == GONE ? DROPPED : folded;
	}
	if (code == 0xd1 || code == 0xf1)
		return PRIVACY_FOLD_ENE;
	if (code >= 0xc0 && code <= 0x17f)
		return latin[code - 0xc0] == '*' ? PRIVACY_FOLD_OTHER : (uint8_t)latin[code - 0xc0];
	span = find(alike, sizeof(alike) / sizeof(*alike), code);
	if (span != NULL) {
		folded = (uint8_t)span->becomes + (span->is_same ? 0 : code - span->first);
		return folded | PRIVACY_FOLD_ALIKE;
	}
	if (code >= 0x1d400 && code <= 0x1d7ff)
		return fold_mathematical(code) | PRIVACY_FOLD_ALIKE;
	if (code < 0xc0 || (code >= 0x2000 && code < 0x2c00) || (code >= 0x3000 && code < 0x3041) ||
	    (code >= 0x1f000 && code < 0x20000))
		return PRIVACY_FOLD_OTHER;
	return PRIVACY_FOLD_LETTER;
}

static uint32_t
fold(uint32_t code)
{
	if (code >= 0x80)
		return fold_high(code);
	if (code == PRIVACY_FOLD_SOFT || code == '\n' || code == '\t')
		return code;
	if (code == 0 || code == 0x7f)
		return DROPPED;
	return code < ' ' ? ' ' : code;
}

/* ------------------------------------------------------------------ the whole */

bool
privacy_fold_is_plain(struct bytes_view raw)
{
	static const bool is_special[256] = {['%'] = true,
	    ['&'] = true,
	    ['='] = true,
	    ['\\'] = true,
	    ['\r'] = true,
	    [0x00] = true,
	    [0x02] = true,
	    [0x7f] = true};
	size_t i;

	for (i = 0; i < raw.len; i++) {
		if (raw.data[i] >= 0x80 || is_special[raw.data[i]])
			return false;
	}
	return true;
}

size_t
privacy_fold(struct bytes_view raw, size_t *at, uint8_t *text, uint32_t *from, size_t room)
{
	size_t count = 0;
	struct unit unit;
	uint32_t folded;

	while (*at < raw.len && count < room) {
		unit_at(raw, *at, &unit);
		if (unit.is_byte && !decode_utf8(raw, *at, &unit) && unit.len > 1)
			unit = (struct unit){raw.data[*at], false, 1};
		folded = unit.code == DROPPED ? DROPPED : fold(unit.code);
		if (folded != DROPPED) {
			text[count] = (uint8_t)(folded & 0xff);
			from[count++] = (uint32_t)*at | (folded & PRIVACY_FOLD_ALIKE);
		}
		*at += unit.len;
	}
	return count;
}
