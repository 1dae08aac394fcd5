#include "store/keys.h"

#include <assert.h>
#include <string.h>

#include "wire/record.h"
#include "wire/words.h"

/* What a hash is of: equal bytes in two places have two keys. */
enum { OF_VALUE = 1, OF_HOST, OF_LABEL, OF_WORD };

/* The finaliser of MurmurHash3 (Appleby, public domain): every bit in moves every bit out. */
static uint64_t
mix(uint64_t x)
{
	x ^= x >> 33;
	x *= UINT64_C(0xff51afd7ed558ccd);
	x ^= x >> 33;
	x *= UINT64_C(0xc4ceb9fe1a85ec53);
	x ^= x >> 33;
	return x;
}

/* Up to eight bytes, the first lowest, on every machine alike: keys are stored. */
static uint64_t
word_at(const uint8_t *at, size_t len)
{
	uint64_t word = 0;
	size_t i;

	if (len == 8)
		return (uint64_t)at[0] | (uint64_t)at[1] << 8 | (uint64_t)at[2] << 16 |
		       (uint64_t)at[3] << 24 | (uint64_t)at[4] << 32 | (uint64_t)at[5] << 40 |
		       (uint64_t)at[6] << 48 | (uint64_t)at[7] << 56;
	for (i = 0; i < len; i++)
		word |= (uint64_t)at[i] << (8 * i);
	return word;
}

/* Not cryptographic: whoever finds two values of one key makes a lookup read one record more. */
static uint64_t
hash(uint64_t seed, uint64_t what, struct bytes_view value)
{
	uint64_t state = seed ^ (uint64_t)value.len << 8 ^ what;
	size_t at = 0;

	for (; value.len - at >= 8; at += 8)
		state = mix(state ^ word_at(value.data + at, 8)) + UINT64_C(0x9e3779b97f4a7c15);
	if (at < value.len)
		state ^= word_at(value.data + at, value.len - at);
	return mix(state);
}

int64_t
keys_number(enum keys_space space, int64_t record)
{
	return space == KEYS_WORDS ? record / KEYS_BLOCK + 1 : record;
}

int64_t
keys_records(enum keys_space space, int64_t number, int64_t *count)
{
	*count = space == KEYS_WORDS ? KEYS_BLOCK : 1;
	return space == KEYS_WORDS ? (number - 1) * KEYS_BLOCK : number;
}

uint64_t
keys_id(const struct record_id *id)
{
	return bytes_get_u64(id->bytes);
}

uint64_t
keys_content(const struct hash *content)
{
	return bytes_get_u64(content->bytes);
}

uint64_t
keys_value(uint64_t seed, struct bytes_view value)
{
	return hash(seed, OF_VALUE, value);
}

uint64_t
keys_label(uint64_t seed, struct bytes_view label)
{
	return hash(seed, OF_LABEL, label);
}

uint64_t
keys_word(uint64_t seed, struct bytes_view word)
{
	return hash(seed, OF_WORD, word);
}

uint64_t
keys_many_words(uint64_t seed)
{
	return hash(seed, OF_WORD, bytes_view_of(NULL, 0)); /* no word is empty */
}

/* ------------------------------------------------------------------ hosts */

/* Where the parent of `host` with so many labels begins; *labels becomes what it has. */
static size_t
parent_at(struct bytes_view host, uint32_t *labels)
{
	uint32_t dots = 0;
	size_t at;

	for (at = host.len; at > 0; at--) {
		if (host.data[at - 1] == '.' && ++dots == *labels)
			return at;
	}
	*labels = dots + 1;
	return 0;
}

static uint64_t
host_key(uint64_t seed, struct bytes_view host, size_t at, uint32_t labels, enum keys_space *space)
{
	*space = labels > 1 ? KEYS_NAMES : KEYS_WORDS;
	return hash(seed, OF_HOST, bytes_view_of(host.data + at, host.len - at));
}

uint64_t
keys_host(uint64_t seed, struct bytes_view host, enum keys_space *space)
{
	uint32_t labels = KEYS_LABELS_MAX;
	size_t at = parent_at(host, &labels);

	return host_key(seed, host, at, labels, space);
}

/* The host and its parents, the topmost KEYS_LABELS_MAX of them; of a domain the parents only, for
   itself it is a value. */
static enum err
each_host(uint64_t seed, struct bytes_view host, bool is_domain, keys_fn each, void *context)
{
	enum err err = ERR_NONE;
	uint32_t wanted;

	for (wanted = 1; wanted <= KEYS_LABELS_MAX && host.len > 0 && err == ERR_NONE; wanted++) {
		uint32_t labels = wanted;
		size_t at = parent_at(host, &labels);
		enum keys_space space;
		uint64_t key;

		if (labels < wanted || (is_domain && at == 0))
			break;
		key = host_key(seed, host, at, labels, &space);
		err = each(context, space, key);
	}
	return err;
}

/* ------------------------------------------------------------------ addresses */

/* ::ffff:0:0/96, which IPv4 has among the 16 bytes */
static const uint8_t mapped[16] = {[10] = 0xff, 0xff};

static uint64_t
address_key(const uint8_t address[16])
{
	if (memcmp(address, mapped, 12) == 0)
		return UINT64_C(4) << 56 | (uint64_t)bytes_get_u32(address + 12) << 24;
	return UINT64_C(6) << 56 | bytes_get_u64(address) >> 8;
}

void
keys_network(const uint8_t first[16], const uint8_t last[16], uint64_t *low, uint64_t *high)
{
	*low = address_key(first);
	*high = address_key(last);
	/* all of IPv4 lies in it too, and IPv4 comes first */
	if (*low >> 56 == 6 && memcmp(first, mapped, 16) < 0 && memcmp(last, mapped, 16) > 0)
		*low = UINT64_C(4) << 56;
}

/* Addresses are told by their /24, or /48. */
static uint64_t
told(enum keys_space space, uint64_t key)
{
	if (space != KEYS_ADDRESSES)
		return key;
	return key >> 56 == 4 ? key >> 32 : key >> 8;
}

uint64_t
keys_token(uint64_t seed, enum keys_space space, uint64_t key)
{
	return mix(told(space, key) ^ seed);
}

uint32_t
keys_tokens(uint64_t seed, enum keys_space space, uint64_t low, uint64_t high,
    uint64_t tokens[KEYS_TOKENS_MAX])
{
	uint64_t first = told(space, low), last = told(space, high), i;

	if (low > high || (space != KEYS_ADDRESSES && low != high) || low >> 56 != high >> 56)
		return 0;
	if (last - first >= KEYS_TOKENS_MAX)
		return 0;
	for (i = 0; i <= last - first; i++)
		tokens[i] = mix((first + i) ^ seed);
	return (uint32_t)i;
}

/* ------------------------------------------------------------------ a record's */

static enum err
each_observable(uint64_t seed, const struct observable *observable, keys_fn each, void *context)
{
	uint8_t first[16], last[16];
	enum err err = each(context, KEYS_NAMES, keys_value(seed, observable->value));

	if (err == ERR_NONE && observable_range(observable, first, last))
		err = each(context, KEYS_ADDRESSES, address_key(first));
	if (err == ERR_NONE)
		err = each_host(seed, observable_host(observable),
		    observable->type == OBSERVABLE_DOMAIN, each, context);
	return err;
}

struct wording {
	uint64_t seed;
	keys_fn each;
	void *context;
	uint32_t count;
};

/* ERR_NO: there are more than are entered. */
static enum err
take_word(void *context, struct bytes_view word)
{
	struct wording *wording = context;

	if (wording->count++ == KEYS_TEXT_WORDS_MAX)
		return ERR_NO;
	return wording->each(wording->context, KEYS_WORDS, keys_word(wording->seed, word));
}

enum err
keys_of_record(uint64_t seed, const struct record *decoded, keys_fn each, void *context)
{
	struct wording wording = {seed, each, context, 0};
	enum err err = ERR_NONE;
	uint32_t i;

	for (i = 0; i < decoded->observables_count && err == ERR_NONE; i++)
		err = each_observable(seed, &decoded->observables[i], each, context);
	for (i = 0; i < decoded->labels.count && err == ERR_NONE; i++)
		err = each(context, KEYS_WORDS, keys_label(seed, decoded->labels.at[i]));
	if (err == ERR_NONE)
		err = words_of_record(decoded, take_word, &wording);
	if (err == ERR_NO)
		err = each(context, KEYS_WORDS, keys_many_words(seed));
	return err;
}
