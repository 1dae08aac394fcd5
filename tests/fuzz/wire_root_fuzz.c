/* root documents: what decodes encodes to the same bytes. */
#include "wire/root.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bytes_view in = bytes_view_of(data, size);
	struct bytes again;
	struct root root;

	if (root_decode(in, &root) != ERR_NONE || root.unknown > 0)
		return 0;
	bytes_init(&again, ROOT_BYTES_MAX);
	assert(root_encode(&root, &again) == ERR_NONE);
	assert(bytes_view_is_equal(bytes_as_view(&again), in));
	bytes_release(&again);
	return 0;
}
