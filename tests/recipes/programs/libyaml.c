/* prints: scalars: name value */
#include <stdio.h>
#include <yaml.h>

int main(void) {
    static const unsigned char text[] = "name: value\n";
    yaml_parser_t parser;
    yaml_token_t token;
    int done = 0;

    yaml_parser_initialize(&parser);
    yaml_parser_set_input_string(&parser, text, sizeof text - 1);
    printf("scalars:");
    while (!done && yaml_parser_scan(&parser, &token)) {
        if (token.type == YAML_SCALAR_TOKEN) printf(" %s", token.data.scalar.value);
        done = token.type == YAML_STREAM_END_TOKEN;
        yaml_token_delete(&token);
    }
    yaml_parser_delete(&parser);
    return !done;
}
