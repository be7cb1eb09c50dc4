#include "border.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct Object {
  struct Object *next;
  Bytes bytes;
  struct Object *elements[2];
} Object;

enum { SHA256_METHOD = 1, VERIFY_METHOD = 2 };

static const Verdict *known;
static size_t known_count;
static Object *objects;
static int local, most_local;
static int threw;
static char words[512];

static Object *new_object(size_t length)
{
  Object *object = calloc(1, sizeof *object);
  object->bytes.length = length;
  object->bytes.bytes = calloc(1, length + 1);
  object->next = objects;
  objects = object;
  if (++local > most_local)
    most_local = local;
  return object;
}

static jbyteArray new_byte_array(JNIEnv *env, jsize length)
{
  (void)env;
  return (jbyteArray)new_object((size_t)length);
}

static void set_region(JNIEnv *env, jbyteArray array, jsize start, jsize length, const jbyte *from)
{
  (void)env;
  memcpy(((Object *)array)->bytes.bytes + start, from, (size_t)length);
}

static void get_region(JNIEnv *env, jbyteArray array, jsize start, jsize length, jbyte *to)
{
  (void)env;
  memcpy(to, ((Object *)array)->bytes.bytes + start, (size_t)length);
}

static jsize array_length(JNIEnv *env, jarray array)
{
  (void)env;
  return (jsize)((Object *)array)->bytes.length;
}

static jobjectArray new_object_array(JNIEnv *env, jsize length, jclass type, jobject initial)
{
  (void)env;
  (void)length;
  (void)type;
  (void)initial;
  return (jobjectArray)new_object(0);
}

static void set_element(JNIEnv *env, jobjectArray array, jsize index, jobject element)
{
  (void)env;
  ((Object *)array)->elements[index] = (Object *)element;
}

static jobject new_global(JNIEnv *env, jobject object)
{
  (void)env;
  return object;
}

static void delete_global(JNIEnv *env, jobject object)
{
  (void)env;
  (void)object;
}

static void delete_local(JNIEnv *env, jobject object)
{
  (void)env;
  (void)object;
  local--;
}

static jclass class_of(JNIEnv *env, jobject object)
{
  (void)env;
  return (jclass)object;
}

static jmethodID method_id(JNIEnv *env, jclass type, const char *name, const char *signature)
{
  (void)env;
  (void)type;
  (void)signature;
  return (jmethodID)(intptr_t)(strcmp(name, "sha256") == 0 ? SHA256_METHOD : VERIFY_METHOD);
}

static jclass find_class(JNIEnv *env, const char *name)
{
  (void)env;
  (void)name;
  return (jclass)1;
}

static jint throw_new(JNIEnv *env, jclass type, const char *message)
{
  (void)env;
  (void)type;
  threw = 1;
  snprintf(words, sizeof words, "%s", message);
  return 0;
}

static jboolean exception_check(JNIEnv *env)
{
  (void)env;
  return (jboolean)threw;
}

static void exception_clear(JNIEnv *env)
{
  (void)env;
  threw = 0;
}

static jobject call_object(JNIEnv *env, jobject object, jmethodID method, ...)
{
  (void)env;
  (void)object;
  if ((intptr_t)method != SHA256_METHOD)
    abort();
  va_list arguments;
  va_start(arguments, method);
  Bytes message = va_arg(arguments, Object *)->bytes;
  va_end(arguments);
  Object *digest = new_object(32);
  sha256(message.bytes, message.length, digest->bytes.bytes);
  return (jobject)digest;
}

static int same(Bytes one, Bytes other)
{
  return one.length == other.length && memcmp(one.bytes, other.bytes, one.length) == 0;
}

static jboolean call_boolean(JNIEnv *env, jobject object, jmethodID method, ...)
{
  (void)env;
  (void)object;
  if ((intptr_t)method != VERIFY_METHOD)
    abort();
  va_list arguments;
  va_start(arguments, method);
  Bytes public_key = va_arg(arguments, Object *)->bytes;
  Bytes message = va_arg(arguments, Object *)->bytes;
  Bytes signature = va_arg(arguments, Object *)->bytes;
  va_end(arguments);
  for (size_t i = 0; i < known_count; i++) {
    if (same(known[i].signature, signature) && same(known[i].message, message) && same(known[i].public_key, public_key))
      return (jboolean)known[i].good;
  }
  fprintf(stderr, "asked about a signature that Node was not asked about\n");
  exit(1);
}

JNIEnv *border_open(const Verdict *verdicts, size_t count)
{
  static struct JNINativeInterface_ table; /* a call that is not here ends the process, as it should */
  static const struct JNINativeInterface_ *pointer = &table;
  known = verdicts;
  known_count = count;
  table.NewByteArray = new_byte_array;
  table.SetByteArrayRegion = set_region;
  table.GetByteArrayRegion = get_region;
  table.GetArrayLength = array_length;
  table.NewObjectArray = new_object_array;
  table.SetObjectArrayElement = set_element;
  table.NewGlobalRef = new_global;
  table.DeleteGlobalRef = delete_global;
  table.DeleteLocalRef = delete_local;
  table.GetObjectClass = class_of;
  table.GetMethodID = method_id;
  table.FindClass = find_class;
  table.ThrowNew = throw_new;
  table.ExceptionCheck = exception_check;
  table.ExceptionClear = exception_clear;
  table.CallObjectMethod = call_object;
  table.CallBooleanMethod = call_boolean;
  return (JNIEnv *)&pointer;
}

jbyteArray border_array(Bytes bytes)
{
  Object *object = new_object(bytes.length);
  memcpy(object->bytes.bytes, bytes.bytes, bytes.length);
  return (jbyteArray)object;
}

Bytes border_bytes(jobject array)
{
  return ((Object *)array)->bytes;
}

jobject border_element(jobjectArray array, int index)
{
  return (jobject)((Object *)array)->elements[index];
}

const char *border_thrown(void)
{
  int before = threw;
  threw = 0;
  return before ? words : NULL;
}

int border_forget(void)
{
  int most = most_local;
  while (objects) {
    Object *next = objects->next;
    free(objects->bytes.bytes);
    free(objects);
    objects = next;
  }
  local = most_local = 0;
  return most;
}
