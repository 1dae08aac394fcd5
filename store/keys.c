#include "store/keys.h"

#include <assert.h>
#include <string.h>

#include "wire/record.h"

size_t
keys_id(const struct record_id *id, uint8_t key[KEYS_SHORT_BYTES])
{
	key[0] = KEY_ID;
	memcpy(key + 1, id->bytes, KEYS_HASH_BYTES);
	return KEYS_SHORT_BYTES;
}

size_t
keys_content(const struct hash *content, uint8_t key[KEYS_SHORT_BYTES])
{
	key[0] = KEY_CONTENT;
	memcpy(key + 1, content->bytes, KEYS_HASH_BYTES);
	return KEYS_SHORT_BYTES;
}

size_t
keys_label(struct bytes_view label, uint8_t key[KEYS_BYTES_MAX])
{
	assert(label.len <= LABEL_BYTES_MAX);
	key[0] = KEY_LABEL;
	memcpy(key + 1, label.data, label.len);
	return 1 + label.len;
}

size_t
keys_observable(const struct observable *observable, uint8_t key[KEYS_BYTES_MAX])
{
	key[0] = KEY_OBSERVABLE;
	key[1] = (uint8_t)observable->type;
	return 2 + observables_key(observable, key + 2);
}

/* ------------------------------------------------------------------ cuts */

/* Behind every label of the host but the topmost, which says too little. */
static uint32_t
cut_host(struct bytes_view key, size_t cuts[KEYS_CUTS_MAX])
{
	uint32_t count = 0, dots = 0;
	size_t i;

	for (i = 2; i < key.len && key.data[i] != '\0' && count < KEYS_CUTS_MAX - 1; i++) {
		if (key.data[i] == '.' && ++dots > 1)
			cuts[count++] = i + 1;
	}
	return count;
}

/* /8, /16, /24 and /32 of IPv4; /32, /48, /64 and /128 of IPv6. */
static uint32_t
cut_address(struct bytes_view key, size_t cuts[KEYS_CUTS_MAX])
{
	static const uint8_t mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
	static const uint8_t four[] = {13, 14, 15, 16};
	static const uint8_t six[] = {4, 6, 8, 16};
	const uint8_t *lengths;
	uint32_t i;

	if (key.len < 2 + OBSERVABLES_ADDRESS_BYTES)
		return 0;
	lengths = memcmp(key.data + 2, mapped, sizeof(mapped)) == 0 ? four : six;
	for (i = 0; i < 4; i++)
		cuts[i] = 2u + lengths[i];
	return 4;
}

static uint32_t
cut_observable(struct bytes_view key, size_t cuts[KEYS_CUTS_MAX])
{
	switch (key.data[1]) {
	case OBSERVABLE_IPV4:
	case OBSERVABLE_IPV6:
	case OBSERVABLE_CIDR:
		return cut_address(key, cuts);
	case OBSERVABLE_DOMAIN:
	case OBSERVABLE_URL:
	case OBSERVABLE_EMAIL:
		return cut_host(key, cuts);
	default: /* a byte, not one of our enum */
		return 0;
	}
}

uint32_t
keys_cuts(struct bytes_view key, size_t cuts[KEYS_CUTS_MAX])
{
	uint32_t count = 0;

	if (key.len > 2 && key.data[0] == KEY_OBSERVABLE)
		count = cut_observable(key, cuts);
	if (count == 0 || cuts[count - 1] != key.len)
		cuts[count++] = key.len;
	return count;
}

/* How many bytes all keys in [low, high) have in common at least. */
static size_t
common(struct bytes_view low, struct bytes_view high)
{
	size_t least = low.len < high.len ? low.len : high.len, i;

	for (i = 0; i < least && low.data[i] == high.data[i]; i++)
		;
	/* [x, x with its last byte raised by one): all begin with x */
	if (i + 1 == low.len && low.len == high.len && low.data[i] + 1 == high.data[i])
		return low.len;
	return i;
}

size_t
keys_range_cut(struct bytes_view low, struct bytes_view high)
{
	size_t cuts[KEYS_CUTS_MAX], shared = common(low, high), best = 0;
	uint32_t count, i;

	/* the cuts of the part that all of them share: the last is its own end, no cut of theirs */
	if (shared < 3 || low.data[0] != KEY_OBSERVABLE)
		return 0;
	count = cut_observable(bytes_view_of(low.data, low.len), cuts);
	for (i = 0; i < count; i++) {
		if (cuts[i] <= shared)
			best = cuts[i];
	}
	return best;
}

bool
keys_is_lasting(struct bytes_view key)
{
	return key.len > 0 && (key.data[0] == KEY_ID || key.data[0] == KEY_CONTENT);
}

enum err
keys_of_record(const struct record *decoded, keys_fn each, void *context)
{
	uint8_t key[KEYS_BYTES_MAX];
	enum err err = ERR_NONE;
	uint32_t i;

	for (i = 0; i < decoded->observables_count && err == ERR_NONE; i++)
		err = each(
		    context, bytes_view_of(key, keys_observable(&decoded->observables[i], key)));
	for (i = 0; i < decoded->labels.count && err == ERR_NONE; i++)
		err = each(context, bytes_view_of(key, keys_label(decoded->labels.at[i], key)));
	return err;
}
