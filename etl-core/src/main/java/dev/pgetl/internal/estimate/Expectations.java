package dev.pgetl.internal.estimate;

import java.util.List;

/**
 * How much tables are expected to have, by what is known of all of them. Immutable.
 *
 * @param trusted whether the planner's statistics were right about tables whose rows are known
 * @param rowsPerByte rows of tables for each byte they have on disk
 * @param sentPerByte bytes that the server sends for each
 */
record Expectations(boolean trusted, double rowsPerByte, double sentPerByte) {
  /** Before anything is known. */
  private static final double FIRST_ROWS_PER_BYTE = 0.01;

  private static final double FIRST_SENT_PER_BYTE = 1;

  /** Of a smaller part of a table nothing follows. */
  private static final double LEAST_PART = 0.02;

  /** From here on a table itself says how large it is. */
  private static final double LARGE_PART = 0.05;

  /** Statistics that are wrong by more are not trusted. */
  private static final double WRONG = Math.log(1.5);

  /**
   * What a table is expected to have, with what was copied of it.
   *
   * @param load what is known of it
   * @param rows how many rows
   * @param bytes their bytes as the server sends them
   */
  record Expected(TableLoad load, double rows, double bytes) {
    double rowsLeft() {
      return rows - load.rows();
    }

    double bytesLeft() {
      return bytes - load.bytes();
    }
  }

  /** {@return what some tables say about each other} */
  static Expectations of(List<TableLoad> loads) {
    boolean trusted = trusted(loads);
    double size = 0;
    double rows = 0;
    double sent = 0;
    for (TableLoad load : loads) {
      double part = part(load, trusted);
      if (isLikeOthers(load) && load.bytes() > 0 && part > LEAST_PART) {
        size += load.extent().bytes() * part;
        rows += load.rows();
        sent += load.bytes();
      }
    }
    return size == 0
        ? new Expectations(trusted, FIRST_ROWS_PER_BYTE, FIRST_SENT_PER_BYTE)
        : new Expectations(trusted, rows / size, sent / size);
  }

  /** Of a small table a part of a block is empty. */
  private static boolean isLikeOthers(TableLoad load) {
    return !load.together() && !load.extent().filtered() && load.extent().bytes() > 0;
  }

  /** {@return whether more than half of the statistics were right} */
  private static boolean trusted(List<TableLoad> loads) {
    List<TableLoad> known =
        loads.stream()
            .filter(
                load -> isLikeOthers(load) && load.extent().planned() > 0 && knownRows(load) > 0)
            .toList();
    long wrong =
        known.stream()
            .filter(load -> Math.abs(Math.log(load.extent().planned() / knownRows(load))) > WRONG)
            .count();
    return 2 * wrong <= known.size();
  }

  /** {@return how many rows a table has; negative if only the planner says so} */
  private static double knownRows(TableLoad load) {
    if (load.isDone()) {
      return load.rows();
    }
    RowSpread spread = load.extent().spread();
    return spread == null ? -1 : spread.rows();
  }

  /** {@return which part of a table was copied; 0 if it is not known} */
  private static double part(TableLoad load, boolean trusted) {
    if (load.isDone()) {
      return 1;
    }
    RowSpread spread = load.extent().spread();
    if (spread != null) {
      return spread.blocksOf((double) load.rows());
    }
    boolean planned = trusted && load.extent().planned() > 0;
    return planned ? Math.min(1, (double) load.rows() / load.extent().planned()) : 0;
  }

  Expected of(TableLoad load) {
    if (load.isDone()) {
      return new Expected(load, (double) load.rows(), (double) load.bytes());
    }
    TableExtent extent = load.extent();
    double size = Math.max(0, extent.bytes());
    double planned = trusted && extent.planned() >= 0 ? extent.planned() : size * rowsPerByte;
    double rows = extent.spread() == null ? planned : extent.spread().rows();
    double bytes = size * sentPerByte;
    double part = part(load, trusted);
    if (part > 0) {
      double weight = size == 0 ? 1 : Math.min(1, part / LARGE_PART);
      bytes = weight * load.bytes() / part + (1 - weight) * bytes;
    }
    return new Expected(
        load, Math.max(rows, (double) load.rows()), Math.max(bytes, (double) load.bytes()));
  }
}
