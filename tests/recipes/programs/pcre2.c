/* prints: 1 at 4, with JIT */
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <stdio.h>

int main(void) {
    int error;
    PCRE2_SIZE where;
    pcre2_code *code = pcre2_compile((PCRE2_SPTR) "\\p{Lu}\\w+(?<=Ärger)", PCRE2_ZERO_TERMINATED, PCRE2_UTF, &error, &where, NULL);
    pcre2_match_data *match = pcre2_match_data_create_from_pattern(code, NULL);
    int jit = pcre2_jit_compile(code, PCRE2_JIT_COMPLETE);
    int count = pcre2_match(code, (PCRE2_SPTR) "der Ärger", PCRE2_ZERO_TERMINATED, 0, 0, match, NULL);

    printf("%d at %d, %s JIT", count, (int)pcre2_get_ovector_pointer(match)[0], jit == 0 ? "with" : "without");
    return 0;
}
