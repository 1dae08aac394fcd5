#include "store/builder.h"

#include <string.h>

enum err
builder_open(struct builder *builder, struct runs *runs, uint32_t level, uint64_t hashes)
{
	builder->runs = runs;
	builder->run = NULL;
	builder->part = 0;
	builder->has_last = false;
	builder->last_len = 0;
	builder->before_len = 0;
	page_clear(&builder->page);
	return runs_start(runs, level, hashes, &builder->run);
}

uint32_t
builder_hashes(struct bytes_view key)
{
	size_t cuts[KEYS_CUTS_MAX];

	return keys_cuts(key, cuts);
}

/* What the key before had in common was put into the filter with it. */
static void
add_to_filter(struct builder *builder, struct bytes_view key)
{
	size_t cuts[KEYS_CUTS_MAX], shared = 0;
	size_t least = key.len < builder->last_len ? key.len : builder->last_len;
	uint32_t count, i;

	while (shared < least && key.data[shared] == builder->last[shared])
		shared++;
	if (builder->has_last && shared == key.len && shared == builder->last_len)
		return;
	count = keys_cuts(key, cuts);
	for (i = 0; i < count; i++) {
		if (cuts[i] > shared || !builder->has_last)
			filter_add(&builder->run->filter,
			    filter_hash(builder->runs->seed, bytes_view_of(key.data, cuts[i])));
	}
	memcpy(builder->last + shared, key.data + shared, key.len - shared);
	builder->last_len = key.len;
	builder->has_last = true;
}

enum err
builder_seal_page(struct builder *builder)
{
	enum err err;

	if (builder->page.count == 0)
		return ERR_NONE;
	err = runs_put_page(builder->runs, builder->run,
	    bytes_view_of(builder->page.data, builder->page.len),
	    bytes_view_of(builder->first, builder->first_len),
	    bytes_view_of(builder->before, builder->before_len));
	memcpy(builder->before, builder->page.key, builder->page.key_len);
	builder->before_len = builder->page.key_len;
	page_clear(&builder->page);
	return err;
}

enum err
builder_add(struct builder *builder, struct bytes_view key, int64_t record)
{
	enum err err;

	if (!page_add(&builder->page, key, record)) {
		err = builder_seal_page(builder);
		if (err != ERR_NONE)
			return err;
		(void)page_add(&builder->page, key, record); /* an empty page takes any entry */
	}
	if (builder->page.count == 1) {
		memcpy(builder->first, key.data, key.len);
		builder->first_len = key.len;
	}
	add_to_filter(builder, key);
	builder->run->entries++;
	return ERR_NONE;
}

enum err
builder_finish(struct builder *builder, uint32_t parts, bool *is_done)
{
	enum err err = builder_seal_page(builder);

	*is_done = false;
	for (; err == ERR_NONE && parts > 0; parts--)
		err = runs_put_part(builder->runs, builder->run, builder->part++);
	if (err != ERR_NOT_FOUND)
		return err;
	*is_done = true;
	return runs_finish(builder->runs, builder->run);
}
