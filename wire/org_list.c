#include "wire/org_list.h"

#include <assert.h>
#include <string.h>

struct org_list
org_list_of(const struct org_id *orgs, uint32_t count)
{
	return (struct org_list){count, sizeof(*orgs), orgs == NULL ? NULL : orgs->bytes};
}

struct org_id
org_list_at(const struct org_list *list, uint32_t index)
{
	struct org_id org;

	assert(index < list->count);
	memcpy(org.bytes, list->first + (size_t)index * list->stride, sizeof(org.bytes));
	return org;
}

bool
org_list_has(const struct org_list *list, const struct org_id *org)
{
	uint32_t low = 0, high = list->count;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		int order = memcmp(
		    list->first + (size_t)middle * list->stride, org->bytes, sizeof(org->bytes));

		if (order == 0)
			return true;
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return false;
}

/* An id always takes as many bytes, so that the first and the distance tell of all. */
void
org_list_read(struct reader *reader, uint32_t count_max, struct org_list *out)
{
	uint32_t count = reader_array(reader, 1, count_max), i;
	const uint8_t *last = NULL;

	*out = (struct org_list){0};
	for (i = 0; i < count && reader_is_ok(reader); i++) {
		const uint8_t *start = reader->at;
		struct bytes_view id =
		    reader_bin(reader, sizeof(struct org_id), sizeof(struct org_id));

		if (!reader_is_ok(reader))
			return;
		if (last != NULL && memcmp(last, id.data, id.len) >= 0)
			reader_fail_at(reader, start, ERR_ORDER);
		if (i == 0)
			out->first = id.data;
		else if (i == 1)
			out->stride = (uint32_t)(id.data - last);
		last = id.data;
	}
	out->count = count;
}

void
org_list_write(struct writer *writer, const struct org_list *list)
{
	uint32_t i;

	writer_array(writer, list->count);
	for (i = 0; i < list->count; i++)
		writer_bin(writer, list->first + (size_t)i * list->stride, sizeof(struct org_id));
}
