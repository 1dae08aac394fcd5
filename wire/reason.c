#include "wire/reason.h"

#include <stddef.h>
#include <string.h>

static const struct row {
	enum reason reason;
	const char *name;
	const char *text;
	int exit_code;
} rows[] = {
#define REASON_ROW(symbol, code, exit, words) {symbol, #symbol, words, exit},
    REASON_TABLE(REASON_ROW)
#undef REASON_ROW
};
#define ROWS (sizeof(rows) / sizeof(*rows))

static const struct row *
find(uint64_t code)
{
	size_t i;

	for (i = 0; i < ROWS; i++) {
		if ((uint64_t)rows[i].reason == code)
			return &rows[i];
	}
	return NULL;
}

bool
reason_is_known(uint64_t code)
{
	return find(code) != NULL;
}

const char *
reason_name(enum reason reason)
{
	/* "REASON_NOT_CANONICAL" is shown as "not-canonical"; converted once per row */
	static char names[ROWS][32];
	const struct row *row = find(reason);
	const char *symbol;
	char *name;
	size_t i;

	if (row == NULL)
		return "?";
	name = names[row - rows];
	symbol = row->name + strlen("REASON_");
	for (i = 0; name[0] == '\0' || i > 0; i++) {
		if (symbol[i] == '\0' || i == sizeof(names[0]) - 1)
			break;
		name[i] = symbol[i] == '_' ? '-' : (char)(symbol[i] | 0x20);
	}
	return name;
}

const char *
reason_text(enum reason reason)
{
	const struct row *row = find(reason);

	return row != NULL ? row->text : "?";
}

int
reason_exit_code(enum reason reason)
{
	const struct row *row = find(reason);

	return row != NULL ? row->exit_code : 6;
}

bool
reason_is_good(enum reason reason)
{
	return reason == REASON_STORED || reason == REASON_DUPLICATE;
}

enum reason
reason_of_err(enum err err)
{
	switch (err) {
	case ERR_NONE:
		return REASON_STORED;
	case ERR_TRUNCATED:
		return REASON_TRUNCATED;
	case ERR_TRAILING:
	case ERR_NOT_CANONICAL:
	case ERR_ORDER:
		return REASON_NOT_CANONICAL;
	case ERR_TOO_LARGE:
		return REASON_OVERSIZED;
	case ERR_TOO_DEEP:
		return REASON_TOO_DEEP;
	case ERR_UNKNOWN_CRITICAL:
		return REASON_UNKNOWN_CRITICAL;
	case ERR_FORMAT:
		return REASON_UNKNOWN_VERSION;
	case ERR_KEY:
		return REASON_UNKNOWN_SUITE;
	case ERR_SIGNATURE:
		return REASON_BAD_SIGNATURE;
	case ERR_DECRYPT:
		return REASON_CANNOT_OPEN;
	case ERR_PROOF:
		return REASON_BAD_PROOF;
	case ERR_CHECK_DIGIT:
		return REASON_BAD_OBSERVABLE;
	case ERR_TYPE:
	case ERR_RANGE:
	case ERR_UTF8:
	case ERR_MISSING:
	case ERR_VALUE:
	case ERR_INVALID:
		return REASON_BAD_FIELD;
	case ERR_NOT_FOUND:
		return REASON_NOT_FOUND;
	case ERR_REFUSED:
	case ERR_NO:
		return REASON_POLICY;
	case ERR_USAGE:
		return REASON_BAD_REQUEST;
	case ERR_UNREACHABLE:
		return REASON_BUSY;
	case ERR_LOCKED:
		return REASON_LOCKED;
	case ERR_STORAGE:
	case ERR_FULL:
	case ERR_MEMORY:
	case ERR_SYSTEM:
	case ERR_CORRUPT:
	case ERR_COUNT:
		return REASON_STORAGE;
	}
	return REASON_STORAGE;
}
