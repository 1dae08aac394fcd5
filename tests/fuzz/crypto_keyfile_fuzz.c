/* key files: what decodes encodes to the same bytes, borrows from nowhere else, and asks for no
   more than we allow. */
#include "crypto/keyfile.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bytes_view in = bytes_view_of(data, size);
	struct keyfile file;
	struct bytes again;

	if (keyfile_decode(in, &file) != ERR_NONE)
		return 0;
	assert(size < KEYFILE_BYTES_MAX);
	assert(file.secret.data == data + file.associated);
	assert(file.associated + file.secret.len == size);
	assert(file.operations <= KEYFILE_OPERATIONS_MAX && file.memory <= KEYFILE_MEMORY_MAX);
	assert(file.is_locked == (file.operations > 0 && file.memory > 0));
	bytes_init(&again, KEYFILE_BYTES_MAX);
	assert(keyfile_encode(&file, &again) == ERR_NONE);
	assert(bytes_view_is_equal(bytes_as_view(&again), in));
	bytes_release(&again);
	return 0;
}
