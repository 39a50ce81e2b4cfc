/* prints: 36 characters */
#include <stdio.h>
#include <string.h>
#include <uuid.h>

int main(void) {
    uuid_t id;
    char text[37];

    uuid_generate(id);
    uuid_unparse(id, text);
    printf("%d characters", (int)strlen(text));
    return 0;
}
