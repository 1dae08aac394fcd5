/*
 * Text to a predicate.  What is accepted is written out, and read back as the same text; what
 * is refused gives a message in valid UTF-8.
 */
#include <assert.h>
#include <string.h>

#include "policy/parse.h"
#include "wire/predicate_text.h"
#include "wire/reader.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_message(const struct parse_error *error)
{
	struct bytes out;

	assert(error->err != ERR_NONE);
	assert(error->line >= 1 && error->column >= 1 && error->width >= 1);
	assert(error->caret <= strlen(error->source));
	bytes_init(&out, 8000);
	parse_error_write(error, "fuzz", &out);
	assert(out.err == ERR_NONE);
	assert(reader_is_text(bytes_as_view(&out), READER_PROSE));
	bytes_release(&out);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct predicate predicate, again;
	struct parse_error error;
	struct bytes first, second;

	if (parse_predicate(bytes_view_of(data, size), &predicate, &error) != ERR_NONE) {
		check_message(&error);
		return 0;
	}
	bytes_init(&first, 200000);
	bytes_init(&second, 200000);
	predicate_text_write(&predicate, &first);
	assert(first.err == ERR_NONE);
	if (first.len <= PARSE_BYTES_MAX) {
		assert(parse_predicate(bytes_as_view(&first), &again, &error) == ERR_NONE);
		predicate_text_write(&again, &second);
		assert(bytes_view_is_equal(bytes_as_view(&first), bytes_as_view(&second)));
	}
	bytes_release(&first);
	bytes_release(&second);
	return 0;
}
