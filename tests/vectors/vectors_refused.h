/*
 * vectors_refused: bytes that every implementation must refuse, each with its reason.
 *
 * Most are a good message with one field changed.  The decoders of wire/ are asked for the
 * reason, and it must be the one that stands here.
 */
#ifndef MALLA_TESTS_VECTORS_REFUSED_H
#define MALLA_TESTS_VECTORS_REFUSED_H

#include "tests/vectors/vectors_exchange.h"
#include "tests/vectors/vectors_node.h"
#include "wire/reason.h"

/* X(symbol, name in the vectors) */
/* clang-format off */
#define REFUSED_TABLE(X) \
	X(REFUSED_VALUE,     "value") \
	X(REFUSED_RECORD,    "record") \
	X(REFUSED_DRAFT,     "draft") \
	X(REFUSED_ROOT,      "root") \
	X(REFUSED_CARD,      "card") \
	X(REFUSED_PACKAGE,   "card-package") \
	X(REFUSED_SEAL,      "seal") \
	X(REFUSED_HEADER,    "header") \
	X(REFUSED_PAYLOAD,   "payload") \
	X(REFUSED_RECEIPT,   "receipt") \
	X(REFUSED_FRAME,     "frame") \
	X(REFUSED_DETAILS,   "details") \
	X(REFUSED_PREDICATE, "predicate") \
	X(REFUSED_KEYFILE,   "keyfile") \
	X(REFUSED_REQUEST,   "request") \
	X(REFUSED_ANSWER,    "answer") \
	X(REFUSED_ACT,       "act")
/* clang-format on */
enum refused {
#define REFUSED_ENUM(symbol, name) symbol,
	REFUSED_TABLE(REFUSED_ENUM)
#undef REFUSED_ENUM
	REFUSED_COUNT
};

/* ---------------------------------------------------------------- what the decoders say */

static enum err
decode_frame(struct bytes_view in, enum reason *reason)
{
	static struct exchange_message message;
	enum err err = exchange_decode(in, &message);

	if (err != ERR_NONE && message.type >= EXCHANGE_KEY && message.type <= EXCHANGE_GOSSIP)
		*reason = REASON_NOT_SUPPORTED;
	return err;
}

static enum err
decode_package(struct bytes_view in)
{
	static struct card_package package;
	struct card card;
	enum err err = card_package_decode(in, &package);

	return err == ERR_NONE ? card_package_verify(&package, &card) : err;
}

static enum err
decode_value(struct bytes_view in)
{
	struct reader reader;

	reader_open(&reader, in);
	(void)reader_raw(&reader);
	return reader_close(&reader);
}

/* Statements and whole values; the rest is in ask_decoder. */
static enum err
decode_more(enum refused what, struct bytes_view in)
{
	static struct predicate predicate;
	struct event_details details;
	struct keyfile keyfile;
	struct request request;
	struct answer answer;
	struct act act;

	if (what == REFUSED_DETAILS)
		return event_details_decode(in, &details);
	if (what == REFUSED_PREDICATE)
		return predicate_decode(in, &predicate);
	if (what == REFUSED_KEYFILE)
		return keyfile_decode(in, &keyfile);
	if (what == REFUSED_REQUEST)
		return request_decode(in, &request);
	if (what == REFUSED_ANSWER)
		return request_answer_decode(in, &answer);
	return request_act_decode(in, &act);
}

static enum reason
ask_decoder(enum refused what, struct bytes_view in)
{
	static struct payload payload;
	enum reason reason = REASON_STORED;
	struct receipt receipt;
	struct header header;
	struct hash hash;
	struct root root;
	struct card card;
	struct seal seal;
	enum err err;

	if (what == REFUSED_VALUE)
		err = decode_value(in);
	else if (what == REFUSED_RECORD || what == REFUSED_DRAFT)
		err = record_decode(in, what == REFUSED_DRAFT, &vectors_record, NULL);
	else if (what == REFUSED_ROOT)
		err = root_decode(in, &root);
	else if (what == REFUSED_CARD)
		err = card_decode(in, &card);
	else if (what == REFUSED_PACKAGE)
		err = decode_package(in);
	else if (what == REFUSED_SEAL)
		err = seal_decode(in, &seal);
	else if (what == REFUSED_HEADER)
		err = header_decode(in, &header, &hash);
	else if (what == REFUSED_PAYLOAD)
		err = payload_decode(in, &payload);
	else if (what == REFUSED_RECEIPT)
		err = receipt_decode(in, &receipt);
	else if (what == REFUSED_FRAME)
		err = decode_frame(in, &reason);
	else
		err = decode_more(what, in);
	if (err == ERR_VALUE && (what == REFUSED_RECORD || what == REFUSED_DRAFT))
		return REASON_BAD_OBSERVABLE;
	return reason != REASON_STORED ? reason : reason_of_err(err);
}

static void
refuse(struct vectors *vectors, enum refused what, const char *name, struct bytes_view bytes,
    enum reason reason)
{
	static const char *const names[REFUSED_COUNT] = {
#define REFUSED_NAME(symbol, name) [symbol] = name,
	    REFUSED_TABLE(REFUSED_NAME)
#undef REFUSED_NAME
	};
	enum reason said = ask_decoder(what, bytes);

	if (said != reason)
		(void)fprintf(stderr, "%s, %s: %s instead of %s\n", names[what], name,
		    reason_name(said), reason_name(reason));
	assert(said == reason);
	vector_begin(vectors, "refused", name);
	put_string(vectors, "of", names[what]);
	put_string(vectors, "reason", reason_name(reason));
	put_hex(vectors, "bytes", bytes.data, bytes.len);
	vector_end(vectors);
}

/* ---------------------------------------------------------------- one field changed */

/* The good messages, and how many bytes stand before their map. */
struct refused_bases {
	struct bytes at[REFUSED_COUNT];
	size_t prefix[REFUSED_COUNT];
	struct vectors_batch *batch;
};

struct refused_edit {
	enum refused what;
	const char *name;
	uint64_t key;
	const char *value; /* raw; empty: the key is left out */
	size_t len;
	enum reason reason;
};
#define RAW(text) text, sizeof(text) - 1

#define BYTES_32 "\xc4\x20" "0123456789abcdef0123456789abcdef"
/* under AMBER and AMBER+STRICT, up to their bodies */
#define DRAFT_9 "\x83\x00\x09\x06\x81\x00\x02\x0f"
#define DRAFT_10 "\x83\x00\x0a\x06\x81\x00\x03\x0f"
#define KEY_32 "\x92\x01" BYTES_32

/* clang-format off */
static const struct refused_edit refused_edits[] = {
    {REFUSED_RECORD, "a kind that is none", 0, RAW("\x0b"), REASON_BAD_FIELD},
    {REFUSED_RECORD, "a kind without a body", 0, RAW("\x04"), REASON_BAD_OBSERVABLE},
    {REFUSED_RECORD, "a note with the body of an indicator", 0, RAW("\x02"), REASON_BAD_OBSERVABLE},
    {REFUSED_RECORD, "no author", 2, RAW(""), REASON_BAD_FIELD},
    {REFUSED_RECORD, "no marking", 6, RAW(""), REASON_BAD_FIELD},
    {REFUSED_RECORD, "RED and no audience", 8, RAW(""), REASON_BAD_FIELD},
    {REFUSED_RECORD, "an empty audience", 8, RAW("\x80"), REASON_NOT_CANONICAL},
    {REFUSED_RECORD, "RED for a community alone", 8, RAW("\x81\x04" BYTES_32), REASON_BAD_FIELD},
    {REFUSED_RECORD, "a person of an organisation that is not named", 8,
	RAW("\x81\x02\x91\x92" BYTES_32 "\xa3" "ana"), REASON_BAD_FIELD},
    {REFUSED_RECORD, "a person with a capital letter", 8,
	RAW("\x82\x00\x91" BYTES_32 "\x02\x91\x92" BYTES_32 "\xa3" "Ana"), REASON_BAD_OBSERVABLE},
    {REFUSED_RECORD, "an organisation twice", 8, RAW("\x81\x00\x92" BYTES_32 BYTES_32),
	REASON_NOT_CANONICAL},
    {REFUSED_RECORD, "confidence above 100", 1, RAW("\x65"), REASON_BAD_FIELD},
    {REFUSED_RECORD, "severity in a longer form", 3, RAW("\xcc\x03"), REASON_NOT_CANONICAL},
    {REFUSED_RECORD, "severity as a float", 3, RAW("\xca\x40\x40\x00\x00"), REASON_BAD_FIELD},
    {REFUSED_RECORD, "labels out of order", 7, RAW("\x92\xa1" "b\xa1" "a"), REASON_NOT_CANONICAL},
    {REFUSED_RECORD, "no labels, said aloud", 7, RAW("\x90"), REASON_BAD_FIELD},
    {REFUSED_RECORD, "a language that is no text", 9, RAW("\xc4\x02" "es"), REASON_BAD_FIELD},
    {REFUSED_RECORD, "an address with a leading zero", 11, RAW("\x91\x92\x01\xaa" "192.0.2.01"),
	REASON_BAD_OBSERVABLE},
    {REFUSED_RECORD, "a domain in capitals", 11, RAW("\x91\x92\x04\xac" "EVIL.example"),
	REASON_BAD_OBSERVABLE},
    {REFUSED_RECORD, "a defanged domain", 11, RAW("\x91\x92\x04\xae" "evil[.]example"),
	REASON_BAD_OBSERVABLE},
    {REFUSED_RECORD, "a network with bits of the host", 11, RAW("\x91\x92\x03\xac" "192.0.2.1/24"),
	REASON_BAD_OBSERVABLE},
    {REFUSED_RECORD, "an address that is not as RFC 5952 has it", 11,
	RAW("\x91\x92\x02\xad" "2001:db8:0::1"), REASON_BAD_OBSERVABLE},
    {REFUSED_RECORD, "a CLABE with a wrong check digit", 11,
	RAW("\x91\x92\x0e\xb2" "032180000118359710"), REASON_BAD_OBSERVABLE},
    {REFUSED_RECORD, "a card number that fails Luhn's check", 11,
	RAW("\x91\x92\x10\xb0" "4111111111111112"), REASON_BAD_OBSERVABLE},
    {REFUSED_RECORD, "a url without its path", 11,
	RAW("\x91\x92\x05\xb5" "https://evil.example1"), REASON_BAD_OBSERVABLE},
    {REFUSED_RECORD, "an observable of no type", 11, RAW("\x91\x92\x12\xa1" "a"), REASON_BAD_FIELD},
    {REFUSED_RECORD, "an observable twice", 11,
	RAW("\x92\x92\x01\xa9" "192.0.2.1" "\x92\x01\xa9" "192.0.2.1"), REASON_NOT_CANONICAL},
    {REFUSED_RECORD, "one observable, and how to combine them", 11,
	RAW("\x91\x92\x01\xa9" "192.0.2.1"), REASON_NOT_CANONICAL},
    {REFUSED_RECORD, "valid until it begins", 14, RAW("\x01"), REASON_BAD_FIELD},
    {REFUSED_RECORD, "a title with a tab", 15, RAW("\x81\x01\xa3" "a\tb"), REASON_BAD_FIELD},
    {REFUSED_RECORD, "a title that is not UTF-8", 15, RAW("\x81\x01\xa2\xc3\x28"), REASON_BAD_FIELD},
    {REFUSED_RECORD, "a title in an overlong form", 15, RAW("\x81\x01\xa2\xc0\xaf"),
	REASON_BAD_FIELD},
    {REFUSED_RECORD, "a title with a C1 control", 15, RAW("\x81\x01\xa2\xc2\x85"), REASON_BAD_FIELD},
    {REFUSED_RECORD, "an unknown even key", 18, RAW("\x01"), REASON_UNKNOWN_CRITICAL},
    {REFUSED_RECORD, "an unknown even key far away", 1000, RAW("\x01"), REASON_UNKNOWN_CRITICAL},
    {REFUSED_RECORD, "an unknown odd key in a longer form", 1001, RAW("\xcd\x00\xff"),
	REASON_NOT_CANONICAL},
    {REFUSED_RECORD, "an unknown odd key, seven arrays deep", 1001,
	RAW("\x91\x91\x91\x91\x91\x91\x90"), REASON_TOO_DEEP},
    {REFUSED_RECORD, "an unknown odd key that claims 2^28 elements", 1001,
	RAW("\xdd\x0f\xff\xff\xff"), REASON_TRUNCATED},
    {REFUSED_RECORD, "no TLP label", 6, RAW("\x80"), REASON_BAD_FIELD},
    {REFUSED_RECORD, "a TLP label that is none", 6, RAW("\x81\x00\x05"), REASON_BAD_FIELD},
    {REFUSED_RECORD, "an unknown even key of the marking", 6, RAW("\x82\x00\x04\x12\x01"),
	REASON_UNKNOWN_CRITICAL},
    {REFUSED_RECORD, "resale must", 6, RAW("\x82\x00\x04\x10\x01"), REASON_BAD_FIELD},
    {REFUSED_DRAFT, "a draft with an author", 2, RAW(BYTES_32), REASON_BAD_FIELD},
    {REFUSED_ROOT, "a threshold above the keys", 4, RAW("\x03"), REASON_BAD_FIELD},
    {REFUSED_ROOT, "a key twice", 6, RAW("\x92" KEY_32 KEY_32), REASON_NOT_CANONICAL},
    {REFUSED_ROOT, "a key of 3 bytes", 6, RAW("\x91\x92\x01\xc4\x03" "abc"), REASON_UNKNOWN_SUITE},
    {REFUSED_ROOT, "an id within the first version", 10, RAW(BYTES_32), REASON_NOT_CANONICAL},
    {REFUSED_CARD, "a sector in capitals", 3, RAW("\xa4" "Bank"), REASON_BAD_FIELD},
    {REFUSED_CARD, "a country in small letters", 5, RAW("\xa2" "mx"), REASON_BAD_FIELD},
    {REFUSED_CARD, "valid for longer than 90 days", 6, RAW("\xcf\x00\x00\x01\xc0\x00\x00\x00\x00"),
	REASON_BAD_FIELD},
    {REFUSED_CARD, "no endpoints, said aloud", 7, RAW("\x90"), REASON_NOT_CANONICAL},
    {REFUSED_CARD, "an endpoint without a port", 7, RAW("\x91\xab" "tcp://a.bcd"), REASON_BAD_FIELD},
    {REFUSED_CARD, "no keys and no revocation", 8, RAW(""), REASON_BAD_FIELD},
    {REFUSED_CARD, "five keys, all alike", 8,
	RAW("\x85\x00" KEY_32 "\x02" KEY_32 "\x04" KEY_32 "\x06" KEY_32 "\x08" KEY_32),
	REASON_UNKNOWN_SUITE},
    {REFUSED_CARD, "keys and a revocation", 12, RAW("\x82\x00\xa1" "r\x02\x01"),
	REASON_NOT_CANONICAL},
    {REFUSED_SEAL, "a tree without leaves", 4, RAW("\x00"), REASON_BAD_FIELD},
    {REFUSED_SEAL, "a tree of 513 leaves", 4, RAW("\xcd\x02\x01"), REASON_BAD_FIELD},
    {REFUSED_SEAL, "a root of another length", 6, RAW("\xc4\x01" "a"), REASON_BAD_FIELD},
    {REFUSED_PAYLOAD, "whole and part", 2, RAW("\x91\x92\xc4\x10" "0123456789abcdef\xc4\x01" "a"),
	REASON_NOT_CANONICAL},
    {REFUSED_PAYLOAD, "neither whole nor part", 4, RAW(""), REASON_BAD_FIELD},
    {REFUSED_PAYLOAD, "a path of 3 bytes", 4,
	RAW("\x91\x94\x00\xc4\x10" "0123456789abcdef\xc4\x01" "a\xc4\x03" "abc"), REASON_BAD_FIELD},
    {REFUSED_RECEIPT, "ordinary, with a count", 22, RAW("\x03"), REASON_NOT_CANONICAL},
    {REFUSED_RECEIPT, "taken, with outcomes", 0, RAW("\x02"), REASON_BAD_FIELD},
    {REFUSED_RECEIPT, "an outcome that is none", 14, RAW("\xc4\x02\x00\x02"), REASON_BAD_FIELD},
    {REFUSED_RECEIPT, "one byte and a half of outcomes", 14, RAW("\xc4\x03\x00\x00\x00"),
	REASON_BAD_FIELD},
    {REFUSED_RECEIPT, "an empty log with another root", 16, RAW("\x93\x01\x00" BYTES_32),
	REASON_BAD_FIELD},
    {REFUSED_FRAME, "more versions than a greeting holds", 0, RAW("\x99\x00\x01\x02\x03\x04\x05\x06\x07\x08"),
	REASON_OVERSIZED},
    {REFUSED_FRAME, "suites out of order", 2, RAW("\x92\x02\x01"), REASON_NOT_CANONICAL},
    {REFUSED_FRAME, "a credit of 65", 22, RAW("\x41"), REASON_BAD_FIELD},
    {REFUSED_DETAILS, "a count of zero", 4, RAW("\x00"), REASON_BAD_FIELD},
    {REFUSED_DETAILS, "an unknown even key", 18, RAW("\x01"), REASON_UNKNOWN_CRITICAL},
    {REFUSED_ACT, "no expiry", 4, RAW(""), REASON_BAD_FIELD},
};

static const struct {
	enum refused what;
	const char *name;
	const char *value;
	size_t len;
	enum reason reason;
} refused_raws[] = {
    {REFUSED_VALUE, "nothing", RAW(""), REASON_TRUNCATED},
    {REFUSED_VALUE, "nil", RAW("\xc0"), REASON_BAD_FIELD},
    {REFUSED_VALUE, "a form that is reserved", RAW("\xc1"), REASON_BAD_FIELD},
    {REFUSED_VALUE, "-1", RAW("\xff"), REASON_BAD_FIELD},
    {REFUSED_VALUE, "an int8", RAW("\xd0\x01"), REASON_BAD_FIELD},
    {REFUSED_VALUE, "a double", RAW("\xcb\x00\x00\x00\x00\x00\x00\x00\x00"), REASON_BAD_FIELD},
    {REFUSED_VALUE, "an extension", RAW("\xd4\x01\x00"), REASON_BAD_FIELD},
    {REFUSED_VALUE, "127 in two bytes", RAW("\xcc\x7f"), REASON_NOT_CANONICAL},
    {REFUSED_VALUE, "255 in three bytes", RAW("\xcd\x00\xff"), REASON_NOT_CANONICAL},
    {REFUSED_VALUE, "65535 in five bytes", RAW("\xce\x00\x00\xff\xff"), REASON_NOT_CANONICAL},
    {REFUSED_VALUE, "2^32 - 1 in nine bytes", RAW("\xcf\x00\x00\x00\x00\xff\xff\xff\xff"),
	REASON_NOT_CANONICAL},
    {REFUSED_VALUE, "a short string in str8", RAW("\xd9\x01" "a"), REASON_NOT_CANONICAL},
    {REFUSED_VALUE, "a short binary in bin16", RAW("\xc5\x00\x01" "a"), REASON_NOT_CANONICAL},
    {REFUSED_VALUE, "a short array in array16", RAW("\xdc\x00\x01\x00"), REASON_NOT_CANONICAL},
    {REFUSED_VALUE, "a short map in map16", RAW("\xde\x00\x01\x00\x00"), REASON_NOT_CANONICAL},
    {REFUSED_VALUE, "keys out of order", RAW("\x82\x02\x00\x01\x00"), REASON_NOT_CANONICAL},
    {REFUSED_VALUE, "a key twice", RAW("\x82\x01\x00\x01\x00"), REASON_NOT_CANONICAL},
    {REFUSED_VALUE, "a key that is text", RAW("\x81\xa1" "a\x00"), REASON_BAD_FIELD},
    {REFUSED_VALUE, "bytes left over", RAW("\x00\x00"), REASON_NOT_CANONICAL},
    {REFUSED_VALUE, "a surrogate", RAW("\xa3\xed\xa0\x80"), REASON_BAD_FIELD},
    {REFUSED_VALUE, "above U+10FFFF", RAW("\xa4\xf4\x90\x80\x80"), REASON_BAD_FIELD},
    {REFUSED_DRAFT, "a relation of nobody", RAW(DRAFT_9 "\x82\x0e\x01\x10\x01"), REASON_BAD_FIELD},
    {REFUSED_DRAFT, "a fifth relation", RAW(DRAFT_9 "\x82\x0e\x05\x10\x01"), REASON_BAD_FIELD},
    {REFUSED_DRAFT, "a client of itself",
	RAW(DRAFT_9 "\x84\x0e\x01\x10\x01\x12" BYTES_32 "\x14" BYTES_32), REASON_BAD_OBSERVABLE},
    {REFUSED_DRAFT, "a grant that ends nowhere",
	RAW(DRAFT_9 "\x85\x0e\x03\x10\x01\x12" BYTES_32 "\x1c\xa1" "a\x1e\x01"), REASON_BAD_FIELD},
    {REFUSED_DRAFT, "a grant that was ended, with a sector",
	RAW("\x84\x00\x09\x06\x81\x00\x02\x0e\x01\x0f\x84\x0e\x03\x10\x02\x12" BYTES_32
	    "\x1c\xa1" "a"), REASON_BAD_OBSERVABLE},
    {REFUSED_DRAFT, "a community left with a label",
	RAW(DRAFT_9 "\x84\x0e\x04\x10\x01\x16" BYTES_32 "\x1e\x00"), REASON_BAD_OBSERVABLE},
    {REFUSED_DRAFT, "a first charter of a community",
	RAW(DRAFT_10 "\x87\x01\xa1" "a\x16" BYTES_32 "\x20\x01\x24\x91" BYTES_32 "\x26\x01\x28\x91"
	    BYTES_32 "\x2a\xc4\x10" "0123456789abcdef"), REASON_BAD_OBSERVABLE},
    {REFUSED_DRAFT, "a second charter of no community",
	RAW(DRAFT_10 "\x86\x01\xa1" "a\x20\x02\x24\x91" BYTES_32 "\x26\x01\x28\x91" BYTES_32
	    "\x2a\xc4\x10" "0123456789abcdef"), REASON_BAD_FIELD},
    {REFUSED_DRAFT, "two stewards of one",
	RAW(DRAFT_10 "\x86\x01\xa1" "a\x20\x01\x24\x91" BYTES_32 "\x26\x02\x28\x91" BYTES_32
	    "\x2a\xc4\x10" "0123456789abcdef"), REASON_BAD_FIELD},
    {REFUSED_DRAFT, "a member twice",
	RAW(DRAFT_10 "\x86\x01\xa1" "a\x20\x01\x24\x91" BYTES_32 "\x26\x01\x28\x92" BYTES_32 BYTES_32
	    "\x2a\xc4\x10" "0123456789abcdef"), REASON_NOT_CANONICAL},
    {REFUSED_DRAFT, "an amendment of a question",
	RAW("\x83\x00\x07\x06\x81\x00\x01\x0f\x82\x02" BYTES_32 "\x08\x04"), REASON_BAD_OBSERVABLE},
    {REFUSED_DRAFT, "an amendment of a note, with a pattern",
	RAW("\x83\x00\x07\x06\x81\x00\x01\x0f\x85\x01\xa1" "a\x02" BYTES_32 "\x03\xa1" "a\x05\xa1" "a\x08\x02"),
	REASON_BAD_OBSERVABLE},
    {REFUSED_DRAFT, "an amendment of a note, without its text",
	RAW("\x83\x00\x07\x06\x81\x00\x01\x0f\x83\x01\xa1" "a\x02" BYTES_32 "\x08\x02"),
	REASON_BAD_FIELD},
    {REFUSED_DRAFT, "an amendment of an indicator, without one",
	RAW("\x83\x00\x07\x06\x81\x00\x01\x0f\x82\x02" BYTES_32 "\x08\x01"), REASON_BAD_FIELD},
    {REFUSED_DRAFT, "a dispute for no reason that there is",
	RAW("\x83\x00\x06\x06\x81\x00\x01\x0f\x82\x02" BYTES_32 "\x06\x06"), REASON_BAD_FIELD},
    {REFUSED_DRAFT, "a dispute without its reason",
	RAW("\x83\x00\x06\x06\x81\x00\x01\x0f\x81\x02" BYTES_32), REASON_BAD_FIELD},
    {REFUSED_FRAME, "type 0", RAW("\x92\x00\x80"), REASON_BAD_FIELD},
    {REFUSED_FRAME, "an unknown type", RAW("\x92\x0a\x80"), REASON_BAD_FIELD},
    {REFUSED_FRAME, "a reserved type", RAW("\x92\x07\x80"), REASON_NOT_SUPPORTED},
    {REFUSED_FRAME, "a refusal that says stored", RAW("\x92\x04\x82\x00\x00\x02\x02"),
	REASON_BAD_FIELD},
    {REFUSED_FRAME, "a refusal of no reason we know", RAW("\x92\x04\x82\x00\x02\x02\x02"),
	REASON_BAD_FIELD},
    {REFUSED_PREDICATE, "an and of one", RAW("\x92\x92\x01\x01\x93\x05\x01\x91\x01"),
	REASON_BAD_FIELD},
    {REFUSED_PREDICATE, "an and that ends too early", RAW("\x92\x92\x01\x02\x93\x05\x01\x91\x01"),
	REASON_TRUNCATED},
    {REFUSED_PREDICATE, "two roots", RAW("\x92\x93\x05\x01\x91\x01\x93\x05\x01\x91\x01"),
	REASON_NOT_CANONICAL},
    {REFUSED_PREDICATE, "not not", RAW("\x93\x92\x03\x01\x92\x03\x01\x93\x05\x01\x91\x01"),
	REASON_BAD_FIELD},
    {REFUSED_PREDICATE, "an observable outside a some", RAW("\x91\x93\x05\x0d\x91\x01"),
	REASON_BAD_FIELD},
    {REFUSED_PREDICATE, "a kind inside a some", RAW("\x92\x92\x04\x01\x93\x05\x01\x91\x01"),
	REASON_BAD_FIELD},
    {REFUSED_PREDICATE, "like a kind", RAW("\x91\x93\x0a\x01\x91\x01"), REASON_BAD_FIELD},
    {REFUSED_PREDICATE, "values out of order", RAW("\x91\x93\x05\x01\x92\x02\x01"),
	REASON_NOT_CANONICAL},
    {REFUSED_PREDICATE, "less than two values", RAW("\x91\x93\x06\x02\x92\x01\x02"),
	REASON_BAD_FIELD},
    {REFUSED_PREDICATE, "half a second ago", RAW("\x91\x93\x06\x04\x91\x92\x01\xcd\x01\xf4"),
	REASON_NOT_CANONICAL},
    {REFUSED_PREDICATE, "under what is no domain", RAW("\x92\x92\x04\x01\x93\x0b\x0e\x91\xa3" "com"),
	REASON_BAD_FIELD},
    {REFUSED_PREDICATE, "within a network with bits of the host",
	RAW("\x92\x92\x04\x01\x93\x0c\x0e\x91\xac" "192.0.2.1/24"), REASON_NOT_CANONICAL},
    {REFUSED_REQUEST, "three parts", RAW("\x93\xc4\x10" "0123456789abcdef\x01\xc4\x01\x80"),
	REASON_BAD_FIELD},
    {REFUSED_REQUEST, "without arguments",
	RAW("\x94\xc4\x10" "0123456789abcdef\x01\xc4\x00\xc4\x00"), REASON_BAD_FIELD},
    {REFUSED_ANSWER, "a reason that is none",
	RAW("\x94\xc4\x10" "0123456789abcdef\x02\xa0\xc4\x00"), REASON_BAD_FIELD},
    {REFUSED_KEYFILE, "another version", RAW("malla/keyfile/v2\n\x01\x01\x00\x00\x20"
	"0123456789abcdef0123456789abcdef"), REASON_UNKNOWN_VERSION},
    {REFUSED_KEYFILE, "another suite", RAW("malla/keyfile/v1\n\x01\x02\x00\x00\x20"
	"0123456789abcdef0123456789abcdef"), REASON_UNKNOWN_VERSION},
    {REFUSED_KEYFILE, "a purpose that is none", RAW("malla/keyfile/v1\n\x08\x01\x00\x00\x20"
	"0123456789abcdef0123456789abcdef"), REASON_BAD_FIELD},
    {REFUSED_KEYFILE, "a key of 31 bytes", RAW("malla/keyfile/v1\n\x01\x01\x00\x00\x1f"
	"0123456789abcdef0123456789abcde"), REASON_BAD_FIELD},
    {REFUSED_KEYFILE, "four gibibytes of memory", RAW("malla/keyfile/v1\n\x01\x01\x01"
	"\x00\x00\x00\x00\x00\x00\x00\x03\x00\x00\x00\x01\x00\x00\x00\x00"
	"0123456789abcdef0123456789abcdef01234567\x00\x30"
	"0123456789abcdef0123456789abcdef0123456789abcdef"), REASON_OVERSIZED},
};
/* clang-format on */

/* ---------------------------------------------------------------- the good messages */

static void
copy_statement(struct bytes_view signed_thing, struct bytes *out)
{
	struct signed_thing thing;

	assert(signed_decode(signed_thing, CARD_BYTES_MAX, &thing) == ERR_NONE);
	bytes_append(out, thing.statement.data, thing.statement.len);
}

static size_t
context_len(enum context context)
{
	return signed_context(context).len;
}

static void
make_statements(struct refused_bases *bases)
{
	static struct vectors_envelope envelope;
	struct vectors_party party;
	struct receipt receipt;

	make_party(&party);
	bytes_append(&bases->at[REFUSED_ROOT], party.root_1.data, party.root_1.len);
	copy_statement(bytes_as_view(&party.card), &bases->at[REFUSED_CARD]);
	bytes_append(&bases->at[REFUSED_PACKAGE], party.package.data, party.package.len);
	party_release(&party);
	copy_statement(bytes_as_view(&bases->batch->seal), &bases->at[REFUSED_SEAL]);
	make_envelope(&envelope, 0);
	bytes_append(&bases->at[REFUSED_HEADER], envelope.statement.data, envelope.statement.len);
	envelope_release(&envelope);
	make_receipt(RECEIPT_ORDINARY, &receipt);
	assert(receipt_encode(&receipt, &bases->at[REFUSED_RECEIPT]) == ERR_NONE);
	bases->prefix[REFUSED_ROOT] = context_len(CONTEXT_ROOT);
	bases->prefix[REFUSED_CARD] = context_len(CONTEXT_CARD);
	bases->prefix[REFUSED_SEAL] = context_len(CONTEXT_SEAL);
	bases->prefix[REFUSED_RECEIPT] = context_len(CONTEXT_RECEIPT);
	bases->prefix[REFUSED_ACT] = context_len(CONTEXT_ACT);
	bases->prefix[REFUSED_FRAME] = 2; /* an array of two, and the type */
}

static void
make_bases(struct refused_bases *bases)
{
	static struct exchange_message message;
	struct bytes arguments, act, details;
	struct request request;
	struct record *record;
	struct event event;
	struct salt salt;
	uint32_t i;

	for (i = 0; i < REFUSED_COUNT; i++) {
		bytes_init(&bases->at[i], VECTORS_BYTES_MAX);
		bases->prefix[i] = 0;
	}
	bases->batch = make_batch(5);
	make_statements(bases);
	record = full_indicator();
	assert(record_encode(record, &bases->at[REFUSED_RECORD]) == ERR_NONE);
	record->is_draft = true;
	assert(record_encode(record, &bases->at[REFUSED_DRAFT]) == ERR_NONE);
	make_payload(bases->batch, false, &bases->at[REFUSED_PAYLOAD]);
	message.type = EXCHANGE_HELLO;
	make_hello(&message.hello);
	assert(exchange_encode(&message, &bases->at[REFUSED_FRAME]) == ERR_NONE);
	bytes_init(&details, EVENT_DETAILS_BYTES_MAX);
	make_event(5, &event, &salt, &details);
	bytes_append(&bases->at[REFUSED_DETAILS], details.data, details.len);
	bytes_init(&arguments, 1024);
	bytes_init(&act, 1024);
	make_request(&request, &arguments, &act);
	assert(request_encode(&request, &bases->at[REFUSED_REQUEST]) == ERR_NONE);
	copy_statement(bytes_as_view(&act), &bases->at[REFUSED_ACT]);
	bytes_append(&bases->at[REFUSED_KEYFILE], locked_keyfile, sizeof(locked_keyfile) - 1);
	bytes_release(&details);
	bytes_release(&arguments);
	bytes_release(&act);
}

/* ---------------------------------------------------------------- the vectors */

/* Each good message cut by one byte, with one more, and under another context line. */
static void
refuse_spoiled(struct vectors *vectors, struct refused_bases *bases)
{
	struct bytes *bytes;
	uint32_t i;

	for (i = 0; i < REFUSED_COUNT; i++) {
		bytes = &bases->at[i];
		if (bytes->len == 0)
			continue;
		assert(ask_decoder((enum refused)i, bytes_as_view(bytes)) == REASON_STORED);
		refuse(vectors, (enum refused)i, "cut by one byte",
		    bytes_view_of(bytes->data, bytes->len - 1), REASON_TRUNCATED);
		bytes_append_u8(bytes, 0x05);
		refuse(vectors, (enum refused)i, "one byte too many", bytes_as_view(bytes),
		    REASON_NOT_CANONICAL);
		bytes->len--;
		if (bases->prefix[i] <= 2)
			continue;
		bytes->data[bases->prefix[i] - 2] = '2';
		refuse(vectors, (enum refused)i, "a context line of version 2", bytes_as_view(bytes),
		    REASON_UNKNOWN_VERSION);
		bytes->data[bases->prefix[i] - 2] = '1';
	}
}

/* The head of a header is not the end of its statement, so it is taken out and put back. */
static void
refuse_header(struct vectors *vectors, const char *name, uint64_t key, struct bytes_view value,
    enum reason reason)
{
	static struct vectors_envelope envelope;
	struct bytes head, statement;

	make_envelope(&envelope, 0);
	bytes_init(&head, VECTORS_BYTES_MAX);
	bytes_init(&statement, VECTORS_BYTES_MAX);
	edit_map(bytes_as_view(&envelope.head), 0, key, value, &head);
	assert(header_encode(bytes_as_view(&head), &envelope.header, &statement) == ERR_NONE);
	refuse(vectors, REFUSED_HEADER, name, bytes_as_view(&statement), reason);
	bytes_release(&head);
	bytes_release(&statement);
	envelope_release(&envelope);
}

static void
refuse_headers(struct vectors *vectors)
{
	refuse_header(vectors, "another suite", 0, bytes_view_of("\x02", 1), REASON_UNKNOWN_SUITE);
	refuse_header(vectors, "number 0", 10, bytes_view_of("\x00", 1), REASON_BAD_FIELD);
	refuse_header(vectors, "a marking without TLP", 16, bytes_view_of("\x80", 1), REASON_BAD_FIELD);
	refuse_header(
	    vectors, "it voids itself", 26, bytes_view_of("\x91\x2a", 2), REASON_BAD_FIELD);
	refuse_header(
	    vectors, "it voids nothing", 26, bytes_view_of("\x90", 1), REASON_NOT_CANONICAL);
	refuse_header(
	    vectors, "certified: no", 28, bytes_view_of("\xc2", 1), REASON_NOT_CANONICAL);
	refuse_header(vectors, "certified, and the wrap is there", 28, bytes_view_of("\xc3", 1),
	    REASON_NOT_CANONICAL);
	refuse_header(
	    vectors, "an unknown even key", 34, bytes_view_of("\x00", 1), REASON_UNKNOWN_CRITICAL);
	refuse_header(vectors, "no time", 32, bytes_view_of(NULL, 0), REASON_BAD_FIELD);
}

/* Chains and packages that are well formed and prove nothing. */
static void
refuse_packages(struct vectors *vectors)
{
	struct vectors_party party;
	struct bytes bytes;
	size_t i;

	make_party(&party);
	bytes_init(&bytes, CARD_FILE_BYTES_MAX);
	bytes_append(&bytes, party.package.data, party.package.len);
	bytes.data[bytes.len - 1] ^= 1;
	refuse(vectors, REFUSED_PACKAGE, "a spoiled signature of the card", bytes_as_view(&bytes),
	    REASON_BAD_SIGNATURE);
	bytes.data[bytes.len - 1] ^= 1;
	/* the second root's commitment to its successor, which nothing but its signatures covers */
	for (i = 0; i + 32 <= bytes.len; i++) {
		if (memcmp(bytes.data + i, party.root_2.data + party.root_2.len - 67, 32) == 0)
			bytes.data[i] ^= 1;
	}
	refuse(vectors, REFUSED_PACKAGE, "a root that was altered", bytes_as_view(&bytes),
	    REASON_BAD_SIGNATURE);
	bytes_release(&bytes);
	party_release(&party);
}

/* What the recipient says of an envelope whose form is good. */
static enum reason
open_envelope(const struct vectors_envelope *envelope)
{
	struct content_key content_key = {0};
	struct hash hash, header_hash_of;
	struct header header;
	struct bytes payload;
	enum err err;

	assert(header_decode(bytes_as_view(&envelope->statement), &header, &header_hash_of) == ERR_NONE);
	digest_sha256(bytes_as_view(&envelope->ciphertext), &hash);
	if (!digest_is_equal(&hash, &header.ciphertext))
		return REASON_BAD_CIPHERTEXT;
	memcpy(content_key.nonce, header.nonce, sizeof(content_key.nonce));
	if (envelope_unwrap(envelope->recipient_secret, header.ephemeral, envelope->psk,
		&header_hash_of, header.wrap_nonce, header.wrap, content_key.key) != ERR_NONE)
		return REASON_CANNOT_OPEN;
	envelope_commitment(&content_key, &hash);
	if (!digest_is_equal(&hash, &header.commitment))
		return REASON_BAD_COMMITMENT;
	bytes_init(&payload, PAYLOAD_BYTES_MAX);
	err = envelope_decrypt(
	    &content_key, SUITE_1, &header.root, bytes_as_view(&envelope->ciphertext), &payload);
	bytes_release(&payload);
	return err == ERR_NONE ? REASON_STORED : REASON_CANNOT_OPEN;
}

/* Head, wrap and signature again, after the header or the ciphertext was altered. */
static void
remake_envelope(struct vectors_envelope *envelope)
{
	uint8_t ephemeral[32];

	seed_bytes(SEED_EPHEMERAL, ephemeral);
	bytes_clear(&envelope->head);
	bytes_clear(&envelope->statement);
	assert(header_encode_head(&envelope->header, &envelope->head) == ERR_NONE);
	header_hash(bytes_as_view(&envelope->head), &envelope->hash);
	assert(envelope_wrap(ephemeral, envelope->recipient_key, envelope->psk, &envelope->hash,
		   envelope->header.wrap_nonce, envelope->content_key.key,
		   envelope->header.wrap) == ERR_NONE);
	assert(header_encode(bytes_as_view(&envelope->head), &envelope->header,
		   &envelope->statement) == ERR_NONE);
}

static void
refuse_opening(struct vectors *vectors, const char *name, const struct vectors_envelope *envelope,
    enum reason reason)
{
	assert(open_envelope(envelope) == reason);
	vector_begin(vectors, "refused-opening", name);
	put_hex(vectors, "recipient_secret", envelope->recipient_secret, 32);
	put_bytes(vectors, "ciphertext", &envelope->ciphertext);
	put_string(vectors, "reason", reason_name(reason));
	put_bytes(vectors, "bytes", &envelope->statement);
	vector_end(vectors);
}

static void
refuse_openings(struct vectors *vectors)
{
	static struct vectors_envelope envelope;
	struct header *header = &envelope.header;

	make_envelope(&envelope, 0);
	assert(open_envelope(&envelope) == REASON_STORED);
	envelope.ciphertext.data[0] ^= 1;
	refuse_opening(vectors, "a ciphertext that was altered", &envelope, REASON_BAD_CIPHERTEXT);
	digest_sha256(bytes_as_view(&envelope.ciphertext), &header->ciphertext);
	remake_envelope(&envelope);
	refuse_opening(
	    vectors, "a ciphertext that was altered and signed", &envelope, REASON_CANNOT_OPEN);
	envelope.ciphertext.data[0] ^= 1;
	digest_sha256(bytes_as_view(&envelope.ciphertext), &header->ciphertext);
	header->commitment.bytes[0] ^= 1;
	remake_envelope(&envelope);
	refuse_opening(
	    vectors, "a commitment to another key", &envelope, REASON_BAD_COMMITMENT);
	header->commitment.bytes[0] ^= 1;
	remake_envelope(&envelope);
	envelope.statement.data[envelope.statement.len - 1] ^= 1;
	refuse_opening(vectors, "a wrap that was altered", &envelope, REASON_CANNOT_OPEN);
	memset(header->ephemeral, 0, sizeof(header->ephemeral));
	remake_envelope(&envelope);
	refuse_opening(
	    vectors, "an ephemeral key of small order", &envelope, REASON_CANNOT_OPEN);
	envelope_release(&envelope);
}

/* One hash more, one less, and one altered. */
static void
refuse_paths(struct vectors *vectors)
{
	static const char *const names[] = {"a path with one hash too few",
	    "a path with one hash too many", "a path with a hash that was altered"};
	struct vectors_batch *batch = make_batch(5);
	uint32_t length = tree_path_length(2, 5), i;
	struct hash path[TREE_LEVELS_MAX];

	for (i = 0; i < 3; i++) {
		uint32_t count = i == 0 ? length - 1 : i == 1 ? length + 1 : length;

		tree_path(batch->leaves, 5, 2, path);
		path[length] = batch->root;
		path[0].bytes[31] ^= i == 2;
		assert(tree_path_verify(&batch->leaves[2], 2, 5, path, count, &batch->root) ==
		       ERR_PROOF);
		vector_begin(vectors, "refused-path", names[i]);
		put_hex(vectors, "leaf", batch->leaves[2].bytes, sizeof(struct hash));
		put_number(vectors, "index", 2);
		put_number(vectors, "size", 5);
		put_hex(vectors, "path", path, count * sizeof(struct hash));
		put_hex(vectors, "root", batch->root.bytes, sizeof(struct hash));
		vector_end(vectors);
	}
	batch_free(batch);
}

static void
vectors_refused(struct vectors *vectors)
{
	static struct refused_bases bases;
	struct bytes edited;
	size_t i;

	make_bases(&bases);
	for (i = 0; i < sizeof(refused_raws) / sizeof(*refused_raws); i++)
		refuse(vectors, refused_raws[i].what, refused_raws[i].name,
		    bytes_view_of(refused_raws[i].value, refused_raws[i].len), refused_raws[i].reason);
	for (i = 0; i < sizeof(refused_edits) / sizeof(*refused_edits); i++) {
		const struct refused_edit *edit = &refused_edits[i];

		bytes_init(&edited, VECTORS_BYTES_MAX);
		edit_map(bytes_as_view(&bases.at[edit->what]), bases.prefix[edit->what], edit->key,
		    bytes_view_of(edit->value, edit->len), &edited);
		refuse(vectors, edit->what, edit->name, bytes_as_view(&edited), edit->reason);
		bytes_release(&edited);
	}
	refuse_headers(vectors);
	refuse_packages(vectors);
	refuse_spoiled(vectors, &bases);
	refuse_openings(vectors);
	refuse_paths(vectors);
	for (i = 0; i < REFUSED_COUNT; i++)
		bytes_release(&bases.at[i]);
	batch_free(bases.batch);
}

#endif
