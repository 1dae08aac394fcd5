/*
 * checkpoint: a head of our log as a C2SP note, so that tools that exist can read it.
 *
 *     malla.log/<organisation, 64 hex digits>/<epoch>
 *     <size>
 *     <root, base64>
 *
 *     — <the first line again> <base64 of 4 bytes key id || 64 bytes signature>
 *
 * The first three lines, each with its line feed, are what the log key signs; nothing else is
 * ever signed with that key.  C2SP: tlog-checkpoint, signed-note.
 */
#ifndef MALLA_NODE_CHECKPOINT_H
#define MALLA_NODE_CHECKPOINT_H

#include "base/bytes.h"
#include "base/ids.h"
#include "wire/receipt.h"

#define CHECKPOINT_ORIGIN_BYTES 96u /* 10 + 64 + 1 + 20 digits and a NUL */
#define CHECKPOINT_BYTES_MAX 512u

void checkpoint_origin(
    const struct org_id *org, uint64_t epoch, char origin[CHECKPOINT_ORIGIN_BYTES]);
/* Append the three lines that are signed. */
MUST_CHECK enum err checkpoint_text(
    const struct org_id *org, const struct head *head, struct bytes *out);
/* SHA-256(origin || 0x0A || 0x01 || public key), its first four bytes. */
void checkpoint_key_id(const char *origin, const uint8_t log_key[32], uint8_t id[4]);
/* Append the whole note around a signature of checkpoint_text's bytes. */
MUST_CHECK enum err checkpoint_note(const struct org_id *org, const struct head *head,
    const uint8_t log_key[32], const uint8_t signature[64], struct bytes *out);

#endif
