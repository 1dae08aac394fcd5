/*
 * The grammar of the policy language (lemon).  The first token says what the text is to be:
 * PREDICATE, a condition by itself; FILE, a policy file; RULES or STEPS, the rest of a policy
 * file from within a section or a test, where the parser takes up again behind an error.
 * Its actions are in policy/build.c (conditions), compose.c, section.c and script.c.
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
#include "policy/compose.h"
#include "policy/own.h"
#include "policy/script.h"
#include "policy/section.h"

struct yyParser;
static uint64_t grammar_expected(const struct yyParser *parser);
}

%type primary {int}
%type expr {int}
%type op {struct build_op}
%type operand {struct build_operand}
%type list {struct build_operand}
%type value {int}
%type action {struct section_head}
%type where {int}
%type party {struct section_party}
%type outcome {struct section_head}

%left OR.
%left AND.
%right NOT.

/* bare words wherever neither can stand */
%fallback WORD LIST OWN.
/* what no rule takes: characters that begin no word, an open quotation, comments */
%token BAD UNFINISHED COMMENT.

%syntax_error {
	complain_unexpected(build, &TOKEN, grammar_expected(yypParser));
	build->has_syntax_error = true;
}
%stack_overflow {
	complain_too_deep(build);
}

start ::= PREDICATE expr(E) END. { build->root = build_settle(build, E); }
start ::= FILE items END.
start ::= RULES rules BLOCK_END items END.
start ::= STEPS steps BLOCK_END items END.

/* ------------------------------------------------------------------ conditions */

expr(R) ::= expr(A) OR expr(B). { R = build_or(build, A, B); }
expr(R) ::= expr(A) AND expr(B). { R = build_and(build, A, B); }
expr(R) ::= NOT(T) expr(A). { R = build_not(build, A, &T); }
expr(R) ::= primary(A). { R = A; }
expr(R) ::= TO(T) primary(A). { R = build_of_peer(build, A, &T); }
expr(R) ::= FROM(T) primary(A). { R = build_of_peer(build, A, &T); }
expr(R) ::= WORD(F) op(O) operand(V). { R = build_comparison(build, &F, &O, &V); }
expr(R) ::= WORD(F) IN(T) LIST OPEN list(V) CLOSE. {
	struct build_op op = build_op_of(PREDICATE_LISTED, &T);

	R = build_comparison(build, &F, &op, &V);
}
expr(R) ::= WORD(F) NOT(T) IN LIST OPEN list(V) CLOSE. {
	struct build_op op = build_op_denied(PREDICATE_LISTED, &T);

	R = build_comparison(build, &F, &op, &V);
}
primary(R) ::= OPEN expr(A) CLOSE. { R = build_closed(build, A); }
primary(R) ::= WORD(W). { R = build_word(build, &W, &yyLookaheadToken); }
primary(R) ::= WORD(W) OPEN list(V) CLOSE. { R = build_call(build, &W, &V); }

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

/* ------------------------------------------------------------------ the file */

items ::= .
items ::= items item. { compose_end(build); }

item ::= POLICY(T) STRING(N). { compose_policy(build, &T, &N); }
item ::= COMMUNITY WORD(N). { compose_community(build, &N, NULL); }
item ::= COMMUNITY WORD(N) EQUAL WORD(I). { compose_community(build, &N, &I); }
item ::= OWN(T) OPEN list(V) CLOSE. { own_take(build, &T, &V); }
item ::= DEFINE WORD(N) EQUAL expr(E). { compose_define(build, &N, E); }
item ::= LIST WORD(N) STRING(F). { compose_list(build, &N, &F, NULL); }
item ::= LIST WORD(N) STRING(F) EQUAL WORD(H). { compose_list(build, &N, &F, &H); }
item ::= section BLOCK rules BLOCK_END. { section_end(build); }
item ::= test BLOCK steps BLOCK_END. { script_end(build); }

section ::= OUTBOUND(T). { section_begin(build, COMPOSE_OUTBOUND, &T); }
section ::= INBOUND(T). { section_begin(build, COMPOSE_INBOUND, &T); }
section ::= RETAIN(T). { section_begin(build, COMPOSE_RETAIN, &T); }

rules ::= .
rules ::= rules rule. { compose_end(build); }
rule ::= action(A) where(W) party(P). { section_rule(build, &A, W, &P); }
rule ::= REQUIRE(T) list(L) where(W). { section_require(build, &T, &L, W); }

action(R) ::= SHARE(T) name(N). { R = section_head(RULE_SHARE, &T, &N); }
action(R) ::= HOLD(T) OPEN WORD(C) CLOSE name(N). { R = section_hold(&T, &C, &N); }
action(R) ::= REDACT(T) name(N) OPEN list(L) CLOSE. { R = section_redact(&T, &L, &N); }
action(R) ::= DENY(T) name(N). { R = section_head(RULE_DENY, &T, &N); }
action(R) ::= ACCEPT(T) name(N). { R = section_head(RULE_ACCEPT, &T, &N); }
action(R) ::= QUARANTINE(T) name(N). { R = section_head(RULE_QUARANTINE, &T, &N); }
action(R) ::= REFUSE(T) name(N). { R = section_head(RULE_REFUSE, &T, &N); }
action(R) ::= ERASE(T) name(N). { R = section_head(RULE_ERASE, &T, &N); }

name(R) ::= . { R = (struct scan_token){0}; }
name(R) ::= WORD(T). { R = T; }

where(R) ::= . { R = BUILD_NONE; }
where(R) ::= WHERE expr(E). { R = build_settle(build, E); }
party(R) ::= . { R = (struct section_party){.root = BUILD_NONE}; }
party(R) ::= TO(T) expr(E). { R = section_party(build, &T, E); }
party(R) ::= FROM(T) expr(E). { R = section_party(build, &T, E); }

/* ------------------------------------------------------------------ tests */

test ::= TEST(T) STRING(N). { script_begin(build, &T, &N); }
steps ::= .
steps ::= steps step. { compose_end(build); }

step ::= record sets.
record ::= RECORD(T). { script_record(build, &T); }
sets ::= set.
sets ::= sets COMMA set.
set ::= WORD(F) EQUAL value(V). { script_set(build, &F, V); }

step ::= AT(T) value(V). { script_at(build, &T, V); }
step ::= RETAIN(T). { script_retain(build, &T); }
step ::= peer facts.
peer ::= TO(T) value(V). { script_peer(build, &T, V, true); }
peer ::= FROM(T) value(V). { script_peer(build, &T, V, false); }
facts ::= .
facts ::= facts COMMA fact.
fact ::= WORD(W). { script_fact(build, &W, BUILD_NONE); }
fact ::= WORD(W) EQUAL value(V). { script_fact(build, &W, V); }

step ::= EXPECT(T) outcome(O). { script_expect(build, &T, &O, NULL); }
step ::= EXPECT(T) outcome(O) OPEN WORD(B) CLOSE. { script_expect(build, &T, &O, &B); }
outcome(R) ::= SHARE(T) name(N). { R = section_head(RULE_SHARE, &T, &N); }
outcome(R) ::= HOLD(T) OPEN WORD(C) CLOSE name(N). { R = section_hold(&T, &C, &N); }
outcome(R) ::= REDACT(T) name(N). { R = section_head(RULE_REDACT, &T, &N); }
outcome(R) ::= DENY(T) name(N). { R = section_head(RULE_DENY, &T, &N); }
outcome(R) ::= ACCEPT(T) name(N). { R = section_head(RULE_ACCEPT, &T, &N); }
outcome(R) ::= QUARANTINE(T) name(N). { R = section_head(RULE_QUARANTINE, &T, &N); }
outcome(R) ::= REFUSE(T) name(N). { R = section_head(RULE_REFUSE, &T, &N); }
outcome(R) ::= ERASE(T) name(N). { R = section_head(RULE_ERASE, &T, &N); }
outcome(R) ::= WORD(T). { R = script_keep(build, &T); }

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
		if (token != TOKEN_LIST && token != TOKEN_OWN && /* words again, where they fall back */
		    yy_find_shift_action((YYCODETYPE)token, state) != YY_ERROR_ACTION)
			expected |= UINT64_C(1) << token;
	}
	return expected;
}

void
grammar_run(struct build *build, struct scan *scan, int start, const struct scan_token *first)
{
	yyParser parser;
	struct scan_token token = {.kind = start};

	grammar_Init(&parser);
	grammar_(&parser, start, token, build);
	if (first != NULL)
		token = *first;
	else
		scan_next(scan, &token);
	for (;;) {
		build->last = token;
		grammar_(&parser, token.kind, token, build);
		if (!build_goes_on(build) || token.kind == TOKEN_END)
			break;
		scan_next(scan, &token);
	}
	if (build_goes_on(build))
		grammar_(&parser, 0, token, build);
	grammar_Finalize(&parser);
}
}
