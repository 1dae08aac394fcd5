/*
 * bytes: a borrowed view, and an owned buffer with a cap.
 */
#ifndef MALLA_BASE_BYTES_H
#define MALLA_BASE_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/err.h"

/* Borrowed bytes: valid as long as whoever owns them says. */
struct bytes_view {
	const uint8_t *data;
	size_t len;
};

/* Owned bytes that grow up to `cap_max`; the first failure sticks in `err`. */
struct bytes {
	uint8_t *data;
	size_t len;
	size_t cap;
	size_t cap_max;
	enum err err;
};

/* The functions whose bodies stand here are called dozens of times a record. */
static inline struct bytes_view
bytes_view_of(const void *data, size_t len)
{
	return (struct bytes_view){(const uint8_t *)data, len};
}

/* The characters of a C string, without its end. */
struct bytes_view bytes_view_str(const char *text);
bool bytes_view_is_equal(struct bytes_view a, struct bytes_view b);
/* <0, 0, >0 like memcmp; a prefix sorts first. */
int bytes_view_compare(struct bytes_view a, struct bytes_view b);

/* An empty buffer that refuses to grow beyond cap_max bytes; allocates nothing yet. */
void bytes_init(struct bytes *bytes, size_t cap_max);
void bytes_release(struct bytes *bytes);
/* Forget the content and the failure, keep the memory. */
void bytes_clear(struct bytes *bytes);
/* Room for len more bytes at the end, counted as content; NULL on failure. */
uint8_t *bytes_extend(struct bytes *bytes, size_t len);

static inline void
bytes_append(struct bytes *bytes, const void *data, size_t len)
{
	uint8_t *at = len > 0 ? bytes_extend(bytes, len) : NULL;

	if (at != NULL)
		memcpy(at, data, len);
}

static inline void
bytes_append_u8(struct bytes *bytes, uint8_t value)
{
	uint8_t *at;

	if (bytes->len < bytes->cap && bytes->err == ERR_NONE)
		bytes->data[bytes->len++] = value;
	else if ((at = bytes_extend(bytes, 1)) != NULL)
		*at = value;
}

/* Big-endian, as everywhere in Malla. */
void bytes_append_u16(struct bytes *bytes, uint16_t value);
void bytes_append_u32(struct bytes *bytes, uint32_t value);
void bytes_append_u64(struct bytes *bytes, uint64_t value);

static inline struct bytes_view
bytes_as_view(const struct bytes *bytes)
{
	return (struct bytes_view){bytes->data, bytes->len};
}

uint16_t bytes_get_u16(const uint8_t *at);
uint32_t bytes_get_u32(const uint8_t *at);
uint64_t bytes_get_u64(const uint8_t *at);
void bytes_put_u16(uint8_t *at, uint16_t value);
void bytes_put_u32(uint8_t *at, uint32_t value);
void bytes_put_u64(uint8_t *at, uint64_t value);

#endif
