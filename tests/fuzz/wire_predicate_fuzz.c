/*
 * Bytes to a predicate and back: the same bytes, and a tree that can be walked and written.
 */
#include <assert.h>

#include "wire/predicate.h"
#include "wire/predicate_text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct predicate predicate;
	struct bytes out;

	if (predicate_decode(bytes_view_of(data, size), &predicate) != ERR_NONE)
		return 0;
	assert(predicate_is_resolved(&predicate));
	bytes_init(&out, 200000);
	assert(predicate_encode(&predicate, &out) == ERR_NONE);
	assert(bytes_view_is_equal(bytes_as_view(&out), bytes_view_of(data, size)));
	bytes_clear(&out);
	predicate_text_write(&predicate, &out);
	assert(out.err == ERR_NONE);
	bytes_release(&out);
	return 0;
}
