/*
 * page: entries in ascending order, as differences, in one row of a run.
 *
 *     entry = varint key - key before (of a page's first entry: key),
 *             varint number - number before where the key is the same, number - base otherwise
 *
 * A varint is seven bits a byte, lowest first, the highest bit set but for the last.  An entry is a
 * key and the number that it leads to; by key, then by number.  base: below every number of the run.
 */
#ifndef MALLA_STORE_PAGE_H
#define MALLA_STORE_PAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"

/* fits one page of SQLite with its row's header */
#define PAGE_BYTES 4040u

struct page_entry {
	uint64_t key;
	int64_t number;
};

struct page_writer {
	int64_t base;
	size_t len;
	uint32_t count;
	struct page_entry last;
	uint8_t data[PAGE_BYTES];
};

struct page_reader {
	int64_t base;
	size_t at;
	size_t len;
	bool is_started;
	struct page_entry entry;
	uint8_t data[PAGE_BYTES];
};

void page_clear(struct page_writer *writer, int64_t base);
/* Not below the entry before.  False: it is full; nothing was added. */
bool page_add(struct page_writer *writer, const struct page_entry *entry);

/* ERR_CORRUPT: longer than a page can be. */
MUST_CHECK enum err page_open(struct page_reader *reader, struct bytes_view data, int64_t base);
/* reader->entry is the next.  ERR_NOT_FOUND: the end.  ERR_CORRUPT: not what page_add writes. */
MUST_CHECK enum err page_next(struct page_reader *reader);

#endif
