/* A page of the index: whatever it holds, what could be read can be written and read again. */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "store/page.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct page_reader reader, again;
static struct page_writer writer;

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint32_t count = 0;

	if (page_open(&reader, bytes_view_of(data, size), 1) != ERR_NONE)
		return 0;
	page_clear(&writer, 1);
	while (page_next(&reader) == ERR_NONE && page_add(&writer, &reader.entry))
		count++;
	assert(page_open(&again, bytes_view_of(writer.data, writer.len), 1) == ERR_NONE);
	while (page_next(&again) == ERR_NONE)
		count--;
	assert(count == 0 && again.at == again.len);
	return 0;
}
