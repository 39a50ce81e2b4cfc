/* prints: 42 */
#include <sqlite3.h>
#include <stdio.h>

int main(void) {
    sqlite3 *database;
    sqlite3_stmt *statement;

    if (sqlite3_open(":memory:", &database) != SQLITE_OK) return 1;
    if (sqlite3_prepare_v2(database, "select 6 * 7", -1, &statement, NULL) != SQLITE_OK) return 1;
    if (sqlite3_step(statement) != SQLITE_ROW) return 1;
    printf("%d", sqlite3_column_int(statement, 0));
    return 0;
}
