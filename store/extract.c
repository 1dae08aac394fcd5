#include "store/extract.h"

#include <assert.h>
#include <stdlib.h>

#define KEYS_FIRST 1024u

void
extract_keys_init(struct extract_keys *keys)
{
	*keys = (struct extract_keys){0};
}

void
extract_keys_release(struct extract_keys *keys)
{
	free(keys->at);
	extract_keys_init(keys);
}

static enum err
add_key(void *context, enum keys_space space, uint64_t key)
{
	struct extract_keys *keys = context;

	if (keys->count == keys->cap) {
		uint32_t cap = keys->cap == 0 ? KEYS_FIRST : 2 * keys->cap;
		struct extract_key *at = realloc(keys->at, cap * sizeof(*at));

		if (at == NULL)
			return ERR_MEMORY;
		keys->at = at;
		keys->cap = cap;
	}
	keys->at[keys->count++] = (struct extract_key){space, key};
	return ERR_NONE;
}

static uint64_t
types_of(const struct record *decoded)
{
	uint64_t types = 0;
	uint32_t i;

	static_assert(OBSERVABLE_TYPE_MAX < 63, "one bit for each type");
	for (i = 0; i < decoded->observables_count; i++)
		types |= 1ull << decoded->observables[i].type;
	return types;
}

enum err
extract_record(
    uint64_t seed, const struct record *decoded, struct extract_keys *keys, struct extract *out)
{
	enum err err;

	*out = (struct extract){.kind = decoded->kind,
	    .form = record_form(decoded),
	    .tlp = decoded->marking.tlp,
	    .created_ms = decoded->created_ms,
	    .valid_from_ms = decoded->valid_from_ms,
	    .valid_until_ms = decoded->valid_until_ms,
	    .confidence = decoded->confidence,
	    .severity = decoded->severity,
	    .is_addressed = !audience_is_empty(&decoded->audience),
	    .types = types_of(decoded),
	    .language = decoded->language,
	    .keys_at = keys->count};
	err = keys_of_record(seed, decoded, add_key, keys);
	out->keys_count = keys->count - out->keys_at;
	return err;
}
