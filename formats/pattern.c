#include "formats/pattern.h"

#include <string.h>

#include "formats/text.h"

#define COMPARISONS_MAX OBSERVABLES_MAX
#define LITERAL_BYTES_MAX OBSERVABLE_BYTES_MAX

struct comparison {
	struct bytes_view path;    /* "file:hashes.'SHA-256'" */
	struct bytes_view literal; /* inside the quotes, escapes and all; or a number */
};

enum joint { JOINT_NONE, JOINT_AND, JOINT_OR, JOINT_MIXED };

struct scan {
	struct bytes_view left;
	uint32_t count;
	enum joint inside;  /* between comparisons of one observation */
	enum joint between; /* between observations */
	uint32_t observations;
	struct comparison at[COMPARISONS_MAX];
};

/* ---------------------------------------------------------------- words */

static void
advance(struct scan *scan, size_t len)
{
	scan->left = text_behind(scan->left, len);
}

static void
skip_blanks(struct scan *scan)
{
	while (scan->left.len > 0 && text_is_blank(scan->left.data[0]))
		advance(scan, 1);
}

/* A sign, whatever follows it. */
static bool
take(struct scan *scan, const char *sign)
{
	skip_blanks(scan);
	if (!text_begins(scan->left, sign))
		return false;
	advance(scan, strlen(sign));
	return true;
}

/* A word, which ends where its letters do. */
static bool
take_word(struct scan *scan, const char *word)
{
	size_t len = strlen(word);

	skip_blanks(scan);
	if (!text_begins(scan->left, word) ||
	    (scan->left.len > len && !text_is_blank(scan->left.data[len]) &&
		scan->left.data[len] != '(' && scan->left.data[len] != '['))
		return false;
	advance(scan, len);
	return true;
}

/* A string in single quotes; \' and \\ stay as they are. */
static bool
take_literal(struct scan *scan, struct bytes_view *out)
{
	size_t i;

	if (!take(scan, "'"))
		return false;
	for (i = 0; i < scan->left.len && scan->left.data[i] != '\''; i++)
		i += scan->left.data[i] == '\\';
	if (i >= scan->left.len)
		return false;
	*out = bytes_view_of(scan->left.data, i);
	advance(scan, i + 1);
	return true;
}

/* What a property is called: up to a blank or an operator; quoted parts may hold anything. */
static bool
take_path(struct scan *scan, struct bytes_view *out)
{
	bool quoted = false;
	size_t i;

	skip_blanks(scan);
	for (i = 0; i < scan->left.len; i++) {
		uint8_t letter = scan->left.data[i];

		if (letter == '\'')
			quoted = !quoted;
		else if (!quoted && (text_is_blank(letter) || memchr("=!<>()", letter, 6) != NULL))
			break;
	}
	*out = bytes_view_of(scan->left.data, i);
	if (i == 0 || memchr(out->data, ':', out->len) == NULL)
		return false;
	advance(scan, i);
	return true;
}

static bool
take_number(struct scan *scan, struct bytes_view *out)
{
	size_t i = 0;

	skip_blanks(scan);
	while (i < scan->left.len && scan->left.data[i] >= '0' && scan->left.data[i] <= '9')
		i++;
	*out = bytes_view_of(scan->left.data, i);
	advance(scan, i);
	return i > 0;
}

static void
join(enum joint *joint, enum joint with)
{
	*joint = *joint == JOINT_NONE || *joint == with ? with : JOINT_MIXED;
}

/* path = 'literal', or path IN ('a', 'b'), which is an OR. */
static bool
take_comparison(struct scan *scan)
{
	struct comparison comparison;

	if (scan->count == COMPARISONS_MAX || !take_path(scan, &comparison.path))
		return false;
	if (take_word(scan, "IN")) {
		if (!take(scan, "("))
			return false;
		do {
			if (scan->count == COMPARISONS_MAX ||
			    !take_literal(scan, &comparison.literal))
				return false;
			scan->at[scan->count++] = comparison;
			if (take(scan, ")"))
				return true;
			join(&scan->inside, JOINT_OR);
		} while (take(scan, ","));
		return false;
	}
	if (!take(scan, "==") && !take(scan, "="))
		return false;
	if (!take_literal(scan, &comparison.literal) && !take_number(scan, &comparison.literal))
		return false;
	scan->at[scan->count++] = comparison;
	return true;
}

/* "[", comparisons, "]". */
static bool
take_observation(struct scan *scan)
{
	if (!take(scan, "["))
		return false;
	do {
		if (!take_comparison(scan))
			return false;
		if (take(scan, "]")) {
			scan->observations++;
			return true;
		}
		if (take_word(scan, "AND"))
			join(&scan->inside, JOINT_AND);
		else if (take_word(scan, "OR"))
			join(&scan->inside, JOINT_OR);
		else
			return false;
	} while (true);
}

static bool
take_pattern(struct scan *scan)
{
	do {
		if (!take_observation(scan))
			return false;
		skip_blanks(scan);
		if (scan->left.len == 0)
			return true;
		if (!take_word(scan, "OR"))
			return false; /* AND, FOLLOWEDBY, qualifiers: several observations */
		join(&scan->between, JOINT_OR);
	} while (true);
}

/* ---------------------------------------------------------------- properties */

static bool
is_path(struct bytes_view path, const char *wanted)
{
	return text_is(path, wanted);
}

static bool
ends_with(struct bytes_view path, const char *end)
{
	size_t len = strlen(end);

	return path.len >= len && memcmp(path.data + path.len - len, end, len) == 0;
}

/* "file:hashes.'SHA-256'", file:hashes.SHA256, file:hashes.md5 … */
static bool
hash_type(struct bytes_view path, enum observable_type *type)
{
	static const char prefix[] = "file:hashes.";
	struct bytes_view name;

	if (path.len <= sizeof(prefix) - 1 || memcmp(path.data, prefix, sizeof(prefix) - 1) != 0)
		return false;
	name = bytes_view_of(path.data + sizeof(prefix) - 1, path.len - (sizeof(prefix) - 1));
	if (name.len >= 2 && name.data[0] == '\'' && name.data[name.len - 1] == '\'')
		name = bytes_view_of(name.data + 1, name.len - 2);
	return observable_type_parse(name, type) && *type >= OBSERVABLE_MD5 &&
	       *type <= OBSERVABLE_SHA512;
}

/* False: no observable has this property.  *guess: the value tells. */
static bool
type_of_path(struct bytes_view path, enum observable_type *type, bool *guess)
{
	static const struct {
		const char *path;
		enum observable_type type;
	} paths[] = {
	    {"domain-name:value", OBSERVABLE_DOMAIN},
	    {"url:value", OBSERVABLE_URL},
	    {"email-addr:value", OBSERVABLE_EMAIL},
	    {"email-message:from_ref.value", OBSERVABLE_EMAIL},
	    {"email-message:sender_ref.value", OBSERVABLE_EMAIL},
	    {"file:name", OBSERVABLE_FILENAME},
	    {"autonomous-system:number", OBSERVABLE_ASN},
	};
	size_t i;

	*guess = is_path(path, "ipv4-addr:value") || is_path(path, "ipv6-addr:value") ||
		 is_path(path, "network-traffic:dst_ref.value") ||
		 is_path(path, "network-traffic:src_ref.value");
	if (*guess)
		return true;
	for (i = 0; i < sizeof(paths) / sizeof(*paths); i++) {
		if (is_path(path, paths[i].path)) {
			*type = paths[i].type;
			return true;
		}
	}
	return hash_type(path, type);
}

/* Whether a value that was told by its form is one that the property may have. */
static bool
is_of_path(struct bytes_view path, enum observable_type type)
{
	if (type == OBSERVABLE_IPV4 || type == OBSERVABLE_IPV6 || type == OBSERVABLE_CIDR)
		return true;
	return type == OBSERVABLE_DOMAIN && ends_with(path, "_ref.value");
}

/* Beside a comparison of a reference's value, one of its type says nothing more. */
static bool
is_type_of_reference(struct bytes_view path)
{
	return ends_with(path, "_ref.type");
}

static bool
add_comparison(struct drafts *drafts, const struct comparison *comparison)
{
	uint8_t text[LITERAL_BYTES_MAX];
	struct bytes_view value;
	enum observable_type type;
	size_t i, len = 0;
	bool guess;

	if (!type_of_path(comparison->path, &type, &guess))
		return false;
	for (i = 0; i < comparison->literal.len && len < sizeof(text); i++) {
		if (comparison->literal.data[i] == '\\' && i + 1 < comparison->literal.len)
			i++;
		text[len++] = comparison->literal.data[i];
	}
	value = bytes_view_of(text, len);
	if (i < comparison->literal.len)
		return false;
	if (guess && (!observable_guess(value, &type) || !is_of_path(comparison->path, type)))
		return false;
	return drafts_observable(drafts, type, value);
}

static bool
add_all(const struct scan *scan, struct drafts *drafts)
{
	uint32_t i, added = 0;

	for (i = 0; i < scan->count; i++) {
		if (scan->inside == JOINT_AND && is_type_of_reference(scan->at[i].path))
			continue;
		if (!add_comparison(drafts, &scan->at[i]))
			return false;
		added++;
	}
	return added > 0;
}

enum err
pattern_read(struct bytes_view pattern, struct drafts *drafts)
{
	struct record *record = &drafts->record;
	struct scan scan = {.left = pattern};

	if (pattern.len > PATTERN_BYTES_MAX || !take_pattern(&scan) || scan.inside == JOINT_MIXED ||
	    (scan.observations > 1 && scan.inside == JOINT_AND) || !add_all(&scan, drafts)) {
		record->observables_count = 0;
		return ERR_NO;
	}
	if (record->observables_count > 1)
		record->body.combine =
		    scan.inside == JOINT_AND ? RECORD_COMBINE_ALL : RECORD_COMBINE_ANY;
	return ERR_NONE;
}
