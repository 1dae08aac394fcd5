/*
 * page: entries in ascending order, each without what it has in common with the one before.
 *
 *     entry = varint shared, varint rest, rest bytes, varint record
 *
 * A varint is seven bits a byte, lowest first, the highest bit set but for the last.
 * An entry is a key and the number of a record; by key, then by record.
 */
#ifndef MALLA_STORE_PAGE_H
#define MALLA_STORE_PAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "store/keys.h"

/* fits one page of SQLite with its row's header; a longer entry has a page to itself */
#define PAGE_BYTES 4040u
#define PAGE_BYTES_MAX (KEYS_BYTES_MAX + 32u)

struct page_writer {
	size_t len;
	size_t key_len;
	uint32_t count;
	uint8_t data[PAGE_BYTES_MAX];
	uint8_t key[KEYS_BYTES_MAX]; /* the last one's */
};

struct page_reader {
	size_t at;
	size_t len;
	size_t key_len;
	size_t shared; /* bytes that the key has in common with the one before */
	int64_t record;
	uint8_t data[PAGE_BYTES_MAX];
	uint8_t key[KEYS_BYTES_MAX];
};

/* <0, 0, >0: by key, then by record. */
int page_compare(struct bytes_view a, int64_t a_record, struct bytes_view b, int64_t b_record);

void page_clear(struct page_writer *writer);
/* False: it is full, and holds something; nothing was added. */
bool page_add(struct page_writer *writer, struct bytes_view key, int64_t record);

/* ERR_CORRUPT: longer than a page can be. */
MUST_CHECK enum err page_open(struct page_reader *reader, struct bytes_view data);
/* ERR_NOT_FOUND: the end.  ERR_CORRUPT: not what page_add writes. */
MUST_CHECK enum err page_next(struct page_reader *reader);

#endif
