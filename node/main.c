#include <stdio.h>

int main(void)
{
    fputs("qanat: no commands yet\n", stderr);
    return 2;
}
