// The SHA-256 block functions are deprecated in OpenSSL 3 in favour of fetched algorithms, but still shipped, and they
// are the only form whose keyed state is a plain value. See Docs/Decisions/0003.
#define OPENSSL_SUPPRESS_DEPRECATED 1
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/sha.h>
