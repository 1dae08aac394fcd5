#include "wire/schema.h"

#include <assert.h>
#include <string.h>

#include "base/limits.h"
#include "wire/reader.h"
#include "wire/writer.h"

static void
read_field(struct reader *reader, const struct schema_field *field, uint8_t *base)
{
	void *at = base + field->offset;
	struct schema_list list = {0};
	struct bytes_view view, item;
	uint64_t value;
	bool flag;
	uint32_t i;

	switch (field->type) {
	case SCHEMA_UINT:
		value = reader_uint(reader, field->min, field->max);
		memcpy(at, &value, sizeof(value));
		return;
	case SCHEMA_BOOL:
		flag = reader_bool(reader);
		memcpy(at, &flag, sizeof(flag));
		return;
	case SCHEMA_LINE:
	case SCHEMA_PROSE:
		view = reader_str(reader, (size_t)field->min, (size_t)field->max,
		    field->type == SCHEMA_LINE ? READER_LINE : READER_PROSE);
		memcpy(at, &view, sizeof(view));
		return;
	case SCHEMA_BIN:
		view = reader_bin(reader, (size_t)field->min, (size_t)field->max);
		memcpy(at, &view, sizeof(view));
		return;
	case SCHEMA_FIXED:
		reader_fixed(reader, at, (size_t)field->max);
		return;
	case SCHEMA_LIST:
		list.count = reader_array(reader, 0, (uint32_t)field->max);
		for (i = 0; i < list.count; i++) {
			item = reader_raw(reader);
			if (!reader_is_ok(reader))
				return;
			if (i == 0)
				list.items.data = item.data;
			list.items.len += item.len;
		}
		memcpy(at, &list, sizeof(list));
		return;
	}
}

/* Zero, false or empty: such a field is left out unless it is required. */
static bool
is_absent(const struct schema_field *field, const uint8_t *base)
{
	const uint8_t *at = base + field->offset;
	struct bytes_view view;
	struct schema_list list;
	uint64_t value;
	size_t i;
	bool flag;

	switch (field->type) {
	case SCHEMA_UINT:
		memcpy(&value, at, sizeof(value));
		return value == 0;
	case SCHEMA_BOOL:
		memcpy(&flag, at, sizeof(flag));
		return !flag;
	case SCHEMA_LINE:
	case SCHEMA_PROSE:
	case SCHEMA_BIN:
		memcpy(&view, at, sizeof(view));
		return view.len == 0;
	case SCHEMA_FIXED:
		for (i = 0; i < field->max; i++) {
			if (at[i] != 0)
				return false;
		}
		return true;
	case SCHEMA_LIST:
		memcpy(&list, at, sizeof(list));
		return list.count == 0;
	}
	return true;
}

/* The field with this key, or NULL; *index is its place in the table. */
static const struct schema_field *
find_field(const struct schema *schema, uint64_t key, uint32_t *index)
{
	for (*index = 0; *index < schema->count; (*index)++) {
		if (schema->fields[*index].key == key)
			return &schema->fields[*index];
	}
	return NULL;
}

enum err
schema_decode(const struct schema *schema, struct bytes_view in, void *out)
{
	union {
		uint8_t bytes[1024];
		uint64_t alignment;
	} scratch;
	const struct schema_field *field;
	struct reader_map map;
	struct reader reader;
	uint64_t seen = 0, key;
	enum err err;
	uint32_t i;

	assert(schema->size <= sizeof(scratch.bytes) && schema->count <= 64);
	memset(scratch.bytes, 0, schema->size);
	reader_open(&reader, in);
	reader_map(&reader, &map, schema->count + UNKNOWN_KEYS_MAX);
	while (reader_key(&reader, &map, &key)) {
		field = find_field(schema, key, &i);
		if (field == NULL) {
			reader_unknown(&reader, key);
			continue;
		}
		read_field(&reader, field, scratch.bytes);
		if (reader_is_ok(&reader) && !field->is_required && is_absent(field, scratch.bytes))
			reader_fail(&reader, ERR_NOT_CANONICAL);
		seen |= 1ull << i;
	}
	for (i = 0; i < schema->count; i++) {
		if (schema->fields[i].is_required && (seen & 1ull << i) == 0)
			reader_fail(&reader, ERR_MISSING);
	}
	err = reader_close(&reader);
	if (err == ERR_NONE)
		memcpy(out, scratch.bytes, schema->size);
	return err;
}

static void
write_field(struct writer *writer, const struct schema_field *field, const uint8_t *base)
{
	const uint8_t *at = base + field->offset;
	struct bytes_view view;
	struct schema_list list;
	uint64_t value;
	bool flag;

	switch (field->type) {
	case SCHEMA_UINT:
		memcpy(&value, at, sizeof(value));
		writer_uint(writer, value);
		return;
	case SCHEMA_BOOL:
		memcpy(&flag, at, sizeof(flag));
		writer_bool(writer, flag);
		return;
	case SCHEMA_LINE:
	case SCHEMA_PROSE:
		memcpy(&view, at, sizeof(view));
		writer_str(writer, view);
		return;
	case SCHEMA_BIN:
		memcpy(&view, at, sizeof(view));
		writer_bin(writer, view.data, view.len);
		return;
	case SCHEMA_FIXED:
		writer_bin(writer, at, (size_t)field->max);
		return;
	case SCHEMA_LIST:
		memcpy(&list, at, sizeof(list));
		writer_array(writer, list.count);
		if (list.count > 0)
			writer_raw(writer, list.items);
		return;
	}
}

enum err
schema_encode(const struct schema *schema, const void *in, struct bytes *out)
{
	struct writer writer;
	uint32_t i, present = 0;

	for (i = 0; i < schema->count; i++)
		present += schema->fields[i].is_required || !is_absent(&schema->fields[i], in);
	writer_open(&writer, out);
	writer_map(&writer, present);
	for (i = 0; i < schema->count; i++) {
		if (!schema->fields[i].is_required && is_absent(&schema->fields[i], in))
			continue;
		writer_uint(&writer, schema->fields[i].key);
		write_field(&writer, &schema->fields[i], in);
	}
	return writer_close(&writer);
}

enum err
schema_list_add(
    struct schema_list *list, struct bytes *items, const struct schema *schema, const void *element)
{
	enum err err = schema_encode(schema, element, items);

	if (err == ERR_NONE) {
		list->count++;
		list->items = bytes_as_view(items);
	}
	return err;
}

enum err
schema_list_add_bin(struct schema_list *list, struct bytes *items, struct bytes_view bin)
{
	struct writer writer;
	enum err err;

	writer_open(&writer, items);
	writer_bin(&writer, bin.data, bin.len);
	err = writer_close(&writer);
	if (err == ERR_NONE) {
		list->count++;
		list->items = bytes_as_view(items);
	}
	return err;
}

/* One value off the front of the list. */
static enum err
take_item(struct schema_list *list, struct bytes_view *item)
{
	struct reader reader;

	if (list->count == 0)
		return ERR_NOT_FOUND;
	reader_open(&reader, list->items);
	*item = reader_raw(&reader);
	if (!reader_is_ok(&reader))
		return reader.err;
	list->count--;
	list->items.data += item->len;
	list->items.len -= item->len;
	return ERR_NONE;
}

enum err
schema_list_next(struct schema_list *list, const struct schema *schema, void *out)
{
	struct bytes_view item;
	enum err err = take_item(list, &item);

	return err == ERR_NONE ? schema_decode(schema, item, out) : err;
}

enum err
schema_list_next_bin(struct schema_list *list, struct bytes_view *bin)
{
	struct bytes_view item;
	struct reader reader;
	enum err err = take_item(list, &item);

	if (err != ERR_NONE)
		return err;
	reader_open(&reader, item);
	*bin = reader_bin(&reader, 0, item.len);
	return reader_close(&reader);
}
