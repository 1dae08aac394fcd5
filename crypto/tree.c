#include "crypto/tree.h"

#include <assert.h>
#include <string.h>

#include "crypto/digest.h"

/* Larger trees have more levels than we keep room for; no honest log comes near. */
static bool
is_size(uint64_t size)
{
	return size >> TREE_LEVELS_MAX == 0;
}

void
tree_leaf(struct bytes_view leaf, struct hash *out)
{
	digest_sha256_prefixed(0x00, leaf, out);
}

void
tree_node(const struct hash *left, const struct hash *right, struct hash *out)
{
	uint8_t pair[1 + 2 * sizeof(struct hash)];

	pair[0] = 0x01;
	memcpy(pair + 1, left->bytes, sizeof(left->bytes));
	memcpy(pair + 1 + sizeof(left->bytes), right->bytes, sizeof(right->bytes));
	digest_sha256(bytes_view_of(pair, sizeof(pair)), out);
}

void
tree_batch_leaf(const struct salt *salt, const struct record_id *id, struct hash *out)
{
	uint8_t leaf[sizeof(salt->bytes) + sizeof(id->bytes)];

	memcpy(leaf, salt->bytes, sizeof(salt->bytes));
	memcpy(leaf + sizeof(salt->bytes), id->bytes, sizeof(id->bytes));
	tree_leaf(bytes_view_of(leaf, sizeof(leaf)), out);
}

/* ---------------------------------------------------------------- frontier */

void
tree_frontier_init(struct tree_frontier *frontier)
{
	frontier->size = 0;
	frontier->count = 0;
}

void
tree_frontier_append(struct tree_frontier *frontier, const struct hash *leaf)
{
	uint64_t size = frontier->size;
	struct hash node = *leaf;

	assert(is_size(size + 1));
	frontier->size = size + 1;
	/* each trailing one bit of the old size is a subtree of the same height to join with */
	for (; (size & 1) != 0; size >>= 1)
		tree_node(&frontier->roots[--frontier->count], &node, &node);
	frontier->roots[frontier->count++] = node;
}

void
tree_frontier_root(const struct tree_frontier *frontier, struct hash *out)
{
	struct hash node;
	uint32_t i;

	if (frontier->count == 0) {
		digest_sha256(bytes_view_of(NULL, 0), out);
		return;
	}
	node = frontier->roots[frontier->count - 1];
	for (i = frontier->count - 1; i > 0; i--)
		tree_node(&frontier->roots[i - 1], &node, &node);
	*out = node;
}

static uint32_t
bits_set(uint64_t value)
{
	uint32_t count = 0;

	for (; value != 0; value &= value - 1)
		count++;
	return count;
}

enum err
tree_frontier_encode(const struct tree_frontier *frontier, struct bytes *out)
{
	bytes_append_u64(out, frontier->size);
	bytes_append(out, frontier->roots, frontier->count * sizeof(struct hash));
	return out->err;
}

enum err
tree_frontier_decode(struct bytes_view in, struct tree_frontier *out)
{
	uint64_t size;
	uint32_t count;

	if (in.len < 8)
		return ERR_CORRUPT;
	size = bytes_get_u64(in.data);
	count = bits_set(size);
	if (!is_size(size) || in.len != 8 + count * sizeof(struct hash))
		return ERR_CORRUPT;
	out->size = size;
	out->count = count;
	memcpy(out->roots, in.data + 8, count * sizeof(struct hash));
	return ERR_NONE;
}

void
tree_root(const struct hash *leaves, size_t count, struct hash *out)
{
	struct tree_frontier frontier;
	size_t i;

	tree_frontier_init(&frontier);
	for (i = 0; i < count; i++)
		tree_frontier_append(&frontier, &leaves[i]);
	tree_frontier_root(&frontier, out);
}

/* ---------------------------------------------------------------- inclusion */

/* The largest power of two below size (size > 1): where RFC 9162 splits a tree. */
static uint64_t
split_of(uint64_t size)
{
	uint64_t split = 1;

	while (split < size - split)
		split <<= 1;
	return split;
}

uint32_t
tree_path_length(uint64_t index, uint64_t size)
{
	uint32_t length = 0;
	uint64_t split;

	assert(index < size && is_size(size));
	for (; size > 1; length++) {
		split = split_of(size);
		if (index < split) {
			size = split;
		} else {
			index -= split;
			size -= split;
		}
	}
	return length;
}

void
tree_path(const struct hash *leaves, uint64_t size, uint64_t index, struct hash *path)
{
	uint32_t at = tree_path_length(index, size);
	uint64_t split;

	/* from the root down, so the path fills from its end */
	while (size > 1) {
		split = split_of(size);
		at--;
		if (index < split) {
			tree_root(leaves + split, (size_t)(size - split), &path[at]);
			size = split;
		} else {
			tree_root(leaves, (size_t)split, &path[at]);
			leaves += split;
			index -= split;
			size -= split;
		}
	}
}

enum err
tree_path_verify(const struct hash *leaf, uint64_t index, uint64_t size, const struct hash *path,
    uint32_t count, const struct hash *root)
{
	struct hash node = *leaf;
	uint64_t first = index, last;
	uint32_t i;

	if (!is_size(size) || index >= size || count != tree_path_length(index, size))
		return ERR_PROOF;
	last = size - 1;
	for (i = 0; i < count; i++) {
		if ((first & 1) != 0 || first == last) {
			tree_node(&path[i], &node, &node);
			for (; (first & 1) == 0 && first != 0; first >>= 1)
				last >>= 1;
		} else {
			tree_node(&node, &path[i], &node);
		}
		first >>= 1;
		last >>= 1;
	}
	return digest_is_equal(&node, root) ? ERR_NONE : ERR_PROOF;
}

/* ---------------------------------------------------------------- consistency */

uint32_t
tree_consistency(const struct hash *leaves, uint64_t first, uint64_t size, struct hash *proof)
{
	struct hash reversed[TREE_LEVELS_MAX + 1];
	bool is_whole = true; /* the old tree is a complete subtree of what is looked at */
	uint32_t count = 0, i;
	uint64_t split;

	assert(first <= size);
	if (first == 0 || first == size)
		return 0;
	while (first != size) {
		split = split_of(size);
		if (first <= split) {
			tree_root(leaves + split, (size_t)(size - split), &reversed[count++]);
			size = split;
		} else {
			tree_root(leaves, (size_t)split, &reversed[count++]);
			leaves += split;
			first -= split;
			size -= split;
			is_whole = false;
		}
	}
	if (!is_whole)
		tree_root(leaves, (size_t)size, &reversed[count++]);
	for (i = 0; i < count; i++)
		proof[i] = reversed[count - 1 - i];
	return count;
}

/* The pairs that need no proof: equal trees, and the empty tree, which begins every other. */
static enum err
verify_unproved(uint64_t first, uint64_t size, uint32_t count, const struct hash *first_root,
    const struct hash *root)
{
	struct hash empty;

	if (count != 0)
		return ERR_PROOF;
	tree_root(NULL, 0, &empty);
	if (first == 0 && !digest_is_equal(first_root, &empty))
		return ERR_PROOF;
	if (first == size && !digest_is_equal(first_root, root))
		return ERR_PROOF;
	return ERR_NONE;
}

enum err
tree_consistency_verify(uint64_t first, uint64_t size, const struct hash *proof, uint32_t count,
    const struct hash *first_root, const struct hash *root)
{
	struct hash old_node, new_node;
	uint64_t from, to;
	uint32_t i = 0;

	if (!is_size(size) || first > size)
		return ERR_PROOF;
	if (first == 0 || first == size)
		return verify_unproved(first, size, count, first_root, root);
	if (count == 0)
		return ERR_PROOF;
	from = first - 1;
	to = size - 1;
	for (; (from & 1) != 0; from >>= 1)
		to >>= 1;
	/* where the old tree is complete, its root begins the proof unsaid */
	old_node = new_node = from == 0 ? *first_root : proof[i++];
	for (; i < count; i++) {
		if (to == 0)
			return ERR_PROOF;
		if ((from & 1) != 0 || from == to) {
			tree_node(&proof[i], &old_node, &old_node);
			tree_node(&proof[i], &new_node, &new_node);
			for (; (from & 1) == 0 && from != 0; from >>= 1)
				to >>= 1;
		} else {
			tree_node(&new_node, &proof[i], &new_node);
		}
		from >>= 1;
		to >>= 1;
	}
	if (to != 0 || !digest_is_equal(&old_node, first_root) || !digest_is_equal(&new_node, root))
		return ERR_PROOF;
	return ERR_NONE;
}
