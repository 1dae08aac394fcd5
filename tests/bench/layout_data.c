#include "tests/bench/layout_data.h"

#include <stdio.h>
#include <string.h>

enum { SEED_ID = 1, SEED_CONTENT, SEED_OBSERVABLE, SEED_PARENT, SEED_FILLER, SEEDS = 8 };

uint64_t
layout_data_mix(uint64_t x)
{
	x += 0x9e3779b97f4a7c15U;
	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9U;
	x = (x ^ (x >> 27)) * 0x94d049bb133111ebU;
	return x ^ (x >> 31);
}

uint64_t
layout_data_hash(const uint8_t *bytes, size_t len)
{
	uint64_t hash = 0x243f6a8885a308d3U ^ len;

	while (len > 0) {
		uint64_t word = 0;
		size_t step = len < sizeof(word) ? len : sizeof(word);

		memcpy(&word, bytes, step);
		hash = (hash ^ word) * 0x9fb21c651e98df25U;
		hash ^= hash >> 32;
		bytes += step;
		len -= step;
	}
	return layout_data_mix(hash);
}

static void
fill(uint64_t number, unsigned seed, uint8_t *out, size_t len)
{
	uint64_t state = layout_data_mix(number * SEEDS + seed);

	for (size_t i = 0; i < len; i += sizeof(state)) {
		size_t step = len - i < sizeof(state) ? len - i : sizeof(state);

		memcpy(out + i, &state, step);
		state = layout_data_mix(state);
	}
}

static void
put_letters(struct layout_key *key, uint64_t from, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++, from /= 26)
		key->bytes[key->len++] = (uint8_t)('a' + from % 26);
	key->bytes[key->len++] = '.';
}

static void
put_text(struct layout_key *key, const char *text)
{
	size_t len = strlen(text);

	memcpy(key->bytes + key->len, text, len);
	key->len += (uint32_t)len;
}

/* Hosts hang under parents as they do in feeds: some names of a kind (mail, login), some at random.
 */
static void
put_domain(uint64_t random, struct layout_record *out)
{
	static const char *const tlds[] = {"com.", "com.", "com.", "net.", "org.", "mx.", "info.",
	    "xyz.", "top.", "ru.", "cn.", "br."};
	static const char *const hosts[] = {"mail", "login", "www", "secure", "cdn", "update"};
	uint64_t parent = layout_data_mix((random % LAYOUT_PARENTS) * SEEDS + SEED_PARENT);
	uint64_t host = layout_data_mix(random);
	struct layout_key *key = &out->observable;

	put_text(key, "d");
	put_text(key, tlds[parent % (sizeof(tlds) / sizeof(tlds[0]))]);
	put_letters(key, parent / 16, 6 + (uint32_t)(parent >> 60) % 6);
	out->parent_len = key->len;
	if (host % 4 == 0)
		put_text(key, hosts[host / 4 % (sizeof(hosts) / sizeof(hosts[0]))]);
	put_letters(key, host / 64, 4 + (uint32_t)(host >> 61));
}

static void
put_observable(uint64_t number, struct layout_record *out)
{
	uint64_t random = layout_data_mix(number * SEEDS + SEED_OBSERVABLE);
	uint64_t more = layout_data_mix(random);
	unsigned kind = (unsigned)(random % 10);
	struct layout_key *key = &out->observable;

	key->len = 0;
	out->parent_len = 0;
	if (kind < 7) {
		put_domain(more, out);
		return;
	}
	put_text(key, kind < 9 ? "a" : "h");
	key->len += kind < 9 ? 4 : 16;
	out->parent_len = kind < 9 ? 4 : 0;
	fill(more, SEED_OBSERVABLE, key->bytes + 1, key->len - 1);
}

void
layout_data_record(uint64_t number, struct layout_record *out)
{
	uint8_t *at = out->body;
	uint64_t label;

	out->number = number;
	fill(number, SEED_ID, out->id, sizeof(out->id));
	fill(number, SEED_CONTENT, out->content, sizeof(out->content));
	put_observable(number, out);
	/* the smaller of two is the skew: label 0 comes 127 times as often as label 63 */
	label = layout_data_mix(number) % LAYOUT_LABELS;
	if (layout_data_mix(~number) % LAYOUT_LABELS < label)
		label = layout_data_mix(~number) % LAYOUT_LABELS;
	out->label.len = (uint32_t)snprintf(
	    (char *)out->label.bytes, sizeof(out->label.bytes), "llabel-%02u", (unsigned)label);

	memcpy(at, out->id, sizeof(out->id));
	at += sizeof(out->id);
	memcpy(at, out->content, sizeof(out->content));
	at += sizeof(out->content);
	*at++ = (uint8_t)out->observable.len;
	memcpy(at, out->observable.bytes, out->observable.len);
	at += out->observable.len;
	fill(number, SEED_FILLER, at, LAYOUT_BODY - (size_t)(at - out->body));
}
