#include "engine.h"

#include <malloc.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* What is spent on each block beside the block: ours, and the allocator's as QuickJS guesses it. */
#define BLOCK_OVERHEAD (sizeof(Block) + 8)

/* ---- time ---- */

/* The thread's own computing time: on a phone that does ten other things at its start, nobody is late for having waited. */
static int64_t now_ns(void)
{
  struct timespec now = {0, 0};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

/* ---- limits ---- */

/* From wherever the engine is, to where it was entered. Not inside, there is nobody to leave: the caller hears of it. */
static void leave(Engine *engine, Limit limit)
{
  if (!engine->inside)
    return;
  engine->passed = limit;
  _longjmp(engine->way_out, 1);
}

bool engine_enter(Engine *engine, JNIEnv *env, int64_t limit_ms, void (*work)(Engine *, void *), void *argument)
{
  if (engine->passed != LIMIT_NONE)
    return false;
  engine->env = env;
  engine->deadline_ns = now_ns() + limit_ms * 1000000;
  if (_setjmp(engine->way_out) == 0) {
    JS_UpdateStackTop(engine->runtime);
    engine->inside = true;
    work(engine, argument);
  }
  engine->inside = false;
  return engine->passed == LIMIT_NONE;
}

void engine_out_of_memory(Engine *engine)
{
  leave(engine, LIMIT_MEMORY);
}

/* QuickJS asks every ten thousand steps. */
static int leave_if_late(JSRuntime *runtime, void *opaque)
{
  Engine *engine = opaque;
  (void)runtime;
  if (now_ns() >= engine->deadline_ns)
    leave(engine, LIMIT_TIME);
  return 0;
}

/* ---- memory: as QuickJS's own functions do it, with each block in the ring ---- */

static size_t usable_size(const void *memory)
{
  return memory ? malloc_usable_size((Block *)memory - 1) - sizeof(Block) : 0;
}

static bool has_room(const JSMallocState *state, size_t size)
{
  return state->malloc_size <= state->malloc_limit && size <= state->malloc_limit - state->malloc_size;
}

static void *keep(Engine *engine, Block *block)
{
  block->before = &engine->blocks;
  block->after = engine->blocks.after;
  block->after->before = block;
  engine->blocks.after = block;
  return block + 1;
}

static void drop(Block *block)
{
  block->before->after = block->after;
  block->after->before = block->before;
}

static void *limited_malloc(JSMallocState *state, size_t size)
{
  Engine *engine = state->opaque;
  Block *block = has_room(state, size) ? malloc(sizeof *block + size) : NULL;
  if (!block) {
    leave(engine, LIMIT_MEMORY);
    return NULL;
  }
  void *memory = keep(engine, block);
  state->malloc_count++;
  state->malloc_size += usable_size(memory) + BLOCK_OVERHEAD;
  return memory;
}

static void limited_free(JSMallocState *state, void *memory)
{
  if (!memory)
    return;
  state->malloc_count--;
  state->malloc_size -= usable_size(memory) + BLOCK_OVERHEAD;
  drop((Block *)memory - 1);
  free((Block *)memory - 1);
}

static void *limited_realloc(JSMallocState *state, void *memory, size_t size)
{
  Engine *engine = state->opaque;
  if (!memory)
    return size == 0 ? NULL : limited_malloc(state, size);
  if (size == 0) {
    limited_free(state, memory);
    return NULL;
  }
  size_t before = usable_size(memory);
  Block *block = (Block *)memory - 1;
  drop(block);
  Block *moved = size <= before || has_room(state, size - before) ? realloc(block, sizeof *block + size) : NULL;
  void *kept = keep(engine, moved ? moved : block);
  if (!moved) {
    leave(engine, LIMIT_MEMORY);
    return NULL;
  }
  state->malloc_size += usable_size(kept) - before;
  return kept;
}

static const JSMallocFunctions limited = {limited_malloc, limited_free, limited_realloc, usable_size};

void *engine_allocate(Engine *engine, size_t size)
{
  return js_malloc_rt(engine->runtime, size);
}

void engine_release(Engine *engine, void *block)
{
  js_free_rt(engine->runtime, block);
}

/* ---- life ---- */

Engine *engine_create(size_t memory_limit, size_t stack_limit)
{
  Engine *engine = calloc(1, sizeof *engine);
  if (!engine)
    return NULL;
  engine->handle = JS_UNDEFINED;
  engine->blocks.before = engine->blocks.after = &engine->blocks;
  if (_setjmp(engine->way_out) == 0) {
    engine->inside = true;
    engine->runtime = JS_NewRuntime2(&limited, engine);
    JS_SetMemoryLimit(engine->runtime, memory_limit);
    JS_SetMaxStackSize(engine->runtime, stack_limit);
    JS_SetStripInfo(engine->runtime, JS_STRIP_SOURCE); /* nobody asks a function for its text */
    JS_SetInterruptHandler(engine->runtime, leave_if_late, engine);
    engine->deadline_ns = INT64_MAX;
    engine->context = JS_NewContext(engine->runtime);
    JS_SetContextOpaque(engine->context, engine);
  }
  engine->inside = false;
  if (engine->passed == LIMIT_NONE)
    return engine;
  engine_destroy(engine);
  return NULL;
}

/* Without QuickJS: it holds nothing but memory, and it may have been left in the middle of anything. */
void engine_destroy(Engine *engine)
{
  Block *block = engine->blocks.after;
  while (block != &engine->blocks) {
    Block *after = block->after;
    free(block);
    block = after;
  }
  free(engine);
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
  return true;
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

void engine_exception(Engine *engine, char *text, size_t size)
{
  JSContext *context = engine->context;
  JSValue thrown = JS_GetException(context);
  const char *words = JS_ToCString(context, thrown);
  const char *said = words ? words : "an error that cannot be named";

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
