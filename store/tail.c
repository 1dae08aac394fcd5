#include "store/tail.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define CHUNKS_FIRST 64u
#define BUCKET_SHIFT 56u /* a hash's bits behind those that pick the bucket */
#define DIGIT_BITS 8u
#define DIGITS (1u << DIGIT_BITS)

enum err
tail_open(struct tail *tail, enum keys_space space, uint64_t seed, const struct slices *slices)
{
	memset(tail, 0, sizeof(*tail));
	tail->space = space;
	tail->seed = seed;
	return slices_filter_open(slices, &tail->filter);
}

void
tail_release(struct tail *tail)
{
	free(tail->chunks);
	slices_filter_release(&tail->filter);
	memset(tail, 0, sizeof(*tail));
}

void
tail_clear(struct tail *tail)
{
	tail->count = 0;
	tail->keys = 0;
	tail->chunks_count = 0;
	tail->chunks_kept = 0;
	memset(tail->buckets, 0, sizeof(tail->buckets));
	memset(tail->recent, 0, sizeof(tail->recent));
	if (tail->filter.bits != NULL)
		memset(tail->filter.bits, 0, tail->filter.len);
}

/* Hashes are spread; addresses go by the first seven bits behind 4 or 6. */
uint32_t
tail_bucket_of(const struct tail *tail, uint64_t key)
{
	uint64_t family = key >> 56, half = TAIL_BUCKETS / 2;

	if (tail->space != KEYS_ADDRESSES)
		return (uint32_t)(key >> BUCKET_SHIFT);
	if (family != 4 && family != 6) /* bounds of questions only */
		return family < 4 ? 0 : TAIL_BUCKETS - 1;
	return (uint32_t)((family == 4 ? 0 : half) + (key >> 49 & (half - 1)));
}

bool
tail_may(const struct tail *tail, uint64_t key)
{
	return tail->count > 0 &&
	       slices_filter_has(&tail->filter, keys_token(tail->seed, tail->space, key));
}

/* ------------------------------------------------------------------ adding */

static enum err
grow(struct tail *tail, struct tail_bucket *bucket)
{
	struct tail_chunk *chunk;

	if (tail->chunks_count == tail->chunks_cap) {
		uint32_t cap = tail->chunks_cap == 0 ? CHUNKS_FIRST : 2 * tail->chunks_cap;

		chunk = realloc(tail->chunks, cap * sizeof(*chunk));
		if (chunk == NULL)
			return ERR_MEMORY;
		tail->chunks = chunk;
		tail->chunks_cap = cap;
	}
	tail->chunks[tail->chunks_count++].before = bucket->newest;
	bucket->newest = tail->chunks_count;
	bucket->count = 0;
	return ERR_NONE;
}

/* Whether the key leads to this number; it can only be among the newest of its bucket. */
static bool
has(const struct tail *tail, const struct tail_bucket *bucket, const struct page_entry *entry)
{
	uint32_t at = bucket->newest, left = bucket->count;

	for (; at != 0; at = tail->chunks[at - 1].before, left = TAIL_CHUNK_ENTRIES) {
		const struct tail_chunk *chunk = &tail->chunks[at - 1];

		for (; left > 0; left--) {
			const struct page_entry *other = &chunk->entries[left - 1];

			if (other->number != 0 && other->number < entry->number)
				return false;
			if (other->number == entry->number && other->key == entry->key)
				return true;
		}
	}
	return false;
}

void
tail_fetch(const struct tail *tail, uint64_t key)
{
	const struct tail_bucket *bucket = &tail->buckets[tail_bucket_of(tail, key)];
	uint32_t last = bucket->count > 0 ? bucket->count - 1 : 0;

	if (tail->recent[key % TAIL_RECENT].key == key)
		return;
	if (bucket->newest != 0)
		__builtin_prefetch(&tail->chunks[bucket->newest - 1].entries[last], 1);
	slices_filter_fetch(&tail->filter, keys_token(tail->seed, tail->space, key));
}

enum err
tail_add(struct tail *tail, const struct page_entry *entry)
{
	struct tail_bucket *bucket = &tail->buckets[tail_bucket_of(tail, entry->key)];
	struct page_entry *recent = &tail->recent[entry->key % TAIL_RECENT];

	if (recent->key == entry->key && recent->number == entry->number)
		return ERR_NONE;
	if (has(tail, bucket, entry))
		return ERR_NONE;
	if (bucket->newest == 0 || bucket->count == TAIL_CHUNK_ENTRIES) {
		if (grow(tail, bucket) != ERR_NONE)
			return ERR_MEMORY;
	}
	*recent = *entry;
	tail->chunks[bucket->newest - 1].entries[bucket->count++] = *entry;
	tail->count++;
	tail->keys +=
	    slices_filter_add(&tail->filter, keys_token(tail->seed, tail->space, entry->key));
	return ERR_NONE;
}

/* ------------------------------------------------------------------ taking out */

void
tail_keep(struct tail *tail)
{
	tail->chunks_kept = tail->chunks_count;
}

/* Chunks that came since go, and of the one that was the newest then, what was put behind. */
static void
truncate_bucket(struct tail *tail, struct tail_bucket *bucket, int64_t number)
{
	while (bucket->newest > tail->chunks_kept) {
		tail->count -= bucket->count;
		bucket->newest = tail->chunks[bucket->newest - 1].before;
		bucket->count = bucket->newest == 0 ? 0 : TAIL_CHUNK_ENTRIES;
	}
	for (; bucket->count > 0; bucket->count--, tail->count--) {
		if (tail->chunks[bucket->newest - 1].entries[bucket->count - 1].number <= number)
			break;
	}
}

void
tail_truncate(struct tail *tail, int64_t number)
{
	uint32_t bucket;

	memset(tail->recent, 0, sizeof(tail->recent));
	for (bucket = 0; bucket < TAIL_BUCKETS; bucket++)
		truncate_bucket(tail, &tail->buckets[bucket], number);
	tail->chunks_count = tail->chunks_kept;
}

void
tail_remove(struct tail *tail, const struct page_entry *entry)
{
	const struct tail_bucket *bucket = &tail->buckets[tail_bucket_of(tail, entry->key)];
	uint32_t at = bucket->newest, count = bucket->count, i;

	memset(tail->recent, 0, sizeof(tail->recent));
	for (; at != 0; at = tail->chunks[at - 1].before, count = TAIL_CHUNK_ENTRIES) {
		struct tail_chunk *chunk = &tail->chunks[at - 1];

		for (i = 0; i < count; i++) {
			if (chunk->entries[i].key == entry->key &&
			    chunk->entries[i].number == entry->number)
				chunk->entries[i].number = 0;
		}
	}
}

/* ------------------------------------------------------------------ order */

uint32_t
tail_bucket_count(const struct tail *tail, uint32_t bucket)
{
	uint32_t at = tail->buckets[bucket].newest, count = tail->buckets[bucket].count;

	if (at == 0)
		return 0;
	while ((at = tail->chunks[at - 1].before) != 0)
		count += TAIL_CHUNK_ENTRIES;
	return count;
}

/* The entries of a bucket as they came; how many lead anywhere. */
static uint32_t
gather(const struct tail *tail, uint32_t bucket, struct page_entry *out)
{
	uint32_t at = tail->buckets[bucket].newest, end = tail_bucket_count(tail, bucket);
	uint32_t some = tail->buckets[bucket].count, start = end, i, count = 0;

	for (; at != 0; at = tail->chunks[at - 1].before, some = TAIL_CHUNK_ENTRIES) {
		start -= some;
		memcpy(out + start, tail->chunks[at - 1].entries, some * sizeof(*out));
	}
	for (i = 0; i < end; i++) {
		if (out[i].number != 0)
			out[count++] = out[i];
	}
	return count;
}

static uint32_t
digit_of(const struct page_entry *entry, uint32_t shift)
{
	return (uint32_t)(entry->key >> shift) & (DIGITS - 1);
}

/* One pass of a stable sort by digits, from one array to the other. */
static void
sort_pass(const struct page_entry *from, struct page_entry *to, uint32_t count, uint32_t shift)
{
	uint32_t places[DIGITS] = {0}, i, sum = 0;

	for (i = 0; i < count; i++)
		places[digit_of(&from[i], shift)]++;
	for (i = 0; i < DIGITS; i++) {
		uint32_t here = places[i];

		places[i] = sum;
		sum += here;
	}
	for (i = 0; i < count; i++)
		to[places[digit_of(&from[i], shift)]++] = from[i];
}

/* What the passes left out of order: hashes that agree in 32 bits and are not the same, hardly
   ever. */
static void
mend(struct page_entry *entries, uint32_t count)
{
	uint32_t i, j;

	for (i = 1; i < count; i++) {
		struct page_entry entry = entries[i];

		for (j = i; j > 0 && entries[j - 1].key > entry.key; j--)
			entries[j] = entries[j - 1];
		entries[j] = entry;
	}
}

/* Numbers rise as entries come: those of one key stay in order.  A bucket's hashes agree in their
   first bits already, and differ soon behind them; addresses may differ in any. */
uint32_t
tail_sorted(
    const struct tail *tail, uint32_t bucket, struct page_entry *out, struct page_entry *spare)
{
	uint32_t count = gather(tail, bucket, out);
	uint32_t shift = tail->space == KEYS_ADDRESSES ? 0 : BUCKET_SHIFT - 4 * DIGIT_BITS;
	uint32_t end = tail->space == KEYS_ADDRESSES ? 64 : BUCKET_SHIFT;

	static_assert(64 / DIGIT_BITS % 2 == 0, "it ends where it began");
	for (; shift < end && count > 1; shift += 2 * DIGIT_BITS) {
		sort_pass(out, spare, count, shift);
		sort_pass(spare, out, count, shift + DIGIT_BITS);
	}
	mend(out, count);
	return count;
}
