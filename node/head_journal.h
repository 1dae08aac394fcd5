/*
 * head_journal: the file that remembers the last head of our log that was signed, in place:
 * one write and one fdatasync a note, whatever came before.
 *
 * Two slots of 4096 bytes, written in turns, so that a write that is torn spoils none but its
 * own slot.  Integers are big-endian:
 *
 *     24 bytes  "malla/keyring-head/v1\n", two zero bytes
 *      8        sequence: the slot is number sequence modulo 2
 *      8        1 if there is a head, 0 before the first one
 *     48        the head: u64 epoch, u64 size, 32 bytes root
 *     32        SHA-256 of the 88 bytes before; what follows is zero and not looked at
 *
 * The slot with the higher sequence counts.  A file of 48 bytes, the head alone, is what an
 * older version wrote: it is taken over.
 */
#ifndef MALLA_NODE_HEAD_JOURNAL_H
#define MALLA_NODE_HEAD_JOURNAL_H

#include "base/home.h"
#include "node/keyring.h"

/* Open the file, or make it where there is none; out->free closes it.
   ERR_CORRUPT: it is there, and is not ours or no slot of it is whole; ERR_SYSTEM, ERR_FULL. */
MUST_CHECK enum err head_journal_open(const char *path, struct keyring_journal *out);

#endif
