#include "base/hex.h"

#include <string.h>

void
hex_encode(const uint8_t *data, size_t len, char *text)
{
	static const char digits[] = "0123456789abcdef";
	size_t i;

	for (i = 0; i < len; i++) {
		text[2 * i] = digits[data[i] >> 4];
		text[2 * i + 1] = digits[data[i] & 15];
	}
	text[2 * len] = '\0';
}

static int
digit_value(char digit)
{
	if (digit >= '0' && digit <= '9')
		return digit - '0';
	if (digit >= 'a' && digit <= 'f')
		return digit - 'a' + 10;
	if (digit >= 'A' && digit <= 'F')
		return digit - 'A' + 10;
	return -1;
}

enum err
hex_decode(const char *text, uint8_t *data, size_t len)
{
	size_t i;

	if (strlen(text) != 2 * len)
		return ERR_VALUE;
	for (i = 0; i < len; i++) {
		int high = digit_value(text[2 * i]);
		int low = digit_value(text[2 * i + 1]);

		if (high < 0 || low < 0)
			return ERR_VALUE;
		data[i] = (uint8_t)(high << 4 | low);
	}
	return ERR_NONE;
}
