package io.hearth.worker.integrity;

/**
 * The CRC32C of a run of bytes from the CRC32Cs of its pieces, without the bytes. Appending n bytes multiplies a CRC by
 * x^(8n) modulo the polynomial, so crc(AB) = crc(A) x^(8 |B|) + crc(B) in GF(2)[x]; the inversions at both ends cancel.
 * The idea is that of zlib's {@code crc32_combine} (Mark Adler, crc32.c). 32 steps for each piece. One thread's.
 */
final class CrcCombination {
    /** CRC32C's polynomial, Castagnoli's, reflected: the coefficient of x^0 is the highest bit. */
    private static final int POLYNOMIAL = 0x82F63B78;

    private static final int ONE = 1 << 31;
    private static final int X = 1 << 30;

    private int crc;
    private long shiftBytes = -1;
    private int shift;

    /** Appends a piece. Cheapest where pieces have one length. */
    void append(int pieceCrc, long pieceBytes) {
        if (pieceBytes != shiftBytes) {
            shiftBytes = pieceBytes;
            shift = power(8 * pieceBytes);
        }
        crc = multiply(shift, crc) ^ pieceCrc;
    }

    /** The CRC32C of all pieces; 0 of none. */
    int value() {
        return crc;
    }

    /** x^n, by squaring. */
    private static int power(long n) {
        int result = ONE;
        int square = X;
        for (long left = n; left > 0; left >>>= 1) {
            if ((left & 1) != 0) {
                result = multiply(result, square);
            }
            square = multiply(square, square);
        }
        return result;
    }

    private static int multiply(int a, int b) {
        int product = 0;
        int shifted = b;
        for (int bit = ONE; bit != 0; bit >>>= 1) {
            if ((a & bit) != 0) {
                product ^= shifted;
            }
            shifted = (shifted & 1) != 0 ? shifted >>> 1 ^ POLYNOMIAL : shifted >>> 1;
        }
        return product;
    }
}
