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

static void throw_failure(JNIEnv *env, Engine *engine)
{
  char words[MOST_WORDS];
  engine_failure(engine, words, sizeof words);
  throw_java(env, "java/lang/IllegalStateException", words);
}

/* A copy of a byte[] and one NUL behind it, to be freed. NULL without memory. */
static char *copy_of(JNIEnv *env, jbyteArray array, size_t *length)
{
  jsize size = (*env)->GetArrayLength(env, array);
  char *copy = malloc((size_t)size + 1);
  if (!copy)
    return NULL;
  (*env)->GetByteArrayRegion(env, array, 0, size, (jbyte *)copy);
  copy[size] = 0;
  *length = (size_t)size;
  return copy;
}

static JSValue to_engine(Engine *engine, jbyteArray array)
{
  size_t length = 0;
  char *copy = copy_of(engine->env, array, &length);
  if (!copy) {
    engine->exhausted = true;
    return JS_ThrowOutOfMemory(engine->context);
  }
  JSValue bytes = engine_bytes(engine->context, (const uint8_t *)copy, length);
  free(copy);
  return bytes;
}

/* NULL: an exception is pending, in the engine or in Java. */
static jbyteArray to_java(Engine *engine, JSValueConst value)
{
  size_t length = 0;
  const uint8_t *bytes = engine_bytes_of(engine->context, value, &length);
  if (!bytes)
    return NULL;
  jbyteArray array = (*engine->env)->NewByteArray(engine->env, (jsize)length);
  if (array)
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
  if (!JS_HasException(engine->context))
    JS_ThrowInternalError(engine->context, "the platform's cryptography failed");
  return true;
}

static JSValue sha256(JSContext *context, JSValueConst this_value, int count, JSValueConst *arguments)
{
  (void)this_value;
  (void)count;
  Engine *engine = JS_GetContextOpaque(context);
  JNIEnv *env = engine->env;
  JSValue digest = JS_EXCEPTION;
  jbyteArray message = to_java(engine, arguments[0]);
  jbyteArray answer = NULL;
  if (message)
    answer = (jbyteArray)(*env)->CallObjectMethod(env, engine->crypto, engine->sha256, message);
  if (!host_threw(engine) && answer)
    digest = to_engine(engine, answer);
  if (answer)
    (*env)->DeleteLocalRef(env, answer);
  if (message)
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
  jboolean good = JNI_FALSE;
  if (whole)
    good = (*env)->CallBooleanMethod(env, engine->crypto, engine->verify_p256, parts[0], parts[1], parts[2]);
  if (!host_threw(engine) && whole)
    verdict = JS_NewBool(context, good == JNI_TRUE);
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

EXPORT(void, evaluate)(JNIEnv *env, jclass type, jlong handle, jbyteArray bundle, jint limit_ms)
{
  (void)type;
  Engine *engine = (Engine *)(intptr_t)handle;
  engine_enter(engine, env, limit_ms);
  size_t length = 0;
  char *source = copy_of(env, bundle, &length);
  if (!source) {
    throw_java(env, "java/lang/IllegalStateException", "out of memory");
    return;
  }
  bool opened = engine_evaluate(engine, source, length, native_crypto(engine->context));
  free(source);
  if (!opened)
    throw_failure(env, engine);
}

EXPORT(jobjectArray, handle)(JNIEnv *env, jclass type, jlong handle, jbyteArray ledger, jbyteArray event, jint limit_ms)
{
  static const char *const NAMES[2] = {"ledger", "effects"};
  (void)type;
  Engine *engine = (Engine *)(intptr_t)handle;
  JSContext *context = engine->context;
  engine_enter(engine, env, limit_ms);
  JSValue stored = to_engine(engine, ledger);
  JSValue happened = to_engine(engine, event);
  JSValue handled = engine_handle(engine, stored, happened);

  jclass bytes_type = (*env)->FindClass(env, "[B");
  jobjectArray pair = bytes_type ? (*env)->NewObjectArray(env, 2, bytes_type, NULL) : NULL;
  bool whole = pair && !JS_IsException(handled);
  for (int i = 0; i < 2 && whole; i++) {
    JSValue value = JS_GetPropertyStr(context, handled, NAMES[i]);
    jbyteArray bytes = to_java(engine, value);
    JS_FreeValue(context, value);
    whole = bytes != NULL;
    if (whole)
      (*env)->SetObjectArrayElement(env, pair, i, bytes);
  }
  JS_FreeValue(context, handled);
  /* What was answered after memory or time had run out was answered by an engine that could not think it through. */
  if (whole && !engine->late && !engine->exhausted)
    return pair;
  throw_failure(env, engine);
  return NULL;
}

EXPORT(jlong, heapBytes)(JNIEnv *env, jclass type, jlong handle)
{
  (void)env;
  (void)type;
  Engine *engine = (Engine *)(intptr_t)handle;
  JSMemoryUsage usage;
  JS_UpdateStackTop(engine->runtime);
  JS_RunGC(engine->runtime);
  JS_ComputeMemoryUsage(engine->runtime, &usage);
  return (jlong)usage.malloc_size;
}

EXPORT(void, destroy)(JNIEnv *env, jclass type, jlong handle)
{
  (void)type;
  Engine *engine = (Engine *)(intptr_t)handle;
  jobject crypto = engine->crypto;
  engine->env = env;
  JS_UpdateStackTop(engine->runtime);
  engine_destroy(engine);
  (*env)->DeleteGlobalRef(env, crypto);
}
