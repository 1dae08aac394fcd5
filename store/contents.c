#include "store/contents.h"

#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "crypto/digest.h"

#define CAP_FIRST 512u /* a power of two, as all that follow */

void
contents_release(struct contents *contents)
{
	free(contents->entries);
	free(contents->slots);
	*contents = (struct contents){0};
}

void
contents_clear(struct contents *contents)
{
	if (contents->count > 0)
		memset(contents->slots, 0, 2 * (size_t)contents->cap * sizeof(uint32_t));
	contents->count = 0;
	contents->next = 0;
}

/* The slot of this content, or the free one where it belongs.  There is always a free one.
   The hash is keyed with the store's secret: nobody chooses where it falls. */
static uint32_t *
slot_of(const struct contents *contents, const struct hash *content)
{
	uint32_t mask = 2 * contents->cap - 1, at = bytes_get_u32(content->bytes) & mask;

	while (contents->slots[at] != 0 &&
	       !digest_is_equal(&contents->entries[contents->slots[at] - 1].content, content))
		at = (at + 1) & mask;
	return &contents->slots[at];
}

static enum err
grow(struct contents *contents)
{
	uint32_t cap = contents->cap == 0 ? CAP_FIRST : 2 * contents->cap, i;
	struct contents_entry *entries = realloc(contents->entries, cap * sizeof(*entries));
	uint32_t *slots = entries == NULL ? NULL : calloc(2 * (size_t)cap, sizeof(*slots));

	if (entries != NULL)
		contents->entries = entries;
	if (slots == NULL)
		return ERR_MEMORY;
	free(contents->slots);
	contents->slots = slots;
	contents->cap = cap;
	for (i = 0; i < contents->count; i++) {
		uint32_t *slot = slot_of(contents, &contents->entries[i].content);

		if (*slot == 0)
			*slot = i + 1;
	}
	return ERR_NONE;
}

enum err
contents_put(struct contents *contents, const struct hash *content, const struct record_id *id)
{
	uint32_t *slot;

	if (contents->count == contents->cap && grow(contents) != ERR_NONE)
		return ERR_MEMORY;
	contents->entries[contents->count] = (struct contents_entry){*content, *id};
	slot = slot_of(contents, content);
	if (*slot == 0)
		*slot = contents->count + 1;
	contents->count++;
	return ERR_NONE;
}

const struct record_id *
contents_find(const struct contents *contents, const struct hash *content)
{
	uint32_t slot = contents->count == 0 ? 0 : *slot_of(contents, content);

	return slot == 0 ? NULL : &contents->entries[slot - 1].id;
}

const struct hash *
contents_take(struct contents *contents, const struct record_id *id)
{
	uint32_t i, at;

	for (i = 0; i < contents->count; i++) {
		at = (contents->next + i) % contents->count;
		if (memcmp(&contents->entries[at].id, id, sizeof(*id)) == 0) {
			contents->next = (at + 1) % contents->count;
			return &contents->entries[at].content;
		}
	}
	return NULL;
}
