/* The border to Java: dev.holdfast.agent.engine.QuickJs. Bytes cross it, and a failure's name in ASCII; nothing else. */
#include <stdlib.h>

#include "engine.h"

#define EXPORT(type, name) JNIEXPORT type JNICALL Java_dev_holdfast_agent_engine_QuickJs_##name
#define MOST_WORDS 200

static void throw_java(JNIEnv *env, const char *class_name, const char *message)
{
  if ((*env)->ExceptionCheck(env))
    return;
  jclass type = (*env)->FindClass(env, class_name);
  if (type)
    (*env)->ThrowNew(env, type, message);
}

/* A copy of a byte[] and one NUL behind it, to be released. While inside. */
static char *copy_of(Engine *engine, jbyteArray array, size_t *length)
{
  JNIEnv *env = engine->env;
  jsize size = (*env)->GetArrayLength(env, array);
  char *copy = engine_allocate(engine, (size_t)size + 1);
  (*env)->GetByteArrayRegion(env, array, 0, size, (jbyte *)copy);
  copy[size] = 0;
  *length = (size_t)size;
  return copy;
}

static JSValue to_engine(Engine *engine, jbyteArray array)
{
  size_t length = 0;
  char *copy = copy_of(engine, array, &length);
  JSValue bytes = engine_bytes(engine->context, (const uint8_t *)copy, length);
  engine_release(engine, copy);
  return bytes;
}

/* NULL: an exception is pending in the engine. */
static jbyteArray to_java(Engine *engine, JSValueConst value)
{
  size_t length = 0;
  const uint8_t *bytes = engine_bytes_of(engine->context, value, &length);
  if (!bytes)
    return NULL;
  jbyteArray array = (*engine->env)->NewByteArray(engine->env, (jsize)length);
  if (!array)
    engine_out_of_memory(engine); /* in Java, where an OutOfMemoryError is pending */
  (*engine->env)->SetByteArrayRegion(engine->env, array, 0, (jsize)length, (const jbyte *)bytes);
  return array;
}

/* ---- what the platform answers for the agent ---- */

/* An exception in Java ends in the engine as one, and the agent says that the event has not happened. */
static bool host_threw(Engine *engine)
{
  JNIEnv *env = engine->env;
  if (!(*env)->ExceptionCheck(env))
    return false;
  (*env)->ExceptionClear(env);
  JS_ThrowInternalError(engine->context, "the platform's cryptography failed");
  return true;
}

static JSValue sha256(JSContext *context, JSValueConst this_value, int count, JSValueConst *arguments)
{
  (void)this_value;
  (void)count;
  Engine *engine = JS_GetContextOpaque(context);
  JNIEnv *env = engine->env;
  jbyteArray message = to_java(engine, arguments[0]);
  if (!message)
    return JS_EXCEPTION;
  jbyteArray answer = (jbyteArray)(*env)->CallObjectMethod(env, engine->crypto, engine->sha256, message);
  if (host_threw(engine))
    return JS_EXCEPTION;
  JSValue digest = to_engine(engine, answer);
  (*env)->DeleteLocalRef(env, answer);
  (*env)->DeleteLocalRef(env, message);
  return digest;
}

static JSValue verify_p256(JSContext *context, JSValueConst this_value, int count, JSValueConst *arguments)
{
  (void)this_value;
  (void)count;
  Engine *engine = JS_GetContextOpaque(context);
  JNIEnv *env = engine->env;
  JSValue verdict = JS_EXCEPTION;
  jbyteArray parts[3] = {NULL, NULL, NULL}; /* public key, message, signature */
  bool whole = true;
  for (int i = 0; i < 3 && whole; i++)
    whole = (parts[i] = to_java(engine, arguments[i])) != NULL;
  if (whole) {
    jboolean good = (*env)->CallBooleanMethod(env, engine->crypto, engine->verify_p256, parts[0], parts[1], parts[2]);
    verdict = host_threw(engine) ? JS_EXCEPTION : JS_NewBool(context, good == JNI_TRUE);
  }
  for (int i = 0; i < 3; i++) {
    if (parts[i])
      (*env)->DeleteLocalRef(env, parts[i]);
  }
  return verdict;
}

static JSValue native_crypto(JSContext *context)
{
  JSValue native = JS_NewObject(context);
  if (JS_IsException(native))
    return native;
  JS_SetPropertyStr(context, native, "sha256", JS_NewCFunction(context, sha256, "sha256", 1));
  JS_SetPropertyStr(context, native, "verifyP256", JS_NewCFunction(context, verify_p256, "verifyP256", 3));
  return native;
}

/* ---- what Java calls ---- */

EXPORT(jlong, create)(JNIEnv *env, jclass type, jobject crypto, jlong memory_limit, jlong stack_limit)
{
  (void)type;
  jclass crypto_type = (*env)->GetObjectClass(env, crypto);
  jmethodID sha256_method = (*env)->GetMethodID(env, crypto_type, "sha256", "([B)[B");
  if (!sha256_method)
    return 0; /* NoSuchMethodError is pending */
  jmethodID verify_method = (*env)->GetMethodID(env, crypto_type, "verifyP256", "([B[B[B)Z");
  if (!verify_method)
    return 0;
  Engine *engine = engine_create((size_t)memory_limit, (size_t)stack_limit);
  jobject kept = engine ? (*env)->NewGlobalRef(env, crypto) : NULL;
  if (!kept) {
    if (engine)
      engine_destroy(engine);
    throw_java(env, "java/lang/IllegalStateException", "out of memory");
    return 0;
  }
  engine->crypto = kept;
  engine->sha256 = sha256_method;
  engine->verify_p256 = verify_method;
  return (jlong)(intptr_t)engine;
}

/* What crosses the border in one call. `words` are empty where nothing failed. */
typedef struct {
  jbyteArray bundle;
  jbyteArray ledger;
  jbyteArray event;
  jobjectArray handled;
  char words[MOST_WORDS];
} Call;

/* Enters the engine, and says in Java what came of it. */
static bool answered(JNIEnv *env, Engine *engine, jint limit_ms, void (*work)(Engine *, void *), Call *call)
{
  static const char *const WORDS[] = {[LIMIT_MEMORY] = "out of memory", [LIMIT_TIME] = "out of time"};
  bool stayed = engine_enter(engine, env, limit_ms, work, call);
  if (stayed && !call->words[0] && !(*env)->ExceptionCheck(env))
    return true;
  throw_java(env, "java/lang/IllegalStateException", stayed ? call->words : WORDS[engine->passed]);
  return false;
}

static void evaluate_bundle(Engine *engine, void *argument)
{
  Call *call = argument;
  size_t length = 0;
  char *source = copy_of(engine, call->bundle, &length);
  if (!engine_evaluate(engine, source, length, native_crypto(engine->context)))
    engine_exception(engine, call->words, sizeof call->words);
  engine_release(engine, source);
}

EXPORT(void, evaluate)(JNIEnv *env, jclass type, jlong handle, jbyteArray bundle, jint limit_ms)
{
  (void)type;
  Call call = {.bundle = bundle};
  answered(env, (Engine *)(intptr_t)handle, limit_ms, evaluate_bundle, &call);
}

static void handle_event(Engine *engine, void *argument)
{
  static const char *const NAMES[2] = {"ledger", "effects"};
  Call *call = argument;
  JNIEnv *env = engine->env;
  JSValue ledger = to_engine(engine, call->ledger);
  JSValue handled = engine_handle(engine, ledger, to_engine(engine, call->event));
  bool whole = !JS_IsException(handled);
  for (int i = 0; i < 2 && whole; i++) {
    JSValue value = JS_GetPropertyStr(engine->context, handled, NAMES[i]);
    jbyteArray bytes = JS_IsException(value) ? NULL : to_java(engine, value);
    JS_FreeValue(engine->context, value);
    whole = bytes != NULL;
    if (whole) {
      (*env)->SetObjectArrayElement(env, call->handled, i, bytes);
      (*env)->DeleteLocalRef(env, bytes);
    }
  }
  if (!whole)
    engine_exception(engine, call->words, sizeof call->words);
  JS_FreeValue(engine->context, handled);
}

EXPORT(jobjectArray, handle)(JNIEnv *env, jclass type, jlong handle, jbyteArray ledger, jbyteArray event, jint limit_ms)
{
  (void)type;
  jclass bytes_type = (*env)->FindClass(env, "[B");
  jobjectArray pair = bytes_type ? (*env)->NewObjectArray(env, 2, bytes_type, NULL) : NULL;
  if (!pair)
    return NULL; /* OutOfMemoryError is pending */
  Call call = {.ledger = ledger, .event = event, .handled = pair};
  return answered(env, (Engine *)(intptr_t)handle, limit_ms, handle_event, &call) ? pair : NULL;
}

static void collect(Engine *engine, void *argument)
{
  JSMemoryUsage usage;
  JS_RunGC(engine->runtime);
  JS_ComputeMemoryUsage(engine->runtime, &usage);
  *(int64_t *)argument = usage.malloc_size;
}

EXPORT(jlong, heapBytes)(JNIEnv *env, jclass type, jlong handle)
{
  (void)type;
  int64_t bytes = 0;
  engine_enter((Engine *)(intptr_t)handle, env, INT32_MAX, collect, &bytes);
  return bytes;
}

EXPORT(void, destroy)(JNIEnv *env, jclass type, jlong handle)
{
  (void)type;
  Engine *engine = (Engine *)(intptr_t)handle;
  (*env)->DeleteGlobalRef(env, engine->crypto);
  engine_destroy(engine);
}
