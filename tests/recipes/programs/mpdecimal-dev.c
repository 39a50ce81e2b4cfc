/* prints: 0.1 + 0.2 = 0.3 */
#include <mpdecimal.h>
#include <stdio.h>

int main(void) {
    mpd_context_t context;
    mpd_t *a, *b;

    mpd_init(&context, 28);
    a = mpd_new(&context);
    b = mpd_new(&context);
    mpd_set_string(a, "0.1", &context);
    mpd_set_string(b, "0.2", &context);
    mpd_add(a, a, b, &context);
    printf("0.1 + 0.2 = %s", mpd_to_sci(a, 0));
    return 0;
}
