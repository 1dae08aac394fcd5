/* observables: what parses is canonical, is its own canonical form, and survives defanging. */
#include "wire/observable.h"

#include <assert.h>

#define ROOM (8u * OBSERVABLE_BYTES_MAX)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
expect_same(enum observable_type type, struct bytes_view text, struct bytes_view value)
{
	struct bytes again;

	bytes_init(&again, ROOM);
	assert(observable_parse(type, text, &again) == ERR_NONE);
	assert(bytes_view_is_equal(bytes_as_view(&again), value));
	bytes_release(&again);
}

static void
expect_fixed_point(const struct observable *observable)
{
	struct bytes_view host = observable_host(observable);
	uint8_t first[16], last[16];
	struct bytes defanged;

	assert(observable->value.len >= 1 && observable->value.len <= OBSERVABLE_BYTES_MAX);
	assert(observable_check(observable->type, observable->value) == ERR_NONE);
	expect_same(observable->type, observable->value, observable->value);
	bytes_init(&defanged, ROOM);
	observable_defang(observable, &defanged);
	assert(defanged.err == ERR_NONE);
	expect_same(observable->type, bytes_as_view(&defanged), observable->value);
	bytes_release(&defanged);
	if (host.len > 0)
		assert(observable_check(OBSERVABLE_DOMAIN, host) == ERR_NONE);
	assert(observable_range(observable, first, last) == (observable->type <= OBSERVABLE_CIDR));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct observable observable;
	enum observable_type guess;
	struct bytes value;
	struct bytes_view text;
	enum err err;

	if (size == 0)
		return 0;
	text = bytes_view_of(data + 1, size - 1);
	observable.type = (enum observable_type)(data[0] % OBSERVABLE_TYPE_MAX + 1);
	bytes_init(&value, ROOM);
	err = observable_parse(observable.type, text, &value);
	observable.value = bytes_as_view(&value);
	if (err == ERR_NONE)
		expect_fixed_point(&observable);
	/* check accepts nothing but what parse writes */
	if (observable_check(observable.type, text) == ERR_NONE)
		assert(err == ERR_NONE && bytes_view_is_equal(observable.value, text));
	bytes_clear(&value);
	if (observable_guess(text, &guess))
		assert(observable_parse(guess, text, &value) == ERR_NONE);
	bytes_release(&value);
	return 0;
}
