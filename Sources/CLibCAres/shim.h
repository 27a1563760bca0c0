// Polling sockets by hand is deprecated in newer versions in favour of a thread that older versions lack.
#define CARES_NO_DEPRECATED 1
#include <ares.h>

// Macros in some versions, an enumeration in others.
static const int cares_success = ARES_SUCCESS;
static const int cares_no_data = ARES_ENODATA;
static const int cares_server_failure = ARES_ESERVFAIL;
static const int cares_not_found = ARES_ENOTFOUND;
static const int cares_not_implemented = ARES_ENOTIMP;
static const int cares_refused = ARES_EREFUSED;
static const int cares_bad_name = ARES_EBADNAME;
static const int cares_unreachable = ARES_ECONNREFUSED;
static const int cares_timeout = ARES_ETIMEOUT;
static const int cares_file = ARES_EFILE;
static const int cares_no_memory = ARES_ENOMEM;
static const int cares_destroyed = ARES_EDESTRUCTION;
static const int cares_not_initialized = ARES_ENOTINITIALIZED;
