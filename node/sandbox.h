/*
 * sandbox: what each process of a node gives up for good.
 */
#ifndef MALLA_NODE_SANDBOX_H
#define MALLA_NODE_SANDBOX_H

enum sandbox_role { SANDBOX_LINK, SANDBOX_CORE, SANDBOX_KEYRING };

/* For every process: no core image, no new privileges, no tracing by others; descriptors up to
   the hard limit (at most 65,536: TRAPS 5).  For link also a cap on its address space
   (TRAPS 4).  Called first thing after the fork. */
void sandbox_prepare(enum sandbox_role role);
/* Once everything is open: no program may be run, no process traced, and by role no socket
   made (core, keyring) nor file opened (link).  A kernel without seccomp is logged, and the
   process goes on. */
void sandbox_enter(enum sandbox_role role);

#endif
