/*
 * One QuickJS with the agent in it, within limits: memory, stack, and computing time for each call. What runs past one of them has
 * failed as a whole, whatever it answers afterwards.
 */
#ifndef HOLDFAST_ENGINE_H
#define HOLDFAST_ENGINE_H

#include <jni.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "quickjs.h"

typedef struct {
  JSRuntime *runtime;
  JSContext *context;
  /* The agent's handle(ledger, event), once a bundle was evaluated. */
  JSValue handle;
  /* Thread CPU time at which the call in progress is stopped. */
  int64_t deadline_ns;
  bool late;
  bool exhausted;
  /* Of the thread that is inside now. */
  JNIEnv *env;
  /* Global reference to a PlatformCrypto, and its methods. */
  jobject crypto;
  jmethodID sha256;
  jmethodID verify_p256;
} Engine;

/* NULL if there is no memory for it. */
Engine *engine_create(size_t memory_limit, size_t stack_limit);

void engine_destroy(Engine *engine);

/* Before each call from outside: the thread may be another one than last time, and the clock starts anew. */
void engine_enter(Engine *engine, JNIEnv *env, int64_t limit_ms);

/*
 * Evaluates the agent's bundle and opens the agent with what the host brings.
 * `source` needs a NUL behind its `length` bytes. False: see engine_failure.
 */
bool engine_evaluate(Engine *engine, const char *source, size_t length, JSValue native);

/* Calls handle. Takes both arguments over. The value is the engine's answer, or an exception. */
JSValue engine_handle(Engine *engine, JSValue ledger, JSValue event);

/* What went wrong, as ASCII: the limit that was passed, or what JavaScript threw. */
void engine_failure(Engine *engine, char *text, size_t size);

/* A Uint8Array with these bytes. */
JSValue engine_bytes(JSContext *context, const uint8_t *bytes, size_t length);

/* The bytes of a Uint8Array, which keeps them; NULL, and an exception in the engine, if it is none. */
const uint8_t *engine_bytes_of(JSContext *context, JSValueConst value, size_t *length);

#endif
