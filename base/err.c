#include "base/err.h"

#include <assert.h>
#include <stddef.h>

static const struct {
	const char *name; /* the symbol */
	const char *text;
	int exit_code;
} errors[ERR_COUNT] = {
#define ERR_ROW(symbol, code, words) [symbol] = {#symbol, words, code},
    ERR_TABLE(ERR_ROW)
#undef ERR_ROW
};

const char *
err_name(enum err err)
{
	/* "ERR_NOT_FOUND" is shown as "not-found"; the table is small, so convert once */
	static char names[ERR_COUNT][32];
	const char *symbol;
	size_t i;

	assert(err < ERR_COUNT);
	symbol = errors[err].name + 4;
	if (names[err][0] == '\0') {
		for (i = 0; i < sizeof(names[err]) - 1 && symbol[i] != '\0'; i++)
			names[err][i] = symbol[i] == '_' ? '-' : (char)(symbol[i] | 0x20);
	}
	return names[err];
}

const char *
err_text(enum err err)
{
	assert(err < ERR_COUNT);
	return errors[err].text;
}

int
err_exit_code(enum err err)
{
	assert(err < ERR_COUNT);
	return errors[err].exit_code;
}
