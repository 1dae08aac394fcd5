/*
 * random_policy: policies that a seed decides, for properties that must hold under any.
 */
#ifndef MALLA_TESTS_RANDOM_POLICY_H
#define MALLA_TESTS_RANDOM_POLICY_H

#include <string.h>

#include "base/bytes.h"
#include "tests/sim/choice.h"

static const char *const conditions[] = {"kind = indicator", "kind in (note, advisory)",
    "tlp <= green", "tlp = red", "tlp >= amber", "confidence >= 60", "confidence < 20",
    "type = phone", "value under evil.example", "audience = nobody",
    "purpose = \"fraud prevention\"", "attribution = must-not", "derived.tlp >= amber",
    "created > now - 7d", "audience.org = \"CERT Centro\""};
static const char *const parties[] = {"member(fin)", "client", "provider", "constituent",
    "sector(bank)", "country(MX)", "org(\"CERT Centro\")"};
#define COUNT_OF(array) ((uint32_t)(sizeof(array) / sizeof(*(array))))

static inline void
append(struct bytes *text, const char *words)
{
	bytes_append(text, words, strlen(words));
}

static inline void
append_some(struct bytes *text, struct choice *choice, const char *before, const char *const *words,
    uint32_t count)
{
	uint32_t most = 1 + choice_below(choice, 3), i;

	append(text, before);
	for (i = 0; i < most; i++) {
		append(text, i == 0 ? "" : choice_below(choice, 2) == 0 ? " and " : " or ");
		append(text, choice_below(choice, 4) == 0 ? "not " : "");
		append(text, words[choice_below(choice, count)]);
	}
}

static inline void
append_rules(struct bytes *text, struct choice *choice, const char *section,
    const char *const *actions, uint32_t count, const char *party)
{
	uint32_t rules = 1 + choice_below(choice, 8), i;

	append(text, section);
	for (i = 0; i < rules; i++) {
		append(text, "\n  ");
		append(text, actions[choice_below(choice, count)]);
		if (choice_below(choice, 3) != 0)
			append_some(text, choice, " where ", conditions, COUNT_OF(conditions));
		if (choice_below(choice, 3) == 0) {
			append_some(text, choice, party, parties, COUNT_OF(parties));
		} else {
			append(text, party);
			append(text, "anybody");
		}
	}
	append(text, "\n}\n");
}

/* Most actions open: a policy that shares nothing proves nothing.  `digits`: 64 of a community,
 * called fin. */
static inline void
random_policy(struct bytes *text, struct choice *choice, const char *digits)
{
	static const char *const out[] = {
	    "share", "share", "share", "hold(1)", "deny", "redact (title)"};
	static const char *const in[] = {"accept", "accept", "quarantine", "refuse"};

	append(text, "policy \"random\"\ncommunity fin = ");
	append(text, digits);
	append(text, "\n");
	append_rules(text, choice, "outbound {", out, COUNT_OF(out), " to ");
	append_rules(text, choice, "inbound {", in, COUNT_OF(in), " from ");
}

#endif
