/*
 * One QuickJS with the agent in it, within limits: memory, stack, and computing time for each call. At the limit of memory or time the
 * engine is left at once, by a jump, and never entered again. QuickJS would answer a refused allocation with an exception, but 2025-04-26
 * does not survive each one (a process was seen to crash), and what JavaScript says after one is not worth hearing.
 */
#ifndef HOLDFAST_ENGINE_H
#define HOLDFAST_ENGINE_H

#include <jni.h>
#include <setjmp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "quickjs.h"

/* In front of each block that QuickJS holds, so that all of them can be freed without asking it. */
typedef struct Block {
  struct Block *before;
  struct Block *after;
} Block;

/* Why an engine was left. */
typedef enum { LIMIT_NONE, LIMIT_MEMORY, LIMIT_TIME } Limit;

typedef struct {
  JSRuntime *runtime;
  JSContext *context;
  /* The agent's handle(ledger, event), once a bundle was evaluated. */
  JSValue handle;
  /* Thread CPU time at which the call in progress is stopped. */
  int64_t deadline_ns;
  /* A ring of all blocks. */
  Block blocks;
  /* Where to go from a limit, while inside. */
  jmp_buf way_out;
  bool inside;
  Limit passed;
  /* Of the thread that is inside now. */
  JNIEnv *env;
  /* Global reference to a PlatformCrypto, and its methods. */
  jobject crypto;
  jmethodID sha256;
  jmethodID verify_p256;
} Engine;

/* NULL if there is no memory for it. */
Engine *engine_create(size_t memory_limit, size_t stack_limit);

/* Frees all that the engine holds. */
void engine_destroy(Engine *engine);

/*
 * Does some work in the engine. False: it ran into a limit, and the engine can only be destroyed. The thread may be another one than
 * last time, and the clock starts anew. Work holds nothing that is lost by a jump: memory comes from engine_allocate.
 */
bool engine_enter(Engine *engine, JNIEnv *env, int64_t limit_ms, void (*work)(Engine *, void *), void *argument);

/* Memory within the limit, while inside; never NULL. */
void *engine_allocate(Engine *engine, size_t size);

void engine_release(Engine *engine, void *block);

/* While inside: leaves it, as at the limit of memory. For what the host could not give. */
void engine_out_of_memory(Engine *engine);

/*
 * Evaluates the agent's bundle and opens the agent with what the host brings.
 * `source` needs a NUL behind its `length` bytes. False: an exception is pending.
 */
bool engine_evaluate(Engine *engine, const char *source, size_t length, JSValue native);

/* Calls handle. Takes both arguments over. The value is the engine's answer, or an exception. */
JSValue engine_handle(Engine *engine, JSValue ledger, JSValue event);

/* While inside: what JavaScript threw, as ASCII. */
void engine_exception(Engine *engine, char *text, size_t size);

/* A Uint8Array with these bytes. */
JSValue engine_bytes(JSContext *context, const uint8_t *bytes, size_t length);

/* The bytes of a Uint8Array, which keeps them; NULL, and an exception in the engine, if it is none. */
const uint8_t *engine_bytes_of(JSContext *context, JSValueConst value, size_t *length);

#endif
