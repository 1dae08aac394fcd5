/*
 * observable: typed values and their one canonical form.
 *
 * observable_parse takes what people type, defanged or not, and gives the canonical form;
 * observable_check accepts that form only, as every decoder needs.  docs/protocol.md 4
 */
#ifndef MALLA_WIRE_OBSERVABLE_H
#define MALLA_WIRE_OBSERVABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/err.h"
#include "base/limits.h"

/* X(symbol, code on the wire, name, is personal).  Codes are never reused. */
/* clang-format off */
#define OBSERVABLE_TABLE(X) \
	X(OBSERVABLE_IPV4,      1, "ipv4",     false) /* dotted quad, no leading zeros */ \
	X(OBSERVABLE_IPV6,      2, "ipv6",     false) /* RFC 5952 */ \
	X(OBSERVABLE_CIDR,      3, "cidr",     false) /* either family, host bits zero, RFC 5952 */ \
	X(OBSERVABLE_DOMAIN,    4, "domain",   false) /* A-labels, lower case, no final dot */ \
	X(OBSERVABLE_URL,       5, "url",      false) /* RFC 3986 syntax-normalised, host as domain/address */ \
	X(OBSERVABLE_EMAIL,     6, "email",    true)  /* lower case, domain as A-labels */ \
	X(OBSERVABLE_MD5,       7, "md5",      false) /* lower-case hex */ \
	X(OBSERVABLE_SHA1,      8, "sha1",     false) \
	X(OBSERVABLE_SHA256,    9, "sha256",   false) \
	X(OBSERVABLE_SHA512,   10, "sha512",   false) \
	X(OBSERVABLE_FILENAME, 11, "filename", false) /* 1..255 bytes, one path component */ \
	X(OBSERVABLE_ASN,      12, "asn",      false) /* "AS64496" */ \
	X(OBSERVABLE_PHONE,    13, "phone",    true)  /* E.164: "+525555550100" */ \
	X(OBSERVABLE_CLABE,    14, "clabe",    true)  /* 18 digits, check digit right */ \
	X(OBSERVABLE_IBAN,     15, "iban",     true)  /* ISO 13616, upper case, mod 97 */ \
	X(OBSERVABLE_CARD,     16, "card",     true)  /* ISO/IEC 7812 payment card number, Luhn */ \
	X(OBSERVABLE_CVE,      17, "cve",      false) /* "CVE-2026-12345" */
/* clang-format on */

enum observable_type {
#define OBSERVABLE_ENUM(symbol, code, name, personal) symbol = code,
	OBSERVABLE_TABLE(OBSERVABLE_ENUM)
#undef OBSERVABLE_ENUM
};
#define OBSERVABLE_TYPE_MAX 17

struct observable {
	enum observable_type type;
	struct bytes_view value; /* canonical, 1..OBSERVABLE_BYTES_MAX bytes of UTF-8; borrowed */
};

/* "ipv4"; "?" for an unknown code.  Static. */
const char *observable_type_name(enum observable_type type);
/* In any case; also the names people use: ipv4-addr, hostname, fqdn, uri, mail, sha-256 …
   "ip" and "hash" are no one type: see observable_guess. */
bool observable_type_parse(struct bytes_view name, enum observable_type *type);
bool observable_type_is_known(uint64_t code);
bool observable_is_personal(enum observable_type type);

/* The canonical form of text as this type, appended to out (which may then hold it; on
   failure what it holds is as it was).  Undoes defanging (hxxp, [.], (dot), " dot ", [at],
   [:] …; behind the host of a url what is no defanging elsewhere too, such as (.), stays;
   of a filename only [.] and [dot]) and trims blanks, no-break spaces and byte order marks.
   An ipv6 of ::ffff:0:0/96 ends in a dotted quad, no other does.  A cidr loses the bits of
   its host.  A domain, also that of an email or url, has two labels at least.  A filename
   is no path: one with a slash or backslash is refused, not cut.
   ERR_VALUE: not one; ERR_CHECK_DIGIT; ERR_TOO_LARGE; ERR_MEMORY. */
MUST_CHECK enum err observable_parse(enum observable_type type, struct bytes_view text,
    struct bytes *out);
/* The type that the text is written like: url, cidr, ipv4, ipv6, email, hashes by length,
   cve, asn, domain.  Never phone, clabe, iban, card or filename, which must be named.
   False: like none of them. */
bool observable_guess(struct bytes_view text, enum observable_type *type);
/* ERR_NONE iff value is byte for byte what observable_parse would write. */
MUST_CHECK enum err observable_check(enum observable_type type, struct bytes_view value);
/* By type code, then by bytes. */
int observable_compare(const struct observable *a, const struct observable *b);
/* "hxxp://evil[.]example/" : the form that is safe to paste, appended to out. */
void observable_defang(const struct observable *observable, struct bytes *out);

/* The numeric range of an ipv4, ipv6 or cidr value: first and last address, 16 bytes each,
   IPv4 as ::ffff:0:0/96.  False for other types.  The value must be canonical. */
bool observable_range(const struct observable *observable, uint8_t first[16], uint8_t last[16]);
/* The host of a url, the domain of an email, the domain itself; empty where there is none
   (an address as host included).  Borrowed from the observable. */
struct bytes_view observable_host(const struct observable *observable);

#endif
