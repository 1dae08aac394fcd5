/* The privacy gate: any bytes; hits lie inside the text, and reading it twice finds the same. */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "policy/privacy.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct privacy_range range = {
	    {[10] = 0xff, 0xff, 10}, {[10] = 0xff, 0xff, 10, 255, 255, 255}};
	static const struct bytes_view domain = {(const uint8_t *)"bank.example", 12};
	static const struct privacy_own own = {1, &range, 1, &domain};
	static struct privacy_report once, again;
	uint32_t i;

	memset(&once, 0, sizeof(once));
	memset(&again, 0, sizeof(again));
	privacy_scan(bytes_view_of(data, size), PRIVACY_IN_TEXT, 0, &own, &once);
	privacy_scan(bytes_view_of(data, size), PRIVACY_IN_TEXT, 0, &own, &again);
	assert(memcmp(&once, &again, sizeof(once)) == 0);
	for (i = 0; i < once.count && i < PRIVACY_HITS_MAX; i++) {
		assert(
		    once.hits[i].offset <= size && once.hits[i].len <= size - once.hits[i].offset);
		assert(strlen(once.hits[i].excerpt) < PRIVACY_EXCERPT_BYTES);
	}
	return 0;
}
