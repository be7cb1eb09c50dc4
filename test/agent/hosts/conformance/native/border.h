/* What stands behind a phone's library on this machine: arrays and exceptions of a Java that is not there. */
#ifndef HOLDFAST_BORDER_H
#define HOLDFAST_BORDER_H

#include <jni.h>
#include <stddef.h>
#include <stdint.h>

typedef struct {
  size_t length;
  uint8_t *bytes;
} Bytes;

/* One signature that somebody else has judged. */
typedef struct {
  Bytes public_key;
  Bytes message;
  Bytes signature;
  int good;
} Verdict;

/* The environment to call the library with. Signatures are answered from the verdicts; one that is not among them ends the process. */
JNIEnv *border_open(const Verdict *verdicts, size_t count);

jbyteArray border_array(Bytes bytes);

/* The bytes of a byte[]. */
Bytes border_bytes(jobject array);

jobject border_element(jobjectArray array, int index);

/* What was thrown, and no longer is; NULL if nothing was. */
const char *border_thrown(void);

/* Frees every array. Gives how many local references were held at once at most, since last time. */
int border_forget(void);

void sha256(const uint8_t *bytes, size_t length, uint8_t digest[32]);

#endif
