#include "tests/sim/guard.h"

#include <stddef.h>
#include <string.h>

#include "tests/sim/check.h"

static struct world_node *
node_of(struct keyring *guard)
{
	return (struct world_node *)(void *)((char *)guard - offsetof(struct world_node, guard));
}

/* ---------------------------------------------------------------- what a keyring is given */

static enum err
load_head(void *context, struct head *out)
{
	const struct world_node *node = context;

	if (!node->has_head)
		return ERR_NOT_FOUND;
	*out = node->head;
	return ERR_NONE;
}

static enum err
note_head(void *context, const struct head *head)
{
	struct world_node *node = context;

	node->has_head = true;
	node->head = *head;
	return ERR_NONE;
}

static uint64_t
read_clock(void *context)
{
	return world_clock(context);
}

static enum err
assemble(struct world_node *node)
{
	struct keyring_journal journal = {node, load_head, note_head, NULL};

	return party_keyring(node->party, &journal, read_clock, node, &node->keyring);
}

static void
end(struct world_node *node)
{
	if (node->keyring != NULL)
		node->keyring->free(node->keyring);
	node->keyring = NULL;
}

/* Whether the keyring dies at this call; the next process takes its place at once. */
static bool
is_dying(struct world_node *node)
{
	return node->keyring_dies > 0 && --node->keyring_dies == 0;
}

static enum err
renew(struct world_node *node)
{
	end(node);
	return assemble(node);
}

/* ---------------------------------------------------------------- what a core asks */

static enum err
sign(struct keyring *guard, const struct keyring_item *items, uint32_t count,
    struct keyring_result *results)
{
	struct world_node *node = node_of(guard);
	bool dies = is_dying(node);
	enum err err = ERR_NONE;
	uint32_t i;

	if (disk_is_dead(node->disk) || node->keyring_is_gone)
		return ERR_UNREACHABLE;
	/* it dies before it has done anything, or once it is done and nobody has heard */
	if (dies && choice_is(&node->world->fault, 500)) {
		(void)node->keyring->sign(node->keyring, items, count, results);
		memset(results, 0, count * sizeof(*results));
	}
	if (dies)
		err = renew(node);
	/* and sometimes the one after it does, and the one after that */
	if (dies && choice_is(&node->world->fault, 200)) {
		node->keyring_is_gone = true;
		return ERR_UNREACHABLE;
	}
	if (err == ERR_NONE)
		err = node->keyring->sign(node->keyring, items, count, results);
	for (i = 0; i < count && err == ERR_NONE; i++) {
		if (results[i].err == ERR_NONE)
			check_signed(node, &items[i]);
	}
	return err;
}

static enum err
unwrap(struct keyring *guard, struct bytes_view statement, uint8_t content_key[32])
{
	struct world_node *node = node_of(guard);

	if (disk_is_dead(node->disk) || node->keyring_is_gone)
		return ERR_UNREACHABLE;
	if (is_dying(node) && renew(node) != ERR_NONE)
		return ERR_UNREACHABLE;
	return node->keyring->unwrap(node->keyring, statement, content_key);
}

static enum err
state(struct keyring *guard, struct head *head, bool *has_head)
{
	struct world_node *node = node_of(guard);

	return node->keyring->state(node->keyring, head, has_head);
}

static enum err
public_keys(struct keyring *guard, struct keyring_public *out)
{
	struct world_node *node = node_of(guard);

	return node->keyring->public_keys(node->keyring, out);
}

enum err
guard_open(struct world_node *node)
{
	node->guard = (struct keyring){
	    .sign = sign, .unwrap = unwrap, .state = state, .public_keys = public_keys};
	node->keyring_is_gone = false;
	return assemble(node);
}

void
guard_close(struct world_node *node)
{
	end(node);
}
