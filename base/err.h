/*
 * err: the failures of Malla's own functions, each with a name, an exit code and the
 * operator's words.  What one node tells another is a reason: wire/reason.h.
 */
#ifndef MALLA_BASE_ERR_H
#define MALLA_BASE_ERR_H

#define MUST_CHECK __attribute__((warn_unused_result))

/* X(symbol, exit code, text).  Exit codes: DESIGN section 11, malla(1) EXIT STATUS. */
/* clang-format off */
#define ERR_TABLE(X) \
	X(ERR_NONE,          0, "done") \
	X(ERR_NOT_FOUND,     1, "nothing found") \
	X(ERR_NO,            1, "a check answered no") \
	X(ERR_USAGE,         2, "the command line is wrong") \
	X(ERR_REFUSED,       3, "refused") \
	X(ERR_TRUNCATED,     4, "the input ends too early") \
	X(ERR_TRAILING,      4, "bytes are left over after the end") \
	X(ERR_NOT_CANONICAL, 4, "not the canonical encoding") \
	X(ERR_TYPE,          4, "a value of the wrong type") \
	X(ERR_RANGE,         4, "a value outside its range") \
	X(ERR_TOO_LARGE,     4, "larger than the limit") \
	X(ERR_TOO_DEEP,      4, "nested deeper than the limit") \
	X(ERR_UTF8,          4, "not valid UTF-8, or a control character") \
	X(ERR_ORDER,         4, "keys or elements out of order, or twice") \
	X(ERR_MISSING,       4, "a required field is missing") \
	X(ERR_UNKNOWN_CRITICAL, 4, "a field that restricts and that this version does not know") \
	X(ERR_VALUE,         4, "not a valid value of its type") \
	X(ERR_CHECK_DIGIT,   4, "the check digits do not match") \
	X(ERR_SIGNATURE,     4, "the signature does not verify") \
	X(ERR_KEY,           4, "an unusable or unknown key") \
	X(ERR_DECRYPT,       4, "cannot be decrypted") \
	X(ERR_PROOF,         4, "the Merkle proof does not lead to the root") \
	X(ERR_FORMAT,        4, "not a file of the expected format") \
	X(ERR_INVALID,       4, "invalid input") \
	X(ERR_UNREACHABLE,   5, "the node cannot be reached") \
	X(ERR_LOCKED,        5, "the node is locked") \
	X(ERR_STORAGE,       6, "the storage failed") \
	X(ERR_FULL,          6, "no space left, or a limit of the store reached") \
	X(ERR_MEMORY,        6, "out of memory") \
	X(ERR_SYSTEM,        6, "the operating system refused") \
	X(ERR_CORRUPT,       6, "stored data is not what was written")
/* clang-format on */

enum err {
#define ERR_ENUM(symbol, code, text) symbol,
	ERR_TABLE(ERR_ENUM)
#undef ERR_ENUM
	ERR_COUNT
};

/* The symbol without its prefix in lower case with dashes: "not-canonical".  Static. */
const char *err_name(enum err err);
/* The operator's words, in English; callers translate.  Static. */
const char *err_text(enum err err);
/* The process exit code that this failure leads to. */
int err_exit_code(enum err err);

#endif
