/*
 * sandbox: what each process of a node gives up for good.
 */
#ifndef MALLA_NODE_SANDBOX_H
#define MALLA_NODE_SANDBOX_H

enum sandbox_role { SANDBOX_LINK, SANDBOX_CORE, SANDBOX_KEYRING, SANDBOX_SUPERVISOR };

/* For every process: no core image, no new privileges, no tracing by others; descriptors up to
   the hard limit (at most 65,536: TRAPS 5).  For link also a cap on its address space
   (TRAPS 4).  Called first thing after the fork. */
void sandbox_prepare(enum sandbox_role role);
/* Once everything is open: from now on every thread of this process has the system calls of
   its role and no others.
     keyring   what it takes to answer on its channel and to write its state file; any other
	       call ends the process
     core      files, and the sockets that it has; it makes no new ones
     link      TCP and name resolution; files are opened for reading only
   In core and link a call nobody foresaw fails with ENOSYS; to run a program, to trace, and
   the like ends the process.  The supervisor has no filter.  A kernel without seccomp is
   logged, and the process goes on. */
void sandbox_enter(enum sandbox_role role);

#endif
