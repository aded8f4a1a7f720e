package dev.pgetl.verify;

import dev.pgetl.schema.TableName;

/**
 * How far the comparison of a table has come.
 *
 * @param table the table
 * @param partsDone how many parts were hashed
 * @param parts how many parts the table has
 * @param rows how many rows were read so far, each of them on both sides
 * @param open how many keys differ at the moment
 * @param differences how many differences are known
 */
public record VerificationProgress(
    TableName table, int partsDone, int parts, long rows, int open, int differences) {}
