/*
 * Card files, the packages inside them and the cards inside those: what decodes encodes to
 * the same bytes, but for a file, whose package is what must come back.  An input that is no
 * card file is taken as a package, and one that is no package as a card.
 */
#include "wire/card.h"

#include <assert.h>

#include "crypto/digest.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
try_card(struct bytes_view statement)
{
	struct bytes again;
	struct card card;

	if (card_decode(statement, &card) != ERR_NONE)
		return;
	assert(card.is_revocation || card_is_valid_at(&card, card.issued_ms));
	if (card.unknown > 0)
		return;
	bytes_init(&again, CARD_BYTES_MAX);
	assert(card_encode(&card, &again) == ERR_NONE);
	assert(bytes_view_is_equal(bytes_as_view(&again), statement));
	bytes_release(&again);
}

static void
try_package(struct bytes_view in)
{
	static struct card_package package;
	struct bytes again;
	struct card card;

	if (card_package_decode(in, &package) != ERR_NONE) {
		try_card(in);
		return;
	}
	try_card(package.card.statement);
	/* the fuzzer forges no signature, but all of the checks before them run */
	if (card_package_verify(&package, &card) == ERR_NONE)
		assert(card.serial >= 1);
	if (package.unknown > 0)
		return;
	bytes_init(&again, CARD_PACKAGE_BYTES_MAX);
	assert(card_package_encode(&package, &again) == ERR_NONE);
	assert(bytes_view_is_equal(bytes_as_view(&again), in));
	bytes_release(&again);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static int is_started;
	struct bytes package, file, again;

	if (!is_started) {
		assert(digest_start() == ERR_NONE);
		is_started = 1;
	}
	bytes_init(&package, CARD_FILE_BYTES_MAX);
	if (card_file_decode(bytes_view_of(data, size), &package) != ERR_NONE) {
		try_package(bytes_view_of(data, size));
	} else {
		bytes_init(&file, CARD_FILE_BYTES_MAX);
		bytes_init(&again, CARD_FILE_BYTES_MAX);
		assert(card_file_encode(bytes_as_view(&package), &file) == ERR_NONE);
		assert(card_file_decode(bytes_as_view(&file), &again) == ERR_NONE);
		assert(bytes_view_is_equal(bytes_as_view(&again), bytes_as_view(&package)));
		bytes_release(&file);
		bytes_release(&again);
		try_package(bytes_as_view(&package));
	}
	bytes_release(&package);
	return 0;
}
