/* prints: version 1, timer: 1, worker: 1 */
#include <stdio.h>
#include <uv.h>

static int timers, workers;

static void on_timer(uv_timer_t *timer) {
    timers++;
    uv_close((uv_handle_t *)timer, NULL);
}

static void work(uv_work_t *request) { workers++; }

static void after(uv_work_t *request, int status) {}

int main(void) {
    uv_timer_t timer;
    uv_work_t request;

    uv_timer_init(uv_default_loop(), &timer);
    uv_timer_start(&timer, on_timer, 1, 0);
    uv_queue_work(uv_default_loop(), &request, work, after);
    uv_run(uv_default_loop(), UV_RUN_DEFAULT);
    printf("version %u, timer: %d, worker: %d", uv_version() >> 16, timers, workers);
    return uv_loop_close(uv_default_loop());
}
