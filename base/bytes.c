#include "base/bytes.h"

#include <stdlib.h>
#include <string.h>

struct bytes_view
bytes_view_str(const char *text)
{
	return (struct bytes_view){(const uint8_t *)text, strlen(text)};
}

int
bytes_view_compare(struct bytes_view a, struct bytes_view b)
{
	size_t common = a.len < b.len ? a.len : b.len;
	int order = common == 0 ? 0 : memcmp(a.data, b.data, common);

	if (order != 0)
		return order;
	return (a.len > b.len) - (a.len < b.len);
}

bool
bytes_view_is_equal(struct bytes_view a, struct bytes_view b)
{
	return a.len == b.len && bytes_view_compare(a, b) == 0;
}

void
bytes_init(struct bytes *bytes, size_t cap_max)
{
	*bytes = (struct bytes){.cap_max = cap_max};
}

void
bytes_release(struct bytes *bytes)
{
	free(bytes->data);
	bytes_init(bytes, bytes->cap_max);
}

void
bytes_clear(struct bytes *bytes)
{
	bytes->len = 0;
	bytes->err = ERR_NONE;
}

/* Twice the last capacity, or what is needed now, but never more than the cap. */
static size_t
next_capacity(const struct bytes *bytes, size_t needed)
{
	size_t cap = bytes->cap == 0 ? 256 : bytes->cap;

	while (cap < needed && cap < bytes->cap_max)
		cap = cap > bytes->cap_max / 2 ? bytes->cap_max : cap * 2;
	return cap > bytes->cap_max ? bytes->cap_max : cap;
}

static bool
make_room(struct bytes *bytes, size_t len)
{
	uint8_t *data;
	size_t cap;

	if (bytes->err != ERR_NONE)
		return false;
	if (len > bytes->cap_max - bytes->len) {
		bytes->err = ERR_TOO_LARGE;
		return false;
	}
	if (bytes->data != NULL && bytes->len + len <= bytes->cap)
		return true;
	cap = next_capacity(bytes, bytes->len + len);
	data = realloc(bytes->data, cap > 0 ? cap : 1); /* of nothing it might give nothing */
	if (data == NULL) {
		bytes->err = ERR_MEMORY;
		return false;
	}
	bytes->data = data;
	bytes->cap = cap;
	return true;
}

uint8_t *
bytes_extend(struct bytes *bytes, size_t len)
{
	uint8_t *at;

	if (!make_room(bytes, len))
		return NULL;
	at = bytes->data + bytes->len;
	bytes->len += len;
	return at;
}

void
bytes_append_u16(struct bytes *bytes, uint16_t value)
{
	uint8_t raw[2];

	bytes_put_u16(raw, value);
	bytes_append(bytes, raw, sizeof(raw));
}

void
bytes_append_u32(struct bytes *bytes, uint32_t value)
{
	uint8_t raw[4];

	bytes_put_u32(raw, value);
	bytes_append(bytes, raw, sizeof(raw));
}

void
bytes_append_u64(struct bytes *bytes, uint64_t value)
{
	uint8_t raw[8];

	bytes_put_u64(raw, value);
	bytes_append(bytes, raw, sizeof(raw));
}

uint16_t
bytes_get_u16(const uint8_t *at)
{
	return (uint16_t)(at[0] << 8 | at[1]);
}

uint32_t
bytes_get_u32(const uint8_t *at)
{
	return (uint32_t)bytes_get_u16(at) << 16 | bytes_get_u16(at + 2);
}

uint64_t
bytes_get_u64(const uint8_t *at)
{
	return (uint64_t)bytes_get_u32(at) << 32 | bytes_get_u32(at + 4);
}

void
bytes_put_u16(uint8_t *at, uint16_t value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
}

void
bytes_put_u32(uint8_t *at, uint32_t value)
{
	bytes_put_u16(at, (uint16_t)(value >> 16));
	bytes_put_u16(at + 2, (uint16_t)value);
}

void
bytes_put_u64(uint8_t *at, uint64_t value)
{
	bytes_put_u32(at, (uint32_t)(value >> 32));
	bytes_put_u32(at + 4, (uint32_t)value);
}
