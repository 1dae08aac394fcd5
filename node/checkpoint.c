#include "node/checkpoint.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/base64.h"
#include "base/hex.h"
#include "crypto/digest.h"

#define KEY_TYPE_ED25519 0x01
#define DASH "\xe2\x80\x94 " /* the em dash that begins a signature line */

void
checkpoint_origin(const struct org_id *org, uint64_t epoch, char origin[CHECKPOINT_ORIGIN_BYTES])
{
	char id[2 * sizeof(org->bytes) + 1];

	hex_encode(org->bytes, sizeof(org->bytes), id);
	(void)snprintf(origin, CHECKPOINT_ORIGIN_BYTES, "malla.log/%s/%" PRIu64, id, epoch);
}

enum err
checkpoint_text(const struct org_id *org, const struct head *head, struct bytes *out)
{
	char lines[CHECKPOINT_ORIGIN_BYTES + 24], origin[CHECKPOINT_ORIGIN_BYTES];
	enum err err;
	int len;

	checkpoint_origin(org, head->epoch, origin);
	len = snprintf(lines, sizeof(lines), "%s\n%" PRIu64 "\n", origin, head->size);
	bytes_append(out, lines, (size_t)len);
	err = base64_encode(bytes_view_of(head->root.bytes, sizeof(head->root.bytes)), out);
	bytes_append_u8(out, '\n');
	return err != ERR_NONE ? err : out->err;
}

void
checkpoint_key_id(const char *origin, const uint8_t log_key[32], uint8_t id[4])
{
	uint8_t tail[2 + 32] = {'\n', KEY_TYPE_ED25519};
	struct hash hash;

	memcpy(tail + 2, log_key, 32);
	digest_sha256_pair(bytes_view_str(origin), bytes_view_of(tail, sizeof(tail)), &hash);
	memcpy(id, hash.bytes, 4);
}

enum err
checkpoint_note(const struct org_id *org, const struct head *head, const uint8_t log_key[32],
    const uint8_t signature[64], struct bytes *out)
{
	char origin[CHECKPOINT_ORIGIN_BYTES];
	uint8_t tagged[4 + 64];
	enum err err = checkpoint_text(org, head, out);

	if (err != ERR_NONE)
		return err;
	checkpoint_origin(org, head->epoch, origin);
	checkpoint_key_id(origin, log_key, tagged);
	memcpy(tagged + 4, signature, 64);
	bytes_append(out, "\n" DASH, sizeof("\n" DASH) - 1);
	bytes_append(out, origin, strlen(origin));
	bytes_append_u8(out, ' ');
	err = base64_encode(bytes_view_of(tagged, sizeof(tagged)), out);
	bytes_append_u8(out, '\n');
	return err != ERR_NONE ? err : out->err;
}
