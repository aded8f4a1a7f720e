package dev.pgetl.verify;

/**
 * The rows of one group of a part. A sum, because a row that is there twice must not cancel itself.
 *
 * @param group the group, from 0
 * @param rows how many rows it has
 * @param sum the sum of their hashes ({@link RowHash#row}) modulo 2^64
 */
public record GroupHash(int group, long rows, long sum) {}
