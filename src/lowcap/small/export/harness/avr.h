/* An ATmega328P in simavr: the serial port to speak, timer 1 to count. */
#include <avr/interrupt.h>
#include <avr/io.h>
#include <avr/sleep.h>
#define BOARD_TIMES 1

static volatile uint16_t rounds;

ISR(TIMER1_OVF_vect) { rounds++; }

static void board_start(void)
{
    UCSR0B = _BV(TXEN0);
    TIMSK1 = _BV(TOIE1);
    TCCR1B = _BV(CS10);
    sei();
}

static uint32_t board_ticks(void)
{
    uint16_t before, low;
    do {
        before = rounds;
        low = TCNT1;
    } while (before != rounds);
    return ((uint32_t)before << 16) + low;
}

static uint32_t board_unit(void) { return 0; }

static void say(char letter)
{
    while (!(UCSR0A & _BV(UDRE0))) {
    }
    UDR0 = (uint8_t)letter;
}

static void board_say(const char *name, uint32_t value)
{
    char digits[12], *digit = digits + 11;
    *digit = 0;
    do
        *--digit = (char)('0' + value % 10);
    while (value /= 10);
    while (*name)
        say(*name++);
    say('=');
    while (*digit)
        say(*digit++);
    say(';');
    say('\n');
}

static void board_end(void)
{
    cli();
    sleep_enable();
    sleep_cpu();
}
