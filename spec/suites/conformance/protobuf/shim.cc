// What conformance_test_runner wants of a glibc 2.38 and a libstdc++ 13, for older ones: see runner.ts.

#include <cstdlib>
#include <iostream>

extern "C" {
long __isoc23_strtol(const char *s, char **end, int base) { return strtol(s, end, base); }
unsigned long __isoc23_strtoul(const char *s, char **end, int base) { return strtoul(s, end, base); }
long long __isoc23_strtoll(const char *s, char **end, int base) { return strtoll(s, end, base); }
unsigned long long __isoc23_strtoull(const char *s, char **end, int base) { return strtoull(s, end, base); }
void _ZSt21ios_base_library_initv() {}
}
