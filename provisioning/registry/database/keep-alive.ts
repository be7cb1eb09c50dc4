/**
 * For every connection to a database. A server that lost its power closes nothing: who waits for its next word, or for nothing, learns it
 * from the kernel, after 20 s: ten of silence, then ten questions, one a second (Node sets both). Without this, after two hours.
 */
export const KEEP_ALIVE = { keepAlive: true, keepAliveInitialDelayMillis: 10_000 } as const;
