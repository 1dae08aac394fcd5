#include "node/ciphertext.h"

#include <stdlib.h>
#include <string.h>

struct ciphertext {
	uint64_t id;
	uint32_t holders;
	size_t len;
	uint8_t data[];
};

struct ciphertext *
ciphertext_make(struct bytes_view bytes, uint64_t id)
{
	struct ciphertext *ciphertext = malloc(sizeof(*ciphertext) + bytes.len);

	if (ciphertext == NULL)
		return NULL;
	ciphertext->id = id;
	ciphertext->holders = 1;
	ciphertext->len = bytes.len;
	if (bytes.len > 0)
		memcpy(ciphertext->data, bytes.data, bytes.len);
	return ciphertext;
}

struct ciphertext *
ciphertext_hold(struct ciphertext *ciphertext)
{
	if (ciphertext != NULL)
		ciphertext->holders++;
	return ciphertext;
}

void
ciphertext_release(struct ciphertext *ciphertext)
{
	if (ciphertext != NULL && --ciphertext->holders == 0)
		free(ciphertext);
}

struct bytes_view
ciphertext_view(const struct ciphertext *ciphertext)
{
	return bytes_view_of(ciphertext->data, ciphertext->len);
}

uint64_t
ciphertext_id(const struct ciphertext *ciphertext)
{
	return ciphertext->id;
}
