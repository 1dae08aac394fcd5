/*
 * log: lines on standard error for whoever watches the program: journald priorities, no
 * secrets, one line per event.  The tamper-evident log is store/tree_rows, not this.
 */
#ifndef MALLA_BASE_LOG_H
#define MALLA_BASE_LOG_H

enum log_level { LOG_ERROR = 3, LOG_WARNING = 4, LOG_NOTICE = 5, LOG_INFO = 6, LOG_DEBUG = 7 };

/* Lines above `level` are dropped; `program` (static) stands before each line.  With
   `journal` each line begins with its <priority>, as sd-daemon(3) has it. */
void log_init(const char *program, enum log_level level, int journal);
/* Control characters in the result are replaced: a peer's text cannot forge a line. */
void log_line(enum log_level level, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
