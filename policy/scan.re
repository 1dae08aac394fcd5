/*
 * The scanner of the policy language.  A bare word is anything that people write without
 * quotes: a field, a label's name, an address, a network, a date, a duration, a defanged URL.
 * What a word means is decided where it stands, so `domain` is a word like any other.
 */
#include "policy/scan.h"

#include "policy/grammar.h"

void
scan_open(struct scan *scan, struct bytes_view text)
{
	scan->at = text.data;
	scan->end = text.len == 0 ? text.data : text.data + text.len;
	scan->line_start = text.data;
	scan->line = 1;
	scan->is_line_begun = false;
	scan->has_keywords = false;
	scan->has_comments = false;
}

static const struct {
	const char *word;
	int kind;
	unsigned begins;
} keywords[] = {
    {"policy", TOKEN_POLICY, SCAN_ITEM},
    {"community", TOKEN_COMMUNITY, SCAN_ITEM},
    {"own", TOKEN_OWN, SCAN_ITEM},
    {"define", TOKEN_DEFINE, SCAN_ITEM},
    {"outbound", TOKEN_OUTBOUND, SCAN_ITEM},
    {"inbound", TOKEN_INBOUND, SCAN_ITEM},
    {"retain", TOKEN_RETAIN, SCAN_ITEM | SCAN_STEP},
    {"test", TOKEN_TEST, SCAN_ITEM},
    {"share", TOKEN_SHARE, SCAN_RULE},
    {"hold", TOKEN_HOLD, SCAN_RULE},
    {"redact", TOKEN_REDACT, SCAN_RULE},
    {"deny", TOKEN_DENY, SCAN_RULE},
    {"accept", TOKEN_ACCEPT, SCAN_RULE},
    {"quarantine", TOKEN_QUARANTINE, SCAN_RULE},
    {"refuse", TOKEN_REFUSE, SCAN_RULE},
    {"erase", TOKEN_ERASE, SCAN_RULE},
    {"require", TOKEN_REQUIRE, SCAN_RULE},
    {"where", TOKEN_WHERE, 0},
    {"to", TOKEN_TO, SCAN_STEP},
    {"from", TOKEN_FROM, SCAN_STEP},
    {"record", TOKEN_RECORD, SCAN_STEP},
    {"at", TOKEN_AT, SCAN_STEP},
    {"expect", TOKEN_EXPECT, SCAN_STEP},
};
#define KEYWORDS_COUNT (sizeof(keywords) / sizeof(*keywords))

const char *
scan_keyword(int kind)
{
	uint32_t i;

	if (kind == TOKEN_LIST)
		return "list";
	for (i = 0; i < KEYWORDS_COUNT; i++) {
		if (keywords[i].kind == kind)
			return keywords[i].word;
	}
	return NULL;
}

bool
scan_begins(int kind, enum scan_statement statement)
{
	uint32_t i;

	if (kind == TOKEN_LIST)
		return statement == SCAN_ITEM;
	for (i = 0; i < KEYWORDS_COUNT; i++) {
		if (keywords[i].kind == kind)
			return (keywords[i].begins & (unsigned)statement) != 0;
	}
	return false;
}

bool
scan_is_keyword(const struct scan_token *token)
{
	return scan_keyword(token->kind) != NULL;
}

static int
kind_of_word(struct bytes_view word)
{
	uint32_t i;

	for (i = 0; i < KEYWORDS_COUNT; i++) {
		if (bytes_view_is_equal(word, bytes_view_str(keywords[i].word)))
			return keywords[i].kind;
	}
	return TOKEN_WORD;
}

/* Past the end there is nothing but NULs, which no token contains. */
#define YYPEEK() (at < scan->end ? *at : 0)
#define YYSKIP() (at++)
#define YYBACKUP() (marker = at)
#define YYRESTORE() (at = marker)

/*!re2c
	re2c:api = custom;
	re2c:api:style = functions;
	re2c:define:YYCTYPE = uint8_t;
	re2c:yyfill:enable = 0;

	blank    = [ \t\r];
	high     = [\x80-\xff];
	first    = [A-Za-z0-9_.:/@%[\]&?*$;'] | high;
	word     = ( first | "+" [0-9] ) ( first | [+-] )*;
	string   = ["] ( [^"\\\n\x00] | "\\" [^\n\x00] )* ["];
	open     = ["] ( [^"\\\n\x00] | "\\" [^\n\x00] )* "\\"?;
*/

/* The next token to *kind; false where blanks, a comment or a line feed were passed instead. */
static bool
scan_token(struct scan *scan, int *kind)
{
	const uint8_t *at = scan->at;
	const uint8_t *marker = at;

	*kind = TOKEN_BAD;
	/*!re2c
		*            { goto bad; }
		blank+       { goto skip; }
		"#" [^\n\x00]* { *kind = TOKEN_COMMENT; if (scan->has_comments) goto take; goto skip; }
		"\n"         { scan->line++; scan->line_start = at; scan->is_line_begun = false; goto skip; }

		"("          { *kind = TOKEN_OPEN; goto take; }
		")"          { *kind = TOKEN_CLOSE; goto take; }
		","          { *kind = TOKEN_COMMA; goto take; }
		"{"          { *kind = TOKEN_BLOCK; goto take; }
		"}"          { *kind = TOKEN_BLOCK_END; goto take; }
		"="          { *kind = TOKEN_EQUAL; goto take; }
		"!="         { *kind = TOKEN_NOT_EQUAL; goto take; }
		"<"          { *kind = TOKEN_LESS; goto take; }
		"<="         { *kind = TOKEN_AT_MOST; goto take; }
		">"          { *kind = TOKEN_GREATER; goto take; }
		">="         { *kind = TOKEN_AT_LEAST; goto take; }
		"~"          { *kind = TOKEN_LIKE; goto take; }
		"!~"         { *kind = TOKEN_NOT_LIKE; goto take; }
		"and"        { *kind = TOKEN_AND; goto take; }
		"or"         { *kind = TOKEN_OR; goto take; }
		"not"        { *kind = TOKEN_NOT; goto take; }
		"in"         { *kind = TOKEN_IN; goto take; }
		"under"      { *kind = TOKEN_UNDER; goto take; }
		"list"       { *kind = TOKEN_LIST; goto take; }
		"now"        { *kind = TOKEN_NOW; goto take; }
		"now" blank* [+-] blank* [0-9]+ [A-Za-z]* { *kind = TOKEN_NOW; goto take; }
		string       { *kind = TOKEN_STRING; goto take; }
		open         { *kind = TOKEN_UNFINISHED; goto take; }
		word         { *kind = TOKEN_WORD; goto take; }
	*/
bad:
	/* a whole character, so that a message shows no half of one */
	while (at < scan->end && (*at & 0xc0) == 0x80)
		at++;
take:
	scan->at = at;
	return true;
skip:
	scan->at = at;
	return false;
}

void
scan_next(struct scan *scan, struct scan_token *out)
{
	const uint8_t *start;
	int kind = TOKEN_END;

	do {
		start = scan->at;
		out->place = (struct scan_place){scan->line_start, scan->line,
		    (uint32_t)(start - scan->line_start) + 1};
	} while (start < scan->end && !scan_token(scan, &kind));
	out->kind = start < scan->end ? kind : TOKEN_END;
	out->text = bytes_view_of(start, (size_t)(scan->at - start));
	out->is_first = !scan->is_line_begun;
	scan->is_line_begun = true;
	if (scan->has_keywords && out->kind == TOKEN_WORD)
		out->kind = kind_of_word(out->text);
}
