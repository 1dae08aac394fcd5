#include "policy/rule.h"

#include <assert.h>

#include "wire/observable.h"

static const struct {
	const char *name;
	enum rule_direction direction;
} actions[] = {
#define ACTION_ROW(symbol, name, direction) [symbol] = {name, direction},
    RULE_ACTION_TABLE(ACTION_ROW)
#undef ACTION_ROW
};

static const struct {
	const char *name;
	uint32_t bit;
} redactions[] = {
#define REDACT_ROW(symbol, bit, name) {name, bit},
    RULE_REDACT_TABLE(REDACT_ROW)
#undef REDACT_ROW
};

static_assert(RULE_REDACT_TYPES + OBSERVABLE_TYPE_MAX < 64, "a bit for every type");

const char *
rule_action_name(enum rule_action action)
{
	return actions[action].name;
}

enum rule_direction
rule_action_direction(enum rule_action action)
{
	return actions[action].direction;
}

bool
rule_action_is_outbound(enum rule_action action)
{
	return actions[action].direction == RULE_OUTBOUND;
}

bool
rule_redact_parse(struct bytes_view name, uint64_t *bit)
{
	enum observable_type type;
	uint32_t i;

	for (i = 0; i < sizeof(redactions) / sizeof(*redactions); i++) {
		if (bytes_view_is_equal(name, bytes_view_str(redactions[i].name))) {
			*bit = UINT64_C(1) << redactions[i].bit;
			return true;
		}
	}
	if (!observable_type_parse(name, &type))
		return false;
	*bit = UINT64_C(1) << (RULE_REDACT_TYPES + (uint32_t)type);
	return true;
}
