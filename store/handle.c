#include "store/handle.h"

#include <assert.h>
#include <stdio.h>

void
handle_assert_open(const struct store *store)
{
	assert(store->health.is_transaction);
}

enum err
handle_keep_room(struct store *store, enum handle_kept which, size_t len)
{
	struct bytes *kept = &store->kept[which];

	bytes_clear(kept);
	if (len > 0 && bytes_extend(kept, len) == NULL)
		return kept->err;
	bytes_clear(kept); /* the room stays */
	return ERR_NONE;
}

struct bytes_view
handle_keep(struct store *store, enum handle_kept which, struct bytes_view view)
{
	struct bytes *kept = &store->kept[which];
	size_t at = kept->len;

	if (view.len == 0)
		return (struct bytes_view){0};
	assert(view.len <= kept->cap - at);
	bytes_append(kept, view.data, view.len);
	return bytes_view_of(kept->data + at, view.len);
}

void
handle_complain(struct store *store, const char *text)
{
	(void)snprintf(store->health.message, sizeof(store->health.message), "%s", text);
}
