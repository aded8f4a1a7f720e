package dev.pgetl.internal.estimate;

/**
 * What copies cost.
 *
 * @param perRow seconds for a row, if no other worker copies
 * @param perByte seconds for each of its bytes
 * @param shared how much workers hold each other up: 0 if they do not, 1 if two need twice as long
 * @param perTable seconds for a table that has a worker for itself, besides its rows
 * @param perSmallTable seconds for a table that shares a worker
 */
record CopyModel(
    double perRow, double perByte, double shared, double perTable, double perSmallTable) {
  /** {@return how long a worker needs if no other one copies} */
  double seconds(double rows, double bytes) {
    return rows * perRow + bytes * perByte;
  }

  /** {@return how long rows should have taken beside the workers that there were} */
  double expected(Spent spent) {
    return seconds(spent.rows(), spent.bytes()) * slowdown(spent.workers());
  }

  /** {@return how many times as long each of some workers needs as one that is alone} */
  double slowdown(double workers) {
    return Math.pow(workers, shared);
  }

  CopyModel times(double factor) {
    return new CopyModel(perRow * factor, perByte * factor, shared, perTable, perSmallTable);
  }
}
