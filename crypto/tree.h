/*
 * tree: RFC 6962 / RFC 9162 Merkle arithmetic over SHA-256; stores nothing.
 */
#ifndef MALLA_CRYPTO_TREE_H
#define MALLA_CRYPTO_TREE_H

#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/ids.h"

/* A tree has fewer than 2^63 leaves. */
#define TREE_LEVELS_MAX 63

/* SHA-256(0x00 || leaf bytes); SHA-256(0x01 || left || right) */
void tree_leaf(struct bytes_view leaf, struct hash *out);
void tree_node(const struct hash *left, const struct hash *right, struct hash *out);
/* The leaf of a sealed batch: SHA-256(0x00 || salt || record id).  docs/protocol.md 6.1 */
void tree_batch_leaf(const struct salt *salt, const struct record_id *id, struct hash *out);
/* The root of leaf hashes; of none, SHA-256 of nothing.  Leaves are not changed. */
void tree_root(const struct hash *leaves, size_t count, struct hash *out);

/* A tree that only grows: the roots of its complete subtrees, largest first.
   (RFC 9162 2.1.2; the "compact range".) */
struct tree_frontier {
	uint64_t size;
	uint32_t count; /* bits set in size */
	struct hash roots[TREE_LEVELS_MAX];
};

void tree_frontier_init(struct tree_frontier *frontier);
void tree_frontier_append(struct tree_frontier *frontier, const struct hash *leaf);
void tree_frontier_root(const struct tree_frontier *frontier, struct hash *out);
/* The canonical bytes of a frontier (8 bytes size, then 32 each) and back; ERR_CORRUPT if
   the number of hashes is not the number of bits in size. */
MUST_CHECK enum err tree_frontier_encode(const struct tree_frontier *frontier, struct bytes *out);
MUST_CHECK enum err tree_frontier_decode(struct bytes_view in, struct tree_frontier *out);

/* How many siblings the inclusion path of leaf `index` in a tree of `size` has (index < size). */
uint32_t tree_path_length(uint64_t index, uint64_t size);
/* The inclusion path of one leaf, bottom up, tree_path_length() hashes into path, which the
   caller owns (TREE_LEVELS_MAX is always enough). */
void tree_path(const struct hash *leaves, uint64_t size, uint64_t index, struct hash *path);
/* RFC 9162 2.1.3.2; ERR_PROOF also when count is not exactly tree_path_length(), which is
   checked before a byte of path is read, and for any index and size that make no sense. */
MUST_CHECK enum err tree_path_verify(const struct hash *leaf, uint64_t index, uint64_t size,
    const struct hash *path, uint32_t count, const struct hash *root);
/* RFC 9162 2.1.4: the proof that the first `first` leaves are those of a tree of `size`
   leaves; up to TREE_LEVELS_MAX + 1 hashes into proof, their number returned. */
uint32_t tree_consistency(const struct hash *leaves, uint64_t first, uint64_t size,
    struct hash *proof);
/* RFC 9162 2.1.4.2.  Equal sizes, and a first size of 0 (whose root is that of no leaves), take
   a proof of no hashes; ERR_PROOF for whatever else does not lead to both roots. */
MUST_CHECK enum err tree_consistency_verify(uint64_t first, uint64_t size,
    const struct hash *proof, uint32_t count, const struct hash *first_root,
    const struct hash *root);

#endif
