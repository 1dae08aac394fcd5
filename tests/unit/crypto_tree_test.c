#include "crypto/tree.h"

#include <string.h>

#include "base/hex.h"
#include "crypto/digest.h"
#include "tests/unit/suite.h"

#define LEAVES_MAX 1025u
#define PATHS_MAX 257u
#define PROOFS_MAX 64u
#define HASH_BITS 256u

/* Distinct leaves, made once per test. */
static struct hash leaves[LEAVES_MAX];

static void
make_leaves(void)
{
	uint8_t number[4];
	uint32_t i;

	for (i = 0; i < LEAVES_MAX; i++) {
		bytes_put_u32(number, i);
		tree_leaf(bytes_view_of(number, sizeof(number)), &leaves[i]);
	}
}

static void
flip(struct hash *hash, size_t bit)
{
	hash->bytes[bit / 8 % sizeof(hash->bytes)] ^= (uint8_t)(1u << bit % 8);
}

/* ---------------------------------------------------------------- RFC 6962, word for word */

/* The definitions of RFC 6962 2.1, 2.1.1 and 2.1.2 as they stand there: recursive, slow, and
   nobody's code but this test's.  Here the leaves are hashed already. */
static size_t
power_below(size_t n)
{
	size_t k = 1;

	while (2 * k < n)
		k *= 2;
	return k;
}

static struct hash
mth(const struct hash *d, size_t n)
{
	struct hash left, right, out;
	uint8_t joined[65] = {1};

	if (n == 0) {
		digest_sha256(bytes_view_of(NULL, 0), &out);
		return out;
	}
	if (n == 1)
		return d[0];
	left = mth(d, power_below(n));
	right = mth(d + power_below(n), n - power_below(n));
	memcpy(joined + 1, left.bytes, 32);
	memcpy(joined + 33, right.bytes, 32);
	digest_sha256(bytes_view_of(joined, sizeof(joined)), &out);
	return out;
}

/* PATH(m, D[n]); gives back how many hashes it put. */
static uint32_t
path_of(size_t m, const struct hash *d, size_t n, struct hash *out)
{
	size_t k = power_below(n);
	uint32_t count;

	if (n == 1)
		return 0;
	if (m < k) {
		count = path_of(m, d, k, out);
		out[count] = mth(d + k, n - k);
	} else {
		count = path_of(m - k, d + k, n - k, out);
		out[count] = mth(d, k);
	}
	return count + 1;
}

/* SUBPROOF(m, D[n], b) */
static uint32_t
subproof(size_t m, const struct hash *d, size_t n, bool b, struct hash *out)
{
	size_t k = power_below(n);
	uint32_t count;

	if (m == n) {
		if (!b)
			out[0] = mth(d, n);
		return b ? 0 : 1;
	}
	if (m <= k) {
		count = subproof(m, d, k, b, out);
		out[count] = mth(d + k, n - k);
	} else {
		count = subproof(m - k, d + k, n - k, false, out);
		out[count] = mth(d, k);
	}
	return count + 1;
}

/* ---------------------------------------------------------------- roots */

/* The eight leaves that the implementers of RFC 6962 test with, and the roots of the first n. */
static const struct {
	const char *leaf;
	const char *root;
} KNOWN[] = {
    {"", "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"},
    {"00", "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"},
    {"10", "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77"},
    {"2021", "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"},
    {"3031", "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4"},
    {"40414243", "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef"},
    {"5051525354555657", "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c"},
    {"606162636465666768696a6b6c6d6e6f",
	"5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"},
};

START_TEST(agrees_with_the_known_roots)
{
	struct hash hashes[8], root;
	uint8_t leaf[16];
	char text[65];
	size_t i, len;

	tree_root(NULL, 0, &root);
	hex_encode(root.bytes, 32, text);
	ck_assert_str_eq(text, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
	for (i = 0; i < 8; i++) {
		len = strlen(KNOWN[i].leaf) / 2;
		ck_assert_int_eq(hex_decode(KNOWN[i].leaf, leaf, len), ERR_NONE);
		tree_leaf(bytes_view_of(leaf, len), &hashes[i]);
		tree_root(hashes, i + 1, &root);
		hex_encode(root.bytes, 32, text);
		ck_assert_str_eq(text, KNOWN[i].root);
	}
}
END_TEST

START_TEST(makes_batch_leaves_of_salt_and_record_id)
{
	struct salt salt;
	struct record_id id;
	struct hash leaf, wanted;
	uint8_t joined[1 + 16 + 32] = {0};

	memset(salt.bytes, 0x11, sizeof(salt.bytes));
	memset(id.bytes, 0x22, sizeof(id.bytes));
	memset(joined + 1, 0x11, 16);
	memset(joined + 17, 0x22, 32);
	digest_sha256(bytes_view_of(joined, sizeof(joined)), &wanted);
	tree_batch_leaf(&salt, &id, &leaf);
	ck_assert(digest_is_equal(&leaf, &wanted));
}
END_TEST

START_TEST(joins_nodes_in_place)
{
	struct hash joined, left, right;

	make_leaves();
	tree_node(&leaves[0], &leaves[1], &joined);
	left = leaves[0];
	tree_node(&left, &leaves[1], &left);
	ck_assert(digest_is_equal(&left, &joined));
	right = leaves[1];
	tree_node(&leaves[0], &right, &right);
	ck_assert(digest_is_equal(&right, &joined));
	tree_node(&leaves[1], &leaves[0], &left);
	ck_assert(!digest_is_equal(&left, &joined));
}
END_TEST

START_TEST(grows_to_the_root_that_the_rfc_defines)
{
	struct tree_frontier frontier;
	struct hash root, wanted;
	size_t n;

	make_leaves();
	tree_frontier_init(&frontier);
	for (n = 0; n <= LEAVES_MAX; n++) {
		wanted = mth(leaves, n);
		ck_assert_uint_eq(frontier.size, n);
		tree_frontier_root(&frontier, &root);
		ck_assert_msg(digest_is_equal(&root, &wanted), "frontier of %zu", n);
		tree_root(leaves, n, &root);
		ck_assert_msg(digest_is_equal(&root, &wanted), "root of %zu", n);
		if (n < LEAVES_MAX)
			tree_frontier_append(&frontier, &leaves[n]);
	}
}
END_TEST

/* ---------------------------------------------------------------- frontiers as bytes */

START_TEST(gives_back_every_frontier)
{
	struct tree_frontier frontier, back;
	struct bytes bytes, again;
	struct hash root, wanted;
	size_t n;

	make_leaves();
	bytes_init(&bytes, 4096);
	bytes_init(&again, 4096);
	tree_frontier_init(&frontier);
	for (n = 0; n < LEAVES_MAX; n++) {
		bytes_clear(&bytes);
		bytes_clear(&again);
		ck_assert_int_eq(tree_frontier_encode(&frontier, &bytes), ERR_NONE);
		ck_assert_uint_eq(bytes.len, 8 + frontier.count * sizeof(struct hash));
		ck_assert_int_eq(tree_frontier_decode(bytes_as_view(&bytes), &back), ERR_NONE);
		ck_assert_uint_eq(back.size, n);
		ck_assert_int_eq(tree_frontier_encode(&back, &again), ERR_NONE);
		ck_assert(bytes_view_is_equal(bytes_as_view(&bytes), bytes_as_view(&again)));
		/* and it goes on growing as if nothing had happened */
		tree_frontier_append(&back, &leaves[n]);
		tree_frontier_append(&frontier, &leaves[n]);
		tree_frontier_root(&back, &root);
		tree_frontier_root(&frontier, &wanted);
		ck_assert(digest_is_equal(&root, &wanted));
	}
	bytes_release(&bytes);
	bytes_release(&again);
}
END_TEST

static void
expect_corrupt(struct bytes_view in, const char *why)
{
	struct tree_frontier out, before;

	memset(&out, 0x77, sizeof(out));
	memset(&before, 0x77, sizeof(before));
	ck_assert_msg(tree_frontier_decode(in, &out) == ERR_CORRUPT, "%s", why);
	ck_assert_msg(memcmp(&out, &before, sizeof(out)) == 0, "%s: touched", why);
}

START_TEST(refuses_a_frontier_cut_short_or_with_more_behind)
{
	struct tree_frontier frontier;
	struct bytes bytes;
	size_t n, len;

	make_leaves();
	bytes_init(&bytes, 4096);
	tree_frontier_init(&frontier);
	for (n = 0; n < 40; n++) {
		bytes_clear(&bytes);
		ck_assert_int_eq(tree_frontier_encode(&frontier, &bytes), ERR_NONE);
		for (len = 0; len < bytes.len; len++)
			expect_corrupt(bytes_view_of(bytes.data, len), "cut short");
		bytes_append_u8(&bytes, 0);
		expect_corrupt(bytes_as_view(&bytes), "a byte more");
		bytes_append(&bytes, leaves[0].bytes, 31);
		expect_corrupt(bytes_as_view(&bytes), "a hash more");
		tree_frontier_append(&frontier, &leaves[n]);
	}
	bytes_release(&bytes);
}
END_TEST

static bool
has_two_bits(uint64_t value)
{
	uint64_t rest = value & (value - 1); /* without its lowest bit */

	return value != 0 && rest != 0 && (rest & (rest - 1)) == 0;
}

START_TEST(refuses_a_frontier_whose_size_asks_for_other_hashes)
{
	struct tree_frontier frontier, back;
	struct bytes bytes;
	uint64_t size;

	make_leaves();
	bytes_init(&bytes, 4096);
	tree_frontier_init(&frontier);
	for (size = 0; size < 6; size++)
		tree_frontier_append(&frontier, &leaves[size]);
	ck_assert_int_eq(tree_frontier_encode(&frontier, &bytes), ERR_NONE);
	for (size = 0; size < 64; size++) {
		bytes_put_u64(bytes.data, size);
		/* two hashes suit the sizes with two bits only */
		if (has_two_bits(size))
			ck_assert_int_eq(
			    tree_frontier_decode(bytes_as_view(&bytes), &back), ERR_NONE);
		else
			expect_corrupt(bytes_as_view(&bytes), "another number of hashes");
	}
	bytes_put_u64(bytes.data, 1ull << 63 | 1);
	expect_corrupt(bytes_as_view(&bytes), "2^63 leaves and more");
	bytes_put_u64(bytes.data, UINT64_MAX);
	expect_corrupt(bytes_as_view(&bytes), "64 bits set");
	bytes_release(&bytes);
}
END_TEST

START_TEST(says_when_a_frontier_finds_no_room)
{
	struct tree_frontier frontier;
	struct bytes bytes;

	make_leaves();
	tree_frontier_init(&frontier);
	tree_frontier_append(&frontier, &leaves[0]);
	bytes_init(&bytes, 39);
	ck_assert_int_eq(tree_frontier_encode(&frontier, &bytes), ERR_TOO_LARGE);
	bytes_release(&bytes);
}
END_TEST

/* ---------------------------------------------------------------- inclusion */

START_TEST(proves_every_leaf_of_every_tree)
{
	struct hash path[TREE_LEVELS_MAX], wanted[TREE_LEVELS_MAX], root;
	uint32_t count;
	size_t n, i;

	make_leaves();
	for (n = 1; n <= PATHS_MAX; n++) {
		tree_root(leaves, n, &root);
		for (i = 0; i < n; i++) {
			count = tree_path_length(i, n);
			tree_path(leaves, n, i, path);
			ck_assert_msg(
			    tree_path_verify(&leaves[i], i, n, path, count, &root) == ERR_NONE,
			    "leaf %zu of %zu", i, n);
			if (n > 66)
				continue;
			ck_assert_uint_eq(path_of(i, leaves, n, wanted), count);
			ck_assert(memcmp(path, wanted, count * sizeof(*path)) == 0);
		}
	}
}
END_TEST

/* Everything about one proof that can be wrong, one at a time. */
static void
spoil_path(size_t n, size_t i, bool every_bit)
{
	struct hash path[TREE_LEVELS_MAX + 1], root, spoiled;
	uint32_t count = tree_path_length(i, n), at;
	size_t bit;

	tree_root(leaves, n, &root);
	tree_path(leaves, n, i, path);
	path[count] = root;
	for (at = 0; at < count; at++) {
		for (bit = every_bit ? 0 : (n * 31 + i) % HASH_BITS; bit < HASH_BITS; bit++) {
			flip(&path[at], bit);
			ck_assert_int_eq(
			    tree_path_verify(&leaves[i], i, n, path, count, &root), ERR_PROOF);
			flip(&path[at], bit);
			if (!every_bit)
				break;
		}
		/* short by some, from either end */
		ck_assert_int_eq(tree_path_verify(&leaves[i], i, n, path, at, &root), ERR_PROOF);
		ck_assert_int_eq(
		    tree_path_verify(&leaves[i], i, n, path + count - at, at, &root), ERR_PROOF);
	}
	ck_assert_int_eq(tree_path_verify(&leaves[i], i, n, path, count + 1, &root), ERR_PROOF);
	ck_assert_int_eq(tree_path_verify(&leaves[i], i, n, path, UINT32_MAX, &root), ERR_PROOF);
	spoiled = root;
	flip(&spoiled, n + i);
	ck_assert_int_eq(tree_path_verify(&leaves[i], i, n, path, count, &spoiled), ERR_PROOF);
	spoiled = leaves[i];
	flip(&spoiled, n + i);
	ck_assert_int_eq(tree_path_verify(&spoiled, i, n, path, count, &root), ERR_PROOF);
}

START_TEST(refuses_a_path_with_any_bit_flipped_or_of_another_length)
{
	size_t n, i;

	make_leaves();
	for (n = 1; n <= 128; n++) {
		for (i = 0; i < n; i++)
			spoil_path(n, i, n <= 12);
	}
	for (n = 129; n <= PATHS_MAX; n++) {
		for (i = 0; i < n; i += 7)
			spoil_path(n, i, false);
		spoil_path(n, n - 1, false);
	}
}
END_TEST

START_TEST(refuses_a_path_under_another_index)
{
	struct hash path[TREE_LEVELS_MAX], root;
	size_t n, i, j;

	make_leaves();
	for (n = 1; n <= 33; n++) {
		tree_root(leaves, n, &root);
		for (i = 0; i < n; i++) {
			tree_path(leaves, n, i, path);
			for (j = 0; j < n + 2; j++) {
				if (j == i)
					continue;
				ck_assert_int_eq(tree_path_verify(&leaves[i], j, n, path,
						     tree_path_length(i, n), &root),
				    ERR_PROOF);
			}
		}
	}
}
END_TEST

START_TEST(refuses_an_index_outside_the_tree)
{
	make_leaves();
	ck_assert_int_eq(tree_path_verify(&leaves[0], 0, 0, NULL, 0, &leaves[0]), ERR_PROOF);
	ck_assert_int_eq(tree_path_verify(&leaves[0], 1, 1, NULL, 0, &leaves[0]), ERR_PROOF);
	ck_assert_int_eq(
	    tree_path_verify(&leaves[0], UINT64_MAX, 1, NULL, 0, &leaves[0]), ERR_PROOF);
	ck_assert_int_eq(tree_path_verify(&leaves[0], 0, 1, NULL, 0, &leaves[0]), ERR_NONE);
}
END_TEST

/* A node of the tree is no leaf of it: the two kinds of hash differ by their first byte. */
START_TEST(refuses_a_node_given_for_a_leaf)
{
	struct hash path[TREE_LEVELS_MAX], root, leaf;
	uint8_t pair[64];

	make_leaves();
	tree_root(leaves, 4, &root);
	tree_path(leaves, 4, 0, path);
	memcpy(pair, leaves[0].bytes, 32);
	memcpy(pair + 32, leaves[1].bytes, 32);
	tree_leaf(bytes_view_of(pair, sizeof(pair)), &leaf);
	ck_assert_int_eq(tree_path_verify(&leaf, 0, 2, path + 1, 1, &root), ERR_PROOF);
}
END_TEST

START_TEST(proves_in_the_largest_trees_and_refuses_larger_ones_at_once)
{
	const uint64_t largest = (1ull << TREE_LEVELS_MAX) - 1;
	struct hash path[64], first, last;
	uint32_t i;

	make_leaves();
	memcpy(path, leaves + 1, sizeof(path));
	ck_assert_uint_eq(tree_path_length(0, largest), 63);
	ck_assert_uint_eq(tree_path_length(largest - 1, largest), 62);
	first = last = leaves[0];
	for (i = 0; i < 63; i++)
		tree_node(&first, &path[i], &first);
	for (i = 0; i < 62; i++)
		tree_node(&path[i], &last, &last);
	ck_assert_int_eq(tree_path_verify(&leaves[0], 0, largest, path, 63, &first), ERR_NONE);
	ck_assert_int_eq(
	    tree_path_verify(&leaves[0], largest - 1, largest, path, 62, &last), ERR_NONE);
	/* one level more, were there a tree of 2^63 leaves or more */
	for (i = 0; i < 65; i++) {
		ck_assert_int_eq(
		    tree_path_verify(&leaves[0], 0, largest + 1, path, i, &first), ERR_PROOF);
		ck_assert_int_eq(
		    tree_path_verify(&leaves[0], 0, UINT64_MAX, path, i, &first), ERR_PROOF);
		ck_assert_int_eq(
		    tree_path_verify(&leaves[0], UINT64_MAX - 1, UINT64_MAX, path, i, &last),
		    ERR_PROOF);
	}
}
END_TEST

/* ---------------------------------------------------------------- consistency */

START_TEST(proves_that_every_tree_grew_from_every_smaller_one)
{
	struct hash proof[TREE_LEVELS_MAX + 1], wanted[TREE_LEVELS_MAX + 1], first, root;
	uint32_t count;
	size_t m, n;

	make_leaves();
	for (n = 0; n <= PROOFS_MAX; n++) {
		tree_root(leaves, n, &root);
		for (m = 0; m <= n; m++) {
			tree_root(leaves, m, &first);
			count = tree_consistency(leaves, m, n, proof);
			ck_assert_msg(
			    tree_consistency_verify(m, n, proof, count, &first, &root) == ERR_NONE,
			    "%zu to %zu", m, n);
			if (m == 0) {
				ck_assert_uint_eq(count, 0);
				continue;
			}
			ck_assert_uint_eq(subproof(m, leaves, n, true, wanted), count);
			ck_assert(memcmp(proof, wanted, count * sizeof(*proof)) == 0);
		}
	}
}
END_TEST

static void
spoil_proof(size_t m, size_t n, bool every_bit)
{
	struct hash proof[TREE_LEVELS_MAX + 2], first, root, spoiled;
	uint32_t count = tree_consistency(leaves, m, n, proof), at;
	size_t bit;

	tree_root(leaves, m, &first);
	tree_root(leaves, n, &root);
	proof[count] = root;
	for (at = 0; at < count; at++) {
		for (bit = every_bit ? 0 : (m * 31 + n) % HASH_BITS; bit < HASH_BITS; bit++) {
			flip(&proof[at], bit);
			ck_assert_int_eq(
			    tree_consistency_verify(m, n, proof, count, &first, &root), ERR_PROOF);
			flip(&proof[at], bit);
			if (!every_bit)
				break;
		}
		ck_assert_int_eq(
		    tree_consistency_verify(m, n, proof, at, &first, &root), ERR_PROOF);
		ck_assert_int_eq(
		    tree_consistency_verify(m, n, proof + count - at, at, &first, &root),
		    ERR_PROOF);
	}
	ck_assert_int_eq(tree_consistency_verify(m, n, proof, count + 1, &first, &root), ERR_PROOF);
	spoiled = first;
	flip(&spoiled, m + n);
	ck_assert_int_eq(tree_consistency_verify(m, n, proof, count, &spoiled, &root), ERR_PROOF);
	/* the empty tree is a part of any other: there the larger root proves nothing */
	spoiled = root;
	flip(&spoiled, m + n);
	if (m > 0)
		ck_assert_int_eq(
		    tree_consistency_verify(m, n, proof, count, &first, &spoiled), ERR_PROOF);
	if (m < n)
		ck_assert_int_eq(
		    tree_consistency_verify(n, m, proof, count, &root, &first), ERR_PROOF);
}

START_TEST(refuses_a_proof_with_any_hash_altered_or_of_another_length)
{
	size_t m, n;

	make_leaves();
	for (n = 0; n <= PROOFS_MAX; n++) {
		for (m = 0; m <= n; m++)
			spoil_proof(m, n, n <= 12);
	}
}
END_TEST

/* Under every other pair of sizes whose proof is longer or shorter.  The hashes lead to both roots,
   or would with one more of them: only the sizes tell. */
static size_t
claim_other_sizes(size_t m, size_t n)
{
	struct hash proof[TREE_LEVELS_MAX + 1], other[TREE_LEVELS_MAX + 1], first, root;
	uint32_t count = tree_consistency(leaves, m, n, proof);
	size_t from, to, tried = 0;

	tree_root(leaves, m, &first);
	tree_root(leaves, n, &root);
	for (to = 0; to <= 34; to++) {
		for (from = 0; from <= to; from++) {
			if (tree_consistency(leaves, from, to, other) == count)
				continue;
			tried++;
			if (tree_consistency_verify(from, to, proof, count, &first, &root) !=
			    ERR_PROOF)
				ck_abort_msg("%zu to %zu as %zu to %zu", m, n, from, to);
		}
	}
	return tried;
}

START_TEST(refuses_a_proof_for_trees_of_other_depths)
{
	size_t m, n, tried = 0;

	make_leaves();
	for (n = 2; n <= 17; n++) {
		for (m = 1; m < n; m++)
			tried += claim_other_sizes(m, n);
	}
	ck_assert_uint_gt(tried, 10000);
}
END_TEST

START_TEST(reads_nothing_of_a_proof_of_no_hashes)
{
	make_leaves();
	ck_assert_int_eq(tree_consistency_verify(3, 5, NULL, 0, &leaves[0], &leaves[1]), ERR_PROOF);
	ck_assert_int_eq(tree_consistency_verify(4, 5, NULL, 0, &leaves[0], &leaves[0]), ERR_PROOF);
	ck_assert_int_eq(tree_path_verify(&leaves[0], 0, 2, NULL, 0, &leaves[0]), ERR_PROOF);
}
END_TEST

/* What a log that forked would have to get past. */
START_TEST(refuses_a_tree_with_one_old_leaf_changed)
{
	struct hash proof[TREE_LEVELS_MAX + 1], first, root;
	uint32_t count;
	size_t m, n, at;

	make_leaves();
	for (n = 2; n <= 20; n++) {
		for (m = 1; m < n; m++) {
			tree_root(leaves, m, &first);
			for (at = 0; at < m; at++) {
				flip(&leaves[at], at);
				tree_root(leaves, n, &root);
				count = tree_consistency(leaves, m, n, proof);
				ck_assert_int_eq(
				    tree_consistency_verify(m, n, proof, count, &first, &root),
				    ERR_PROOF);
				flip(&leaves[at], at);
			}
		}
	}
}
END_TEST

START_TEST(refuses_consistency_of_trees_larger_than_there_are)
{
	struct hash proof[66];
	uint32_t count;

	make_leaves();
	memcpy(proof, leaves, sizeof(proof));
	for (count = 0; count <= 66; count++) {
		ck_assert_int_eq(
		    tree_consistency_verify(1, 1ull << 63, proof, count, &leaves[0], &leaves[1]),
		    ERR_PROOF);
		ck_assert_int_eq(tree_consistency_verify(
				     UINT64_MAX, UINT64_MAX, proof, count, &leaves[0], &leaves[0]),
		    ERR_PROOF);
		ck_assert_int_eq(tree_consistency_verify((1ull << 63) - 1, UINT64_MAX, proof, count,
				     &leaves[0], &leaves[1]),
		    ERR_PROOF);
	}
}
END_TEST

SUITE_MAIN("crypto/tree", agrees_with_the_known_roots, makes_batch_leaves_of_salt_and_record_id,
    joins_nodes_in_place, grows_to_the_root_that_the_rfc_defines, gives_back_every_frontier,
    refuses_a_frontier_cut_short_or_with_more_behind,
    refuses_a_frontier_whose_size_asks_for_other_hashes, says_when_a_frontier_finds_no_room,
    proves_every_leaf_of_every_tree, refuses_a_path_with_any_bit_flipped_or_of_another_length,
    refuses_a_path_under_another_index, refuses_an_index_outside_the_tree,
    refuses_a_node_given_for_a_leaf, proves_in_the_largest_trees_and_refuses_larger_ones_at_once,
    proves_that_every_tree_grew_from_every_smaller_one,
    refuses_a_proof_with_any_hash_altered_or_of_another_length,
    refuses_a_proof_for_trees_of_other_depths, reads_nothing_of_a_proof_of_no_hashes,
    refuses_a_tree_with_one_old_leaf_changed, refuses_consistency_of_trees_larger_than_there_are)
