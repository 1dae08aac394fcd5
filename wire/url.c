#include "wire/url.h"

#include <string.h>

#include "wire/address.h"
#include "wire/domain.h"
#include "wire/reader.h"

#define PORT_MAX 65535u
#define NO_PORT (PORT_MAX + 1)
#define SCHEME_MAX 32u
#define HOST_TEXT_MAX 1024u /* as written, before it becomes A-labels */

/* The text between the delimiters, as it was written. */
struct raw {
	struct bytes_view scheme;
	struct bytes_view userinfo;
	struct bytes_view host; /* IPv6 in its brackets */
	struct bytes_view port;
	struct bytes_view path;
	struct bytes_view query;    /* with its "?", or empty */
	struct bytes_view fragment; /* with its "#", or empty */
};

static const struct {
	const char *scheme;
	unsigned port;
} default_ports[] = {{"http", 80}, {"https", 443}, {"ftp", 21}, {"ws", 80}, {"wss", 443}};

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
	return lower(letter) >= 'a' && lower(letter) <= 'z';
}

static bool
is_among(uint8_t letter, const char *set)
{
	return letter != '\0' && strchr(set, letter) != NULL;
}

/* ---------------------------------------------------------------- cutting it up */

/* Where the first character of the set stands at or after `at`; the length if none does. */
static size_t
find_any(struct bytes_view text, size_t at, const char *set)
{
	while (at < text.len && !is_among(text.data[at], set))
		at++;
	return at;
}

static struct bytes_view
between(struct bytes_view text, size_t start, size_t end)
{
	return bytes_view_of(text.data + start, end - start);
}

static bool
cut_scheme(struct bytes_view text, struct bytes_view *scheme)
{
	size_t at;

	for (at = 0; at < text.len; at++) {
		if (!is_letter(text.data[at]) &&
		    (at == 0 || (!is_digit(text.data[at]) && !is_among(text.data[at], "+.-"))))
			break;
	}
	*scheme = between(text, 0, at);
	return at > 0 && at <= SCHEME_MAX && text.len - at > 3 &&
	       memcmp(text.data + at, "://", 3) == 0;
}

static bool
cut_authority(struct bytes_view authority, struct raw *raw)
{
	size_t host = 0, end, at;

	for (at = 0; at < authority.len; at++) {
		if (authority.data[at] == '@')
			host = at + 1;
	}
	raw->userinfo = between(authority, 0, host > 0 ? host - 1 : 0);
	end = host;
	if (host < authority.len && authority.data[host] == '[') {
		end = find_any(authority, host, "]");
		if (end == authority.len)
			return false;
		end++;
	} else {
		end = find_any(authority, host, ":");
	}
	raw->host = between(authority, host, end);
	if (end < authority.len && authority.data[end] != ':')
		return false;
	raw->port = between(authority, end < authority.len ? end + 1 : end, authority.len);
	return true;
}

static bool
cut(struct bytes_view text, struct raw *raw)
{
	size_t start, path, query, fragment;

	if (!cut_scheme(text, &raw->scheme))
		return false;
	start = raw->scheme.len + 3;
	path = find_any(text, start, "/?#");
	query = find_any(text, path, "?#");
	fragment = find_any(text, query, "#");
	raw->path = between(text, path, query);
	raw->query = between(text, query, fragment);
	raw->fragment = between(text, fragment, text.len);
	return cut_authority(between(text, start, path), raw);
}

/* ---------------------------------------------------------------- percent encoding */

static int
hex_value(uint8_t letter)
{
	letter = lower(letter);
	if (is_digit(letter))
		return letter - '0';
	return letter >= 'a' && letter <= 'f' ? letter - 'a' + 10 : -1;
}

/* Whether text has %XX at `at`, and which byte that is. */
static bool
read_escape(struct bytes_view text, size_t at, uint8_t *byte)
{
	int high, low;

	if (text.len - at < 3 || text.data[at] != '%')
		return false;
	high = hex_value(text.data[at + 1]);
	low = hex_value(text.data[at + 2]);
	if (high < 0 || low < 0)
		return false;
	*byte = (uint8_t)(high << 4 | low);
	return true;
}

static bool
is_unreserved(uint8_t letter)
{
	return is_letter(letter) || is_digit(letter) || is_among(letter, "-._~");
}

static void
append_escape(uint8_t byte, struct bytes *out)
{
	static const char digits[] = "0123456789ABCDEF";
	const char escape[3] = {'%', digits[byte >> 4], digits[byte & 0xf]};

	bytes_append(out, escape, sizeof(escape));
}

/* Text in which beside unreserved characters only those of `kept` stand for themselves. */
static void
append_escaped(struct bytes_view text, const char *kept, struct bytes *out)
{
	uint8_t byte;
	size_t at;

	for (at = 0; at < text.len; at++) {
		byte = text.data[at];
		if (read_escape(text, at, &byte)) {
			at += 2;
			if (is_unreserved(byte))
				bytes_append_u8(out, byte);
			else
				append_escape(byte, out);
		} else if (is_unreserved(byte) || is_among(byte, kept)) {
			bytes_append_u8(out, byte);
		} else {
			append_escape(byte, out);
		}
	}
}

/* ASCII, controls included, and well-formed UTF-8. */
static bool
is_utf8(struct bytes_view text)
{
	size_t start, end;

	for (start = 0; start < text.len; start = end + 1) {
		end = start;
		while (end < text.len && text.data[end] >= 0x80)
			end++;
		if (!reader_is_text(between(text, start, end), READER_LINE))
			return false;
	}
	return true;
}

/* ---------------------------------------------------------------- the parts */

static enum err
append_host(struct bytes_view host, struct bytes *out)
{
	uint8_t room[HOST_TEXT_MAX], byte;
	size_t at, len = 0;
	enum err err;

	if (host.len > 0 && host.data[0] == '[') {
		bytes_append_u8(out, '[');
		err = address_parse_ipv6(host, out);
		bytes_append_u8(out, ']');
		return err;
	}
	for (at = 0; at < host.len; at++) {
		byte = host.data[at];
		if (read_escape(host, at, &byte))
			at += 2;
		if (len == sizeof(room))
			return ERR_VALUE;
		room[len++] = byte;
	}
	host = bytes_view_of(room, len);
	return address_check_ipv4(host) ? address_parse_ipv4(host, out) : domain_parse(host, out);
}

/* NO_PORT for none.  False: not a port. */
static bool
read_port(struct bytes_view text, unsigned *port)
{
	unsigned number = 0;
	size_t at;

	for (at = 0; at < text.len; at++) {
		if (!is_digit(text.data[at]))
			return false;
		number = number * 10 + (unsigned)(text.data[at] - '0');
		if (number > PORT_MAX)
			return false;
	}
	*port = text.len == 0 ? NO_PORT : number;
	return true;
}

static unsigned
default_port(struct bytes_view scheme)
{
	size_t i;

	for (i = 0; i < sizeof(default_ports) / sizeof(*default_ports); i++) {
		if (bytes_view_is_equal(scheme, bytes_view_str(default_ports[i].scheme)))
			return default_ports[i].port;
	}
	return NO_PORT;
}

static void
append_port(unsigned port, struct bytes *out)
{
	unsigned power = 10000;

	bytes_append_u8(out, ':');
	while (power > 1 && port < power)
		power /= 10;
	for (; power > 0; power /= 10)
		bytes_append_u8(out, (uint8_t)('0' + port / power % 10));
}

/* Take "." and ".." out of the path that out ends with and that begins at start:
   RFC 3986 section 5.2.4. */
static void
remove_dots(struct bytes *out, size_t start)
{
	struct bytes_view path = bytes_as_view(out);
	size_t at = start, end, len, kept = start;

	while (at < path.len) {
		end = at + 1;
		while (end < path.len && path.data[end] != '/')
			end++;
		len = end - at;
		if (len == 2 && path.data[at + 1] == '.') {
			if (end == path.len)
				out->data[kept++] = '/';
		} else if (len == 3 && path.data[at + 1] == '.' && path.data[at + 2] == '.') {
			while (kept > start && out->data[--kept] != '/')
				continue;
			if (end == path.len)
				out->data[kept++] = '/';
		} else {
			memmove(out->data + kept, path.data + at, len);
			kept += len;
		}
		at = end;
	}
	out->len = kept;
}

enum err
url_parse(struct bytes_view text, struct bytes *out)
{
	static const char in_userinfo[] = "!$&'*+,;=:";
	static const char in_path[] = "!$&'()*+,;=:@/";
	static const char in_query[] = "!$&'()*+,;=:@/?";
	size_t start = out->len, path, i;
	struct raw raw;
	unsigned port;
	enum err err;

	if (!is_utf8(text) || !cut(text, &raw) || !read_port(raw.port, &port))
		return ERR_VALUE;
	for (i = 0; i < raw.scheme.len; i++)
		bytes_append_u8(out, lower(raw.scheme.data[i]));
	if (out->err != ERR_NONE)
		return out->err;
	if (port == default_port(bytes_view_of(out->data + start, raw.scheme.len)))
		port = NO_PORT;
	bytes_append(out, "://", 3);
	append_escaped(raw.userinfo, in_userinfo, out);
	if (raw.userinfo.len > 0)
		bytes_append_u8(out, '@');
	err = append_host(raw.host, out);
	if (err != ERR_NONE)
		return err;
	if (port != NO_PORT)
		append_port(port, out);
	path = out->len;
	append_escaped(raw.path, in_path, out);
	if (raw.path.len == 0)
		bytes_append_u8(out, '/');
	remove_dots(out, path);
	for (i = 0; i < 2; i++) {
		struct bytes_view tail = i == 0 ? raw.query : raw.fragment;

		if (tail.len == 0)
			continue;
		bytes_append_u8(out, tail.data[0]);
		append_escaped(bytes_view_of(tail.data + 1, tail.len - 1), in_query, out);
	}
	return out->err;
}

bool
url_split(struct bytes_view url, struct url_parts *parts)
{
	struct raw raw;

	if (!cut(url, &raw) || raw.host.len == 0)
		return false;
	parts->scheme = raw.scheme;
	parts->host = raw.host;
	parts->is_address = raw.host.data[0] == '[' || address_check_ipv4(raw.host);
	if (raw.host.data[0] == '[')
		parts->host = bytes_view_of(raw.host.data + 1, raw.host.len - 2);
	return true;
}
