/* A Cortex-M in QEMU: semihosting to speak, SysTick to count, no library. */
#include <stddef.h>
#define BOARD_TIMES 4

extern uint32_t board_stack, board_data, board_data_end, board_data_from, board_bss, board_bss_end;
int main(void);

void *memcpy(void *to, const void *from, size_t size)
{
    unsigned char *t = to;
    const unsigned char *f = from;
    while (size--)
        *t++ = *f++;
    return to;
}

void *memset(void *to, int value, size_t size)
{
    unsigned char *t = to;
    while (size--)
        *t++ = (unsigned char)value;
    return to;
}

static void call_host(uint32_t operation, const void *argument)
{
    register uint32_t r0 __asm__("r0") = operation;
    register const void *r1 __asm__("r1") = argument;
    __asm__ volatile("bkpt 0xab" : "+r"(r0) : "r"(r1) : "memory");
}

#define SYSTICK ((volatile uint32_t *)0xe000e010u)

static void board_start(void)
{
    SYSTICK[1] = 0xffffff;
    SYSTICK[2] = 0;
    SYSTICK[0] = 5;
}

/* SysTick counts down 24 bits; a single prediction is shorter than one round. */
static uint32_t board_now;
static uint32_t board_last;
static uint32_t board_ticks(void)
{
    const uint32_t now = SYSTICK[2];
    board_now += (board_last - now) & 0xffffff;
    board_last = now;
    return board_now;
}

/* The ticks of 200,000 instructions. */
static uint32_t board_unit(void)
{
    uint32_t begun = board_ticks(), left = 100000;
    __asm__ volatile(".syntax unified\n1: subs %0, %0, #1\n bne 1b" : "+l"(left) : : "cc");
    return board_ticks() - begun;
}

static void board_say(const char *name, uint32_t value)
{
    char digits[12], *digit = digits + 11;
    *digit = 0;
    do
        *--digit = (char)('0' + value % 10);
    while (value /= 10);
    call_host(4, name);
    call_host(4, "=");
    call_host(4, digit);
    call_host(4, ";\n");
}

static void board_end(void) { call_host(0x18, (const void *)0x20026); }

static void reset(void)
{
    uint32_t *from = &board_data_from, *to;
    for (to = &board_data; to < &board_data_end;)
        *to++ = *from++;
    for (to = &board_bss; to < &board_bss_end;)
        *to++ = 0;
    main();
    for (;;) {
    }
}

/* A fault must not look like success. */
static void fault(void)
{
    board_say("fault", 1);
    board_end();
    for (;;) {
    }
}

struct vectors {
    const uint32_t *stack;
    void (*handlers[15])(void);
};

__attribute__((section(".vectors"), used)) static const struct vectors vectors = {
    &board_stack, {reset, fault, fault},
};
