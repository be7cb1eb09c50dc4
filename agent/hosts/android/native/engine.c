#include "engine.h"

#include <malloc.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* What an allocator spends on each block beside the block, as QuickJS counts it. */
#define BLOCK_OVERHEAD 8

/* ---- memory: QuickJS's own functions with one thing more, that the first refusal is remembered ---- */

static void *refuse(JSMallocState *state)
{
  ((Engine *)state->opaque)->exhausted = true;
  return NULL;
}

static bool has_room(const JSMallocState *state, size_t size)
{
  return state->malloc_size <= state->malloc_limit && size <= state->malloc_limit - state->malloc_size;
}

static void *limited_malloc(JSMallocState *state, size_t size)
{
  void *block = has_room(state, size) ? malloc(size) : NULL;
  if (!block)
    return refuse(state);
  state->malloc_count++;
  state->malloc_size += malloc_usable_size(block) + BLOCK_OVERHEAD;
  return block;
}

static void limited_free(JSMallocState *state, void *block)
{
  if (!block)
    return;
  state->malloc_count--;
  state->malloc_size -= malloc_usable_size(block) + BLOCK_OVERHEAD;
  free(block);
}

static void *limited_realloc(JSMallocState *state, void *block, size_t size)
{
  if (!block)
    return size == 0 ? NULL : limited_malloc(state, size);
  if (size == 0) {
    limited_free(state, block);
    return NULL;
  }
  size_t before = malloc_usable_size(block);
  void *moved = size <= before || has_room(state, size - before) ? realloc(block, size) : NULL;
  if (!moved)
    return refuse(state);
  state->malloc_size += malloc_usable_size(moved) - before;
  return moved;
}

static size_t usable_size(const void *block)
{
  return malloc_usable_size((void *)block);
}

static const JSMallocFunctions limited = {limited_malloc, limited_free, limited_realloc, usable_size};

/* ---- time ---- */

/* The thread's own computing time: on a phone that does ten other things at its start, nobody is late for having waited. */
static int64_t now_ns(void)
{
  struct timespec now = {0, 0};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

/* QuickJS asks every ten thousand steps. What it throws then, no JavaScript can catch. */
static int interrupt_if_late(JSRuntime *runtime, void *opaque)
{
  Engine *engine = opaque;
  (void)runtime;
  if (now_ns() >= engine->deadline_ns)
    engine->late = true;
  return engine->late;
}

/* ---- life ---- */

Engine *engine_create(size_t memory_limit, size_t stack_limit)
{
  Engine *engine = calloc(1, sizeof *engine);
  if (!engine)
    return NULL;
  engine->handle = JS_UNDEFINED;
  engine->runtime = JS_NewRuntime2(&limited, engine);
  if (engine->runtime) {
    JS_SetMemoryLimit(engine->runtime, memory_limit);
    JS_SetMaxStackSize(engine->runtime, stack_limit);
    JS_SetStripInfo(engine->runtime, JS_STRIP_SOURCE); /* nobody asks a function for its text */
    JS_SetInterruptHandler(engine->runtime, interrupt_if_late, engine);
    engine->context = JS_NewContext(engine->runtime);
  }
  if (!engine->context) {
    engine_destroy(engine);
    return NULL;
  }
  JS_SetContextOpaque(engine->context, engine);
  return engine;
}

void engine_destroy(Engine *engine)
{
  if (engine->context) {
    JS_FreeValue(engine->context, engine->handle);
    JS_FreeContext(engine->context);
  }
  if (engine->runtime)
    JS_FreeRuntime(engine->runtime);
  free(engine);
}

void engine_enter(Engine *engine, JNIEnv *env, int64_t limit_ms)
{
  engine->env = env;
  engine->deadline_ns = now_ns() + limit_ms * 1000000;
  JS_UpdateStackTop(engine->runtime);
}

/* ---- the agent ---- */

bool engine_evaluate(Engine *engine, const char *source, size_t length, JSValue native)
{
  JSContext *context = engine->context;
  JSValue global = JS_GetGlobalObject(context);
  JSValue ran = JS_Eval(context, source, length, "agent.js", JS_EVAL_TYPE_GLOBAL);
  JSValue holdfast = JS_IsException(ran) ? JS_EXCEPTION : JS_GetPropertyStr(context, global, "holdfast");
  JSValue open = JS_IsException(holdfast) ? JS_EXCEPTION : JS_GetPropertyStr(context, holdfast, "open");
  JSValue agent = JS_IsException(open) ? JS_EXCEPTION : JS_Call(context, open, holdfast, 1, (JSValueConst *)&native);
  JSValue handle = JS_IsException(agent) ? JS_EXCEPTION : JS_GetPropertyStr(context, agent, "handle");
  JS_FreeValue(context, agent);
  JS_FreeValue(context, open);
  JS_FreeValue(context, holdfast);
  JS_FreeValue(context, ran);
  JS_FreeValue(context, global);
  JS_FreeValue(context, native);
  if (JS_IsException(handle))
    return false;
  JS_FreeValue(context, engine->handle);
  engine->handle = handle;
  return !engine->late && !engine->exhausted;
}

JSValue engine_handle(Engine *engine, JSValue ledger, JSValue event)
{
  JSContext *context = engine->context;
  JSValue arguments[2] = {ledger, event};
  JSValue handled = JS_EXCEPTION;
  if (!JS_IsException(ledger) && !JS_IsException(event))
    handled = JS_Call(context, engine->handle, JS_UNDEFINED, 2, (JSValueConst *)arguments);
  JS_FreeValue(context, ledger);
  JS_FreeValue(context, event);
  return handled;
}

void engine_failure(Engine *engine, char *text, size_t size)
{
  JSContext *context = engine->context;
  JSValue thrown = JS_GetException(context);
  const char *said = NULL;
  if (engine->exhausted)
    said = "out of memory";
  else if (engine->late)
    said = "out of time";
  const char *words = said ? NULL : JS_ToCString(context, thrown);
  if (words)
    said = words;
  else if (!said)
    said = "an error that cannot be named";

  /* ASCII: JNI wants its own kind of UTF-8, and Android's checks end the process at any other. */
  size_t length = 0;
  for (; said[length] && length < size - 1; length++)
    text[length] = said[length] >= 0x20 && said[length] < 0x7f ? said[length] : '?';
  text[length] = 0;

  JS_FreeCString(context, words);
  JS_FreeValue(context, thrown);
  JS_FreeValue(context, JS_GetException(context));
}

JSValue engine_bytes(JSContext *context, const uint8_t *bytes, size_t length)
{
  JSValue buffer = JS_NewArrayBufferCopy(context, bytes, length);
  if (JS_IsException(buffer))
    return buffer;
  JSValue arguments[3] = {buffer, JS_UNDEFINED, JS_UNDEFINED}; /* it reads all three, however many it is told of */
  JSValue array = JS_NewTypedArray(context, 3, (JSValueConst *)arguments, JS_TYPED_ARRAY_UINT8);
  JS_FreeValue(context, buffer);
  return array;
}

const uint8_t *engine_bytes_of(JSContext *context, JSValueConst value, size_t *length)
{
  size_t offset = 0, element = 0, whole = 0;
  JSValue buffer = JS_GetTypedArrayBuffer(context, value, &offset, length, &element);
  if (JS_IsException(buffer))
    return NULL;
  const uint8_t *bytes = JS_GetArrayBuffer(context, &whole, buffer);
  JS_FreeValue(context, buffer); /* the array holds it, too */
  if (!bytes)
    return NULL;
  if (element != 1 || offset > whole || *length > whole - offset) {
    JS_ThrowTypeError(context, "not an array of bytes");
    return NULL;
  }
  return bytes + offset;
}
