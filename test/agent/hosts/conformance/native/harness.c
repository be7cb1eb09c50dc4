/*
 * Runs a phone's libholdfast.so over vectors (vector-file.ts), one engine for all of them:
 *
 *   harness LIBRARY BUNDLE VECTORS LIMIT_MS
 *
 * Prints what happened, a line for each: `load NS`, `call I NS`, `differs I ledger|effects`, `failed I WORDS`, `heap BYTES`,
 * `references MOST`, `done CALLS`.
 */
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "border.h"

#define JNI_PREFIX "Java_dev_holdfast_agent_engine_QuickJs_"
#define MEMORY_LIMIT (16 << 20)
#define STACK_LIMIT (256 << 10)

static long long now_ns(void)
{
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (long long)now.tv_sec * 1000000000 + now.tv_nsec;
}

static void stop(const char *why)
{
  fprintf(stderr, "%s\n", why);
  exit(1);
}

static Bytes read_file(const char *path)
{
  FILE *stream = fopen(path, "rb");
  if (!stream || fseek(stream, 0, SEEK_END) != 0)
    stop(path);
  Bytes file = {(size_t)ftell(stream), NULL};
  rewind(stream);
  file.bytes = malloc(file.length + 1);
  if (fread(file.bytes, 1, file.length, stream) != file.length)
    stop(path);
  fclose(stream);
  return file;
}

static uint32_t take_number(Bytes *rest)
{
  if (rest->length < 4)
    stop("the vectors end early");
  uint32_t number = (uint32_t)rest->bytes[0] << 24 | (uint32_t)rest->bytes[1] << 16 | (uint32_t)rest->bytes[2] << 8 | rest->bytes[3];
  rest->bytes += 4;
  rest->length -= 4;
  return number;
}

static Bytes take_bytes(Bytes *rest)
{
  Bytes taken = {take_number(rest), NULL};
  if (rest->length < taken.length)
    stop("the vectors end early");
  taken.bytes = rest->bytes;
  rest->bytes += taken.length;
  rest->length -= taken.length;
  return taken;
}

static void *symbol(void *library, const char *name)
{
  void *address = dlsym(library, name);
  if (!address)
    stop(dlerror());
  return address;
}

static void compare(uint32_t call, const char *what, jobject got, Bytes wanted)
{
  Bytes bytes = border_bytes(got);
  if (bytes.length != wanted.length || memcmp(bytes.bytes, wanted.bytes, wanted.length) != 0)
    printf("differs %u %s\n", call, what);
}

int main(int count, char **arguments)
{
  if (count != 5)
    stop("usage: harness LIBRARY BUNDLE VECTORS LIMIT_MS");
  void *library = dlopen(arguments[1], RTLD_NOW);
  if (!library)
    stop(dlerror());
  jlong (*create)(JNIEnv *, jclass, jobject, jlong, jlong) = symbol(library, JNI_PREFIX "create");
  void (*evaluate)(JNIEnv *, jclass, jlong, jbyteArray, jint) = symbol(library, JNI_PREFIX "evaluate");
  jobjectArray (*handle)(JNIEnv *, jclass, jlong, jbyteArray, jbyteArray, jint) = symbol(library, JNI_PREFIX "handle");
  jlong (*heap_bytes)(JNIEnv *, jclass, jlong) = symbol(library, JNI_PREFIX "heapBytes");
  void (*destroy)(JNIEnv *, jclass, jlong) = symbol(library, JNI_PREFIX "destroy");

  Bytes rest = read_file(arguments[3]);
  uint32_t verdict_count = take_number(&rest);
  Verdict *verdicts = calloc(verdict_count + 1, sizeof *verdicts);
  for (uint32_t i = 0; i < verdict_count; i++) {
    verdicts[i].public_key = take_bytes(&rest);
    verdicts[i].message = take_bytes(&rest);
    verdicts[i].signature = take_bytes(&rest);
    verdicts[i].good = take_number(&rest) != 0;
  }
  JNIEnv *env = border_open(verdicts, verdict_count);
  jint limit_ms = atoi(arguments[4]);
  Bytes bundle = read_file(arguments[2]);

  long long started = now_ns();
  jlong engine = create(env, NULL, (jobject)border_array(bundle), MEMORY_LIMIT, STACK_LIMIT);
  evaluate(env, NULL, engine, border_array(bundle), limit_ms);
  printf("load %lld\n", now_ns() - started);
  const char *thrown = border_thrown();
  if (thrown)
    printf("failed load %s\n", thrown);

  uint32_t calls = take_number(&rest);
  int most = 0;
  for (uint32_t i = 0; i < calls && !thrown; i++) {
    Bytes ledger = take_bytes(&rest), event = take_bytes(&rest), stored = take_bytes(&rest), effects = take_bytes(&rest);
    border_forget();
    jbyteArray before = border_array(ledger), happened = border_array(event);
    started = now_ns();
    jobjectArray handled = handle(env, NULL, engine, before, happened, limit_ms);
    printf("call %u %lld\n", i, now_ns() - started);
    const char *words = border_thrown();
    if (words)
      printf("failed %u %s\n", i, words);
    if (handled) {
      compare(i, "ledger", border_element(handled, 0), stored);
      compare(i, "effects", border_element(handled, 1), effects);
    }
    int held = border_forget();
    most = held > most ? held : most;
  }
  printf("heap %lld\nreferences %d\ndone %u\n", (long long)heap_bytes(env, NULL, engine), most, calls);
  destroy(env, NULL, engine);
  return 0;
}
