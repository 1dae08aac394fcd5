/* Tables: whatever the file, its drafts are good. */
#include "formats/csv.h"

#include "tests/fuzz/formats_sink.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sink *sink = sink_start(size % 2 == 0);
	FILE *file = sink_file(data, size);
	enum err err = csv_read(file, 0, &sink->drafts);

	assert(err == ERR_NONE || (err == ERR_FORMAT && sink->drafts.refused > 0));
	(void)fclose(file);
	sink_check(sink);
	return 0;
}
