/* prints: port 5433, SSL: OpenSSL, refused: yes */
#include <libpq-fe.h>
#include <stdio.h>
#include <string.h>

int main(void) {
    PQconninfoOption *options = PQconninfoParse("host=127.0.0.1 port=5433", NULL);
    PGconn *connection = PQconnectdb("host=127.0.0.1 port=1 connect_timeout=5");

    for (PQconninfoOption *option = options; option->keyword; option++)
        if (strcmp(option->keyword, "port") == 0) printf("port %s", option->val);
    printf(", SSL: %s", PQsslAttribute(NULL, "library"));
    printf(", refused: %s", strstr(PQerrorMessage(connection), "refused") ? "yes" : PQerrorMessage(connection));
    return 0;
}
