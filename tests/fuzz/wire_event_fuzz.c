/* The first byte chooses: 0 a leaf, otherwise the details of an event. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "wire/event.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
try_leaf(const uint8_t *data, size_t size)
{
	uint8_t again[EVENT_LEAF_BYTES];
	struct event event;

	if (size != EVENT_LEAF_BYTES || event_leaf_decode(data, &event) != ERR_NONE)
		return;
	event_leaf_encode(&event, again);
	assert(memcmp(again, data, sizeof(again)) == 0);
}

static void
try_details(const uint8_t *data, size_t size)
{
	struct event_details details;
	struct bytes again;
	enum err err;

	if (event_details_decode(bytes_view_of(data, size), &details) != ERR_NONE)
		return;
	bytes_init(&again, EVENT_DETAILS_BYTES_MAX + 64);
	err = event_details_encode(&details, &again);
	assert(err == ERR_NONE);
	/* unknown odd keys are dropped, all else comes out again */
	if (details.unknown == 0)
		assert(bytes_view_is_equal(bytes_as_view(&again), bytes_view_of(data, size)));
	bytes_release(&again);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size == 0)
		return 0;
	if (data[0] == 0)
		try_leaf(data + 1, size - 1);
	else
		try_details(data + 1, size - 1);
	return 0;
}
