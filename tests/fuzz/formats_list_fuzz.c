/* Lists: whatever the file, its drafts are good and every line is counted once.  The first byte
   is the type. */
#include "formats/list.h"

#include "tests/fuzz/formats_sink.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	enum observable_type type =
	    size > 0 ? (enum observable_type)(data[0] % (OBSERVABLE_TYPE_MAX + 1)) : 0;
	struct sink *sink = sink_start(true);
	uint64_t lines = 0;
	FILE *file;
	size_t i;

	data += size > 0;
	size -= size > 0;
	for (i = 0; i < size; i++)
		lines += data[i] == '\n';
	lines += size > 0 && data[size - 1] != '\n';
	file = sink_file(data, size);
	assert(list_read(file, type, &sink->drafts) == ERR_NONE);
	(void)fclose(file);
	assert(sink->count + sink->drafts.refused + sink->drafts.left_out == lines);
	sink_check(sink);
	return 0;
}
