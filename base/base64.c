#include "base/base64.h"

static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

enum err
base64_encode(struct bytes_view in, struct bytes *out)
{
	size_t i;

	for (i = 0; i < in.len; i += 3) {
		size_t left = in.len - i;
		uint32_t group = (uint32_t)in.data[i] << 16;

		if (left > 1)
			group |= (uint32_t)in.data[i + 1] << 8;
		if (left > 2)
			group |= in.data[i + 2];
		bytes_append_u8(out, (uint8_t)letters[group >> 18]);
		bytes_append_u8(out, (uint8_t)letters[group >> 12 & 63]);
		bytes_append_u8(out, left > 1 ? (uint8_t)letters[group >> 6 & 63] : '=');
		bytes_append_u8(out, left > 2 ? (uint8_t)letters[group & 63] : '=');
	}
	return out->err;
}

static int
letter_value(uint8_t letter)
{
	if (letter >= 'A' && letter <= 'Z')
		return letter - 'A';
	if (letter >= 'a' && letter <= 'z')
		return letter - 'a' + 26;
	if (letter >= '0' && letter <= '9')
		return letter - '0' + 52;
	if (letter == '+')
		return 62;
	if (letter == '/')
		return 63;
	return -1;
}

/* Four letters, the last `padding` of which are '='; false if they are no such group. */
static bool
group_decode(const uint8_t *at, unsigned padding, uint8_t raw[3])
{
	uint32_t group = 0;
	unsigned i;

	for (i = 0; i < 4; i++) {
		int value = i < 4 - padding ? letter_value(at[i]) : 0;

		if (value < 0)
			return false;
		group = group << 6 | (uint32_t)value;
	}
	raw[0] = (uint8_t)(group >> 16);
	raw[1] = (uint8_t)(group >> 8);
	raw[2] = (uint8_t)group;
	/* bits that belong to no byte must be zero, or two texts would mean the same */
	return (padding < 1 || raw[2] == 0) && (padding < 2 || raw[1] == 0);
}

enum err
base64_decode(struct bytes_view text, struct bytes *out)
{
	size_t before = out->len;
	size_t i;

	if (text.len % 4 != 0)
		return ERR_VALUE;
	for (i = 0; i < text.len; i += 4) {
		const uint8_t *at = text.data + i;
		unsigned padding = 0;
		uint8_t raw[3];

		if (i + 4 == text.len && at[3] == '=')
			padding = at[2] == '=' ? 2 : 1;
		if (!group_decode(at, padding, raw)) {
			out->len = before;
			return ERR_VALUE;
		}
		bytes_append(out, raw, 3 - padding);
	}
	return out->err;
}
