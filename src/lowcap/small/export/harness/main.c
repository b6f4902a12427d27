/* Runs the test vectors and says how many fail and how long one prediction takes. */
#include "test_vectors.h"
#include "board.h"

static volatile model_prediction said;

int main(void)
{
    static model_input x[MODEL_COLUMNS];
    uint32_t ticks = 0, begun;
    uint16_t row, each;
    uint8_t time;
    board_start();
    for (time = 0; time < BOARD_TIMES; time++) {
        for (row = 0; row < MODEL_VECTORS; row++) {
            for (each = 0; each < MODEL_COLUMNS; each++)
                x[each] = MODEL_VECTOR_INPUT(row * MODEL_COLUMNS + each);
            begun = board_ticks();
            said = model_predict(x);
            ticks += board_ticks() - begun;
        }
    }
    board_say("mismatches", model_mismatches());
    board_say("vectors", MODEL_VECTORS);
    board_say("ticks", ticks);
    board_say("runs", (uint32_t)BOARD_TIMES * MODEL_VECTORS);
    board_say("unit", board_unit());
    board_say("inputs", sizeof x);
    board_end();
    return 0;
}
