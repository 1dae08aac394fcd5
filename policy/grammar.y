/*
 * The grammar of the policy language (lemon).  The first token says what the text is to be:
 * PREDICATE, a condition by itself.  Its actions are in policy/build.c.
 */
%name grammar_
%token_prefix TOKEN_
%token_type {struct scan_token}
%extra_argument {struct build *build}
%stack_size 100

%include {
#define grammar__ENGINEALWAYSONSTACK 1
#include <assert.h>
#include "policy/build.h"
#include "policy/complain.h"

struct yyParser;
static uint64_t grammar_expected(const struct yyParser *parser);
}

%type expr {int}
%type op {struct build_op}
%type operand {struct build_operand}
%type list {struct build_operand}
%type value {int}

%left OR.
%left AND.
%right NOT.

/* what no rule takes: characters that begin no word, and an open quotation */
%token BAD UNFINISHED.

%syntax_error {
	complain_unexpected(build, &TOKEN, grammar_expected(yypParser));
}
%stack_overflow {
	complain_too_deep(build);
}

start ::= PREDICATE expr(E) END. { build->root = build_settle(build, E); }

expr(R) ::= expr(A) OR expr(B). { R = build_or(build, A, B); }
expr(R) ::= expr(A) AND expr(B). { R = build_and(build, A, B); }
expr(R) ::= NOT expr(A). { R = build_not(build, A); }
expr(R) ::= OPEN expr(A) CLOSE. { R = build_closed(build, A); }
expr(R) ::= WORD(F) op(O) operand(V). { R = build_comparison(build, &F, &O, &V); }

op(R) ::= EQUAL(T). { R = build_op_of(PREDICATE_EQUAL, &T); }
op(R) ::= NOT_EQUAL(T). { R = build_op_denied(PREDICATE_EQUAL, &T); }
op(R) ::= LESS(T). { R = build_op_of(PREDICATE_LESS, &T); }
op(R) ::= AT_MOST(T). { R = build_op_of(PREDICATE_AT_MOST, &T); }
op(R) ::= GREATER(T). { R = build_op_of(PREDICATE_GREATER, &T); }
op(R) ::= AT_LEAST(T). { R = build_op_of(PREDICATE_AT_LEAST, &T); }
op(R) ::= LIKE(T). { R = build_op_of(PREDICATE_LIKE, &T); }
op(R) ::= NOT_LIKE(T). { R = build_op_denied(PREDICATE_LIKE, &T); }
op(R) ::= UNDER(T). { R = build_op_of(PREDICATE_UNDER, &T); }
op(R) ::= NOT UNDER(T). { R = build_op_denied(PREDICATE_UNDER, &T); }
op(R) ::= IN(T). { R = build_op_of(PREDICATE_WITHIN, &T); }
op(R) ::= NOT IN(T). { R = build_op_denied(PREDICATE_WITHIN, &T); }

operand(R) ::= value(V). { R = (struct build_operand){V, 1, false}; }
operand(R) ::= OPEN list(L) CLOSE. { R = L; }
list(R) ::= value(V). { R = (struct build_operand){V, 1, true}; }
list(R) ::= list(L) COMMA value. { R = L; R.count++; }
value(R) ::= WORD(T). { R = build_value(build, &T); }
value(R) ::= STRING(T). { R = build_value(build, &T); }
value(R) ::= NOW(T). { R = build_value(build, &T); }

%code {
/* Which tokens could have come: a bit each. */
static uint64_t
grammar_expected(const struct yyParser *parser)
{
	YYACTIONTYPE state = parser->yytos->stateno;
	uint64_t expected = 0;
	unsigned token;

	static_assert(YYNTOKEN <= 64, "one bit a token");
	for (token = 1; token < YYNTOKEN && state <= YY_MAX_SHIFT; token++) {
		if (yy_find_shift_action((YYCODETYPE)token, state) != YY_ERROR_ACTION)
			expected |= UINT64_C(1) << token;
	}
	return expected;
}

void
grammar_run(struct build *build, int start, struct bytes_view text)
{
	yyParser parser;
	struct scan scan;
	struct scan_token token = {.kind = start};

	grammar_Init(&parser);
	scan_open(&scan, text);
	grammar_(&parser, start, token, build);
	do {
		scan_next(&scan, &token);
		grammar_(&parser, token.kind, token, build);
	} while (build_is_ok(build) && token.kind != TOKEN_END);
	if (build_is_ok(build))
		grammar_(&parser, 0, token, build);
	grammar_Finalize(&parser);
}
}
