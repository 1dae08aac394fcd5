#include "wire/address.h"

#include <string.h>

#define GROUPS 8u
#define NO_GAP (GROUPS + 1)
#define IPV4_AT 12u /* where the IPv4 address begins in the 16 bytes */

static const uint8_t mapped_prefix[IPV4_AT] = {[10] = 0xff, [11] = 0xff};

/* ---------------------------------------------------------------- reading */

/* A decimal number up to max, without leading zeros, of at most three digits; moves *at
   behind it. */
static bool
read_decimal(struct bytes_view text, size_t *at, unsigned max, unsigned *number)
{
	size_t start = *at;
	unsigned value = 0;

	while (*at < text.len && text.data[*at] >= '0' && text.data[*at] <= '9') {
		value = value * 10 + (unsigned)(text.data[*at] - '0');
		(*at)++;
		if (*at - start > 3)
			return false;
	}
	if (*at == start || value > max || (text.data[start] == '0' && *at - start > 1))
		return false;
	*number = value;
	return true;
}

static bool
read_ipv4(struct bytes_view text, uint8_t out[4])
{
	unsigned i, number;
	size_t at = 0;

	for (i = 0; i < 4; i++) {
		if (i > 0 && (at >= text.len || text.data[at++] != '.'))
			return false;
		if (!read_decimal(text, &at, 255, &number))
			return false;
		out[i] = (uint8_t)number;
	}
	return at == text.len;
}

static int
hex_value(uint8_t letter)
{
	if (letter >= '0' && letter <= '9')
		return letter - '0';
	if (letter >= 'a' && letter <= 'f')
		return letter - 'a' + 10;
	if (letter >= 'A' && letter <= 'F')
		return letter - 'A' + 10;
	return -1;
}

/* One to four hexadecimal digits; moves *at behind them. */
static bool
read_group(struct bytes_view text, size_t *at, uint16_t *group)
{
	unsigned value = 0, digits = 0;

	while (*at < text.len && hex_value(text.data[*at]) >= 0) {
		if (++digits > 4)
			return false;
		value = value << 4 | (unsigned)hex_value(text.data[(*at)++]);
	}
	*group = (uint16_t)value;
	return digits > 0;
}

/* The groups up to the end or to "::", which may
   stand once: *gap is the number of groups before it, or NO_GAP. */
static bool
read_groups(struct bytes_view text, uint16_t groups[GROUPS], unsigned *count, unsigned *gap)
{
	uint8_t quad[4];
	size_t at = 0, start;

	*count = 0;
	*gap = NO_GAP;
	while (at < text.len) {
		if (text.len - at >= 2 && text.data[at] == ':' && text.data[at + 1] == ':') {
			if (*gap != NO_GAP)
				return false;
			*gap = *count;
			at += 2;
			continue;
		}
		if (*count > 0 && *gap != *count && text.data[at++] != ':')
			return false;
		start = at;
		if (*count == GROUPS || !read_group(text, &at, &groups[*count]))
			return false;
		if (at < text.len && text.data[at] == '.') {
			if (*count > GROUPS - 2 ||
			    !read_ipv4(bytes_view_of(text.data + start, text.len - start), quad))
				return false;
			groups[(*count)++] = bytes_get_u16(quad);
			groups[(*count)++] = bytes_get_u16(quad + 2);
			return true;
		}
		(*count)++;
	}
	return true;
}

static bool
read_ipv6(struct bytes_view text, uint8_t out[16])
{
	uint16_t groups[GROUPS] = {0};
	unsigned count, gap, i, skipped;

	if (!read_groups(text, groups, &count, &gap))
		return false;
	if (gap == NO_GAP ? count != GROUPS : count >= GROUPS)
		return false;
	skipped = GROUPS - count;
	memset(out, 0, 16);
	for (i = 0; i < count; i++)
		bytes_put_u16(out + 2 * (i < gap ? i : i + skipped), groups[i]);
	return true;
}

static bool
read_either(struct bytes_view text, uint8_t out[16], bool *is_ipv4)
{
	*is_ipv4 = memchr(text.data, ':', text.len) == NULL;
	if (!*is_ipv4)
		return read_ipv6(text, out);
	memcpy(out, mapped_prefix, sizeof(mapped_prefix));
	return read_ipv4(text, out + IPV4_AT);
}

/* bits counts within the family as written. */
static bool
read_cidr(struct bytes_view text, uint8_t out[16], bool *is_ipv4, unsigned *bits)
{
	const uint8_t *slash;
	size_t at;

	if (text.len == 0 || (slash = memchr(text.data, '/', text.len)) == NULL)
		return false;
	at = (size_t)(slash - text.data) + 1;
	if (!read_either(bytes_view_of(text.data, at - 1), out, is_ipv4))
		return false;
	return read_decimal(text, &at, *is_ipv4 ? 32 : 128, bits) && at == text.len;
}

static void
split(const uint8_t address[16], unsigned bits, uint8_t first[16], uint8_t last[16])
{
	unsigned i, kept;
	uint8_t mask;

	for (i = 0; i < 16; i++) {
		kept = bits <= 8 * i ? 0 : bits - 8 * i;
		mask = kept >= 8 ? 0xff : (uint8_t)(0xff00u >> kept);
		first[i] = address[i] & mask;
		last[i] = address[i] | (uint8_t)~mask;
	}
}

/* ---------------------------------------------------------------- writing */

static size_t
write_decimal(char *out, unsigned number)
{
	size_t len = 0;

	if (number >= 100)
		out[len++] = (char)('0' + number / 100);
	if (number >= 10)
		out[len++] = (char)('0' + number / 10 % 10);
	out[len++] = (char)('0' + number % 10);
	return len;
}

static size_t
write_group(char *out, unsigned group)
{
	static const char digits[] = "0123456789abcdef";
	unsigned shift = 12;
	size_t len = 0;

	while (shift > 0 && group >> shift == 0)
		shift -= 4;
	for (;; shift -= 4) {
		out[len++] = digits[group >> shift & 0xf];
		if (shift == 0)
			return len;
	}
}

static size_t
write_ipv4(char *out, const uint8_t quad[4])
{
	size_t len = 0;
	unsigned i;

	for (i = 0; i < 4; i++) {
		if (i > 0)
			out[len++] = '.';
		len += write_decimal(out + len, quad[i]);
	}
	return len;
}

/* The longest run of zero groups, the first of equals; a single one is not shortened. */
static void
find_gap(const uint8_t address[16], unsigned count, unsigned *gap, unsigned *gap_len)
{
	unsigned i, run = 0;

	*gap = NO_GAP;
	*gap_len = 1;
	for (i = 0; i < count; i++) {
		run = bytes_get_u16(address + 2 * i) == 0 ? run + 1 : 0;
		if (run > *gap_len) {
			*gap_len = run;
			*gap = i + 1 - run;
		}
	}
}

static size_t
write_ipv6(char *out, const uint8_t address[16])
{
	bool is_mapped = memcmp(address, mapped_prefix, sizeof(mapped_prefix)) == 0;
	unsigned count = is_mapped ? GROUPS - 2 : GROUPS, gap, gap_len, i;
	size_t len = 0;

	find_gap(address, count, &gap, &gap_len);
	for (i = 0; i < count; i++) {
		if (i == gap) {
			out[len++] = ':';
			out[len++] = ':';
			i += gap_len - 1;
			continue;
		}
		if (len > 0 && out[len - 1] != ':')
			out[len++] = ':';
		len += write_group(out + len, bytes_get_u16(address + 2 * i));
	}
	if (is_mapped) {
		out[len++] = ':';
		len += write_ipv4(out + len, address + IPV4_AT);
	}
	return len;
}

static size_t
write_cidr(char *out, const uint8_t address[16], bool is_ipv4, unsigned bits)
{
	size_t len = is_ipv4 ? write_ipv4(out, address + IPV4_AT) : write_ipv6(out, address);

	out[len++] = '/';
	return len + write_decimal(out + len, bits);
}

/* ---------------------------------------------------------------- the forms */

enum err
address_parse_ipv4(struct bytes_view text, struct bytes *out)
{
	uint8_t quad[4];

	/* strict: there is only one spelling */
	if (!read_ipv4(text, quad))
		return ERR_VALUE;
	bytes_append(out, text.data, text.len);
	return out->err;
}

enum err
address_parse_ipv6(struct bytes_view text, struct bytes *out)
{
	char spelling[ADDRESS_TEXT_MAX];
	uint8_t address[16];

	if (text.len >= 2 && text.data[0] == '[' && text.data[text.len - 1] == ']')
		text = bytes_view_of(text.data + 1, text.len - 2);
	if (!read_ipv6(text, address))
		return ERR_VALUE;
	bytes_append(out, spelling, write_ipv6(spelling, address));
	return out->err;
}

enum err
address_parse_cidr(struct bytes_view text, struct bytes *out)
{
	uint8_t address[16], first[16], last[16];
	char spelling[ADDRESS_TEXT_MAX];
	unsigned bits;
	bool is_ipv4;

	if (!read_cidr(text, address, &is_ipv4, &bits))
		return ERR_VALUE;
	split(address, is_ipv4 ? bits + 8 * IPV4_AT : bits, first, last);
	bytes_append(out, spelling, write_cidr(spelling, first, is_ipv4, bits));
	return out->err;
}

bool
address_check_ipv4(struct bytes_view value)
{
	uint8_t quad[4];

	return read_ipv4(value, quad);
}

bool
address_range(struct bytes_view value, uint8_t first[16], uint8_t last[16])
{
	uint8_t address[16];
	unsigned bits;
	bool is_ipv4;

	if (value.len == 0)
		return false;
	if (memchr(value.data, '/', value.len) == NULL) {
		if (!read_either(value, address, &is_ipv4))
			return false;
		memcpy(first, address, sizeof(address));
		memcpy(last, address, sizeof(address));
		return true;
	}
	if (!read_cidr(value, address, &is_ipv4, &bits))
		return false;
	split(address, is_ipv4 ? bits + 8 * IPV4_AT : bits, first, last);
	return true;
}
