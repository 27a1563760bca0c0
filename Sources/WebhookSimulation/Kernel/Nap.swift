#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#else
internal import Darwin
#endif

/// Gives other threads a tenth of a millisecond.
func sleepBriefly() { usleep(100) }
