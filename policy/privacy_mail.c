#include "policy/privacy_mail.h"

#include <string.h>

#include "wire/address.h"

#define LOCAL_MAX 64u
#define DOMAIN_MAX 253u
#define SCHEME_WITHIN 64u /* characters between "//" and a mailbox that is none */

/* ------------------------------------------------------------------ dots */

/* The ways to write a dot between two labels. */
static const struct {
	const char *text;
	bool is_word;
} dots[] = {
    {"[.]", false},
    {"(.)", false},
    {"{.}", false},
    {"[dot]", false},
    {"(dot)", false},
    {"[punto]", false},
    {"(punto)", false},
    {" dot ", true},
    {" punto ", true},
    {" [dot] ", true},
    {" (dot) ", true},
    {" (punto) ", true},
    {" . ", true},
};

static bool
has_text(const struct privacy_text *text, size_t at, const char *wanted)
{
	for (; *wanted != '\0'; wanted++, at++) {
		if (privacy_text_lower(privacy_text_at(text, at)) != (uint8_t)*wanted)
			return false;
	}
	return true;
}

/* The length of what stands for a dot at `at`; 0: none. */
static size_t
dot_at(const struct privacy_text *text, size_t at, bool may_be_words)
{
	size_t i;
	uint8_t letter = privacy_text_at(text, at);

	if (letter == '.')
		return 1;
	if (letter != '[' && letter != '(' && letter != '{' && letter != ' ')
		return 0;
	for (i = 0; i < sizeof(dots) / sizeof(*dots); i++) {
		if ((may_be_words || !dots[i].is_word) && has_text(text, at, dots[i].text))
			return strlen(dots[i].text);
	}
	return 0;
}

/* ------------------------------------------------------------------ hosts */

struct host {
	size_t end;   /* in the window */
	size_t words; /* dots that were words */
	size_t labels;
	size_t last; /* where the last label begins in `name` */
	size_t len;
	bool is_alike; /* a letter in it only looks Latin */
	uint8_t name[DOMAIN_MAX + 1];
};

static bool
is_label_letter(uint8_t letter)
{
	return privacy_text_is_word(letter) || letter == '-' || letter == '_';
}

/* Labels and dots from `at` on.  False: too long, or none. */
static bool
read_host(const struct privacy_text *text, size_t at, bool may_be_words, struct host *out)
{
	size_t dot = 0;
	uint8_t letter;

	*out = (struct host){.end = at};
	while (is_label_letter(privacy_text_at(text, at + dot))) {
		if (out->labels > 0) {
			if (out->len == DOMAIN_MAX)
				return false;
			out->name[out->len++] = '.';
			out->words += dot > 1 && text->text[at] == ' ';
		}
		at += dot;
		out->labels++;
		out->last = out->len;
		while (is_label_letter(letter = privacy_text_at(text, at))) {
			if (out->len == DOMAIN_MAX)
				return false;
			out->is_alike = out->is_alike || (text->from != NULL &&
							     (text->from[at] & PRIVACY_FOLD_ALIKE));
			out->name[out->len++] = privacy_text_lower(letter);
			at++;
		}
		out->end = at;
		dot = dot_at(text, at, may_be_words);
		if (dot == 0)
			break;
	}
	return out->labels > 0;
}

/* Two letters at least and no digit, or an A-label. */
static bool
has_top(const struct host *host)
{
	size_t i, len = host->len - host->last;

	if (host->labels < 2 || len < 2)
		return false;
	if (len > 4 && memcmp(host->name + host->last, "xn--", 4) == 0)
		return true;
	for (i = host->last; i < host->len; i++) {
		if (!privacy_text_is_letter(host->name[i]))
			return false;
	}
	return true;
}

/* "logo@2x.png" */
static bool
is_picture(const struct host *host)
{
	static const char *const ends[] = {"png", "jpg", "jpeg", "gif", "svg", "webp", "css", "js"};
	size_t i, len = host->len - host->last;

	if (host->labels != 2 || !privacy_text_is_digit(host->name[0]))
		return false;
	for (i = 0; i < sizeof(ends) / sizeof(*ends); i++) {
		if (strlen(ends[i]) == len && memcmp(host->name + host->last, ends[i], len) == 0)
			return true;
	}
	return false;
}

static bool
is_own_domain(const struct privacy_own *own, const struct host *host)
{
	struct bytes_view domain;
	size_t before;
	uint32_t i;

	for (i = 0; i < own->domains_count && !host->is_alike; i++) {
		domain = own->domains[i];
		if (domain.len == 0 || domain.len > host->len)
			continue;
		before = host->len - domain.len;
		if (memcmp(host->name + before, domain.data, domain.len) == 0 &&
		    (before == 0 || host->name[before - 1] == '.'))
			return true;
	}
	return false;
}

/* ------------------------------------------------------------------ mailboxes */

static bool
is_local_letter(uint8_t letter)
{
	return privacy_text_is_word(letter) ||
	       (letter != 0 && letter < 0x80 && strchr("._%+'-!$*~^", letter) != NULL);
}

/* Where the local part that ends at `end` begins; `end`: there is none. */
static size_t
local_start(const struct privacy_text *text, size_t end)
{
	size_t start = end;

	if (end > 0 && text->text[end - 1] == '"') {
		for (start = end - 1; start > 0 && end - start < LOCAL_MAX; start--) {
			if (text->text[start - 1] == '"' && start < end - 1)
				return start - 1;
			if (text->text[start - 1] == '\n')
				return end;
		}
		return end;
	}
	while (start > 0 && end - start < LOCAL_MAX && is_local_letter(text->text[start - 1]))
		start--;
	while (start < end && !privacy_text_is_word(text->text[start]) && text->text[start] != '_')
		start++;
	return start;
}

/* Whether it is what stands before the host of a url: "ssh://git@host", "//user:word@host". */
static bool
is_userinfo(const struct privacy_text *text, size_t start)
{
	size_t at = start;

	while (at > 0 && start - at < SCHEME_WITHIN) {
		at--;
		if (at > 0 && text->text[at] == '/' && text->text[at - 1] == '/')
			return true;
		if (text->text[at] != ':' && !is_local_letter(text->text[at]))
			return false;
	}
	return false;
}

/* Mailboxes of a role (RFC 2142, and what people use), which are nobody's. */
static bool
is_role(const uint8_t *local, size_t len)
{
	static const char *const roles[] = {"abuse", "admin", "cert", "contact", "contacto",
	    "csirt", "do-not-reply", "donotreply", "git", "hostmaster", "info", "mailer-daemon",
	    "no-reply", "no-responder", "noc", "noreply", "postmaster", "press", "prensa", "psirt",
	    "root", "sales", "security", "seguridad", "soc", "soporte", "support", "ventas",
	    "webmaster"};
	size_t i;

	for (i = 0; i < sizeof(roles) / sizeof(*roles); i++) {
		if (strlen(roles[i]) == len && memcmp(local, roles[i], len) == 0)
			return true;
	}
	return false;
}

/* "[192.0.2.1]" behind an @ */
static size_t
literal_end(const struct privacy_text *text, size_t at)
{
	size_t end = at + 1;

	if (privacy_text_at(text, at) != '[' || !privacy_text_is_digit(privacy_text_at(text, end)))
		return 0;
	while (end - at < ADDRESS_TEXT_MAX &&
	       (privacy_text_is_digit(privacy_text_at(text, end)) || text->text[end] == '.'))
		end++;
	return privacy_text_at(text, end) == ']' ? end + 1 : 0;
}

size_t
privacy_mail_read(struct privacy_text *text, size_t start, size_t end, bool are_dots_words)
{
	uint8_t value[LOCAL_MAX + 1 + DOMAIN_MAX + 1];
	size_t local = local_start(text, start), len = start - local, i;
	size_t literal = literal_end(text, end);
	struct host host = {.end = literal};

	if (len == 0 || (literal == 0 && (!read_host(text, end, true, &host) || !has_top(&host))))
		return 0;
	if (are_dots_words && host.words == 0)
		return 0;
	/* "a@b.example . Next": only what is written as words has dots with blanks */
	if (!are_dots_words && host.words > 0 && text->text[start] == '@' &&
	    (!read_host(text, end, false, &host) || !has_top(&host)))
		return 0;
	if (is_picture(&host) || is_userinfo(text, local))
		return 0;
	for (i = 0; i < len; i++)
		value[i] = privacy_text_lower(text->text[local + i]);
	value[len] = '@';
	memcpy(value + len + 1, host.name, host.len);
	if (is_role(value, len)) {
		if (is_own_domain(text->own, &host))
			privacy_text_report(text, PRIVACY_DOMAIN, PRIVACY_CERTAIN, end, host.end,
			    bytes_view_of(host.name, host.len));
	} else {
		privacy_text_report(text, PRIVACY_EMAIL, PRIVACY_LIKELY, local, host.end,
		    bytes_view_of(value, len + 1 + host.len));
	}
	text->host_end = text->base + host.end;
	return host.end;
}

/* ------------------------------------------------------------------ own */

/* An address or a block without its defanging; a port is none of it. */
static size_t
read_address(const struct privacy_text *text, size_t at, uint8_t *out, size_t *end)
{
	size_t len = 0, colons = 0, dot;
	uint8_t letter;

	for (*end = at; len < ADDRESS_TEXT_MAX; *end = at) {
		letter = privacy_text_lower(privacy_text_at(text, at));
		dot = dot_at(text, at, false);
		if (has_text(text, at, "[:]")) {
			letter = ':';
			dot = 3;
		} else if (dot > 0) {
			letter = '.';
		} else if (privacy_text_is_digit(letter) || letter == ':' || letter == '/' ||
			   (letter >= 'a' && letter <= 'f')) {
			dot = 1;
		} else {
			break;
		}
		colons += letter == ':';
		if (letter == ':' && colons == 1 && memchr(out, '.', len) != NULL)
			break;
		out[len++] = letter;
		at += dot;
	}
	while (len > 0 && !privacy_text_is_word(out[len - 1]) && colons < 2)
		len--;
	return len;
}

static bool
is_own_range(const struct privacy_own *own, struct bytes_view address)
{
	uint8_t first[16], last[16];
	const uint8_t *slash;
	uint32_t i;

	if (!address_range(address, first, last)) {
		/* an address before the path of something */
		slash = address.len > 0 ? memchr(address.data, '/', address.len) : NULL;
		if (slash == NULL ||
		    !address_range(
			bytes_view_of(address.data, (size_t)(slash - address.data)), first, last))
			return false;
	}
	for (i = 0; i < own->ranges_count; i++) {
		if (memcmp(first, own->ranges[i].first, sizeof(first)) >= 0 &&
		    memcmp(last, own->ranges[i].last, sizeof(last)) <= 0)
			return true;
	}
	return false;
}

void
privacy_mail_own(struct privacy_text *text, size_t start)
{
	uint8_t address[ADDRESS_TEXT_MAX];
	struct host host;
	size_t len, end;

	if (text->base + start < text->host_end)
		return;
	if (text->own->ranges_count > 0) {
		len = read_address(text, start, address, &end);
		if (len > 2 && is_own_range(text->own, bytes_view_of(address, len))) {
			privacy_text_report(text, PRIVACY_ADDRESS, PRIVACY_CERTAIN, start, end,
			    bytes_view_of(address, len));
			text->host_end = text->base + end;
			return;
		}
	}
	if (text->own->domains_count == 0 || !read_host(text, start, false, &host))
		return;
	text->host_end = text->base + host.end;
	if (is_own_domain(text->own, &host))
		privacy_text_report(text, PRIVACY_DOMAIN, PRIVACY_CERTAIN, start, host.end,
		    bytes_view_of(host.name, host.len));
}
