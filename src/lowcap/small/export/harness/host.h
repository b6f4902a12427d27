/* This machine. */
#include <stdio.h>
#define BOARD_TIMES 1

static void board_start(void) {}
static uint32_t board_ticks(void) { return 0; }
static uint32_t board_unit(void) { return 0; }
static void board_say(const char *name, uint32_t value)
{
    printf("%s=%lu;\n", name, (unsigned long)value);
}
static void board_end(void) {}
