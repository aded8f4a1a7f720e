package dev.pgetl.internal.copy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgetl.internal.capture.condition.RowChoice;
import dev.pgetl.internal.copy.TableLeaf.Kind;
import dev.pgetl.internal.value.ValueFormat;
import dev.pgetl.random.RandomRuns;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableName;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class CopyPlanTest {
  private static final TableId ID = new TableId(7);
  private static final TableName TABLE = new TableName("public", "t");

  @Test
  void aSmallTableIsReadInOnePieceOverOneConnection() {
    List<TableLeaf> leaves = List.of(leaf("t", 900));
    assertThat(CopyPlan.connections(leaves, 8)).isEqualTo(1);
    assertThat(CopyPlan.ranges(ID, TABLE, leaves, 1))
        .containsExactly(CopyRange.whole(leaves.get(0)));
  }

  @Test
  void connectionsAreOpenedOnlyIfTheyAreWorthTheirWhile() {
    assertThat(CopyPlan.connections(List.of(), 4)).isEqualTo(1);
    assertThat(CopyPlan.connections(List.of(leaf("t", 0)), 4)).isEqualTo(1);
    assertThat(CopyPlan.connections(List.of(leaf("a", 600), leaf("b", 600)), 4)).isEqualTo(2);
    assertThat(CopyPlan.connections(List.of(leaf("t", 1_000_000)), 4)).isEqualTo(4);
  }

  @Test
  void theLastRangeOfALeafIsOpen() {
    List<CopyRange> ranges = CopyPlan.ranges(ID, TABLE, List.of(leaf("t", 100_000)), 2);
    assertThat(ranges).hasSize(16);
    assertThat(ranges).filteredOn(range -> !range.condition().contains("ctid <")).hasSize(1);
  }

  @Test
  void whatCannotBeSplitIsReadInOnePiece() {
    TableLeaf whole = new TableLeaf(ID, TABLE, 1_000_000, 0, false, true, true, Kind.LOGGED);
    assertThat(CopyPlan.ranges(ID, TABLE, List.of(whole), 4))
        .containsExactly(CopyRange.whole(whole));
  }

  @Test
  void partitionsThatTheServerDoesNotSendAreLeftOut() {
    TableId unlogged = new TableId(9);
    TableLeaf unsent = new TableLeaf(unlogged, TABLE, 50, 0, true, false, false, Kind.UNLOGGED);
    TableLeaf sent = leaf("a", 10);
    assertThat(CopyPlan.ranges(ID, TABLE, List.of(sent, unsent), 1))
        .containsExactly(CopyRange.whole(sent));
    TableLeaf closed = new TableLeaf(ID, TABLE, 10, 0, true, false, true, Kind.LOGGED);
    assertThat(CopyPlan.ranges(ID, TABLE, List.of(closed, unsent), 1))
        .singleElement()
        .extracting(range -> range.copyCommand(List.of("a"), published("a > 1"), ValueFormat.TEXT))
        .isEqualTo(
            "COPY (SELECT \"a\" FROM \"public\".\"t\" WHERE (a > 1) AND tableoid NOT IN (9)) TO STDOUT");
  }

  @Test
  void aRoleThatMayNotReadTheLeavesReadsTheRoot() {
    TableLeaf closed = new TableLeaf(ID, TABLE, 1_000_000, 0, true, false, true, Kind.LOGGED);
    List<TableLeaf> leaves = List.of(leaf("a", 100_000), closed);
    assertThat(CopyPlan.connections(leaves, 4)).isEqualTo(1);
    assertThat(CopyPlan.ranges(ID, TABLE, leaves, 1))
        .containsExactly(CopyRange.throughRoot(ID, TABLE, List.of(), 1_100_000));
  }

  @Test
  void theLargestRangesComeFirst() {
    List<CopyRange> ranges =
        CopyPlan.ranges(ID, TABLE, List.of(leaf("small", 10), leaf("large", 20_000)), 2);
    assertThat(ranges).isSortedAccordingTo(Comparator.comparingLong(CopyRange::blocks).reversed());
  }

  @Test
  void everyBlockIsReadExactlyOnce() throws Exception {
    RandomRuns.repeat(
        500,
        random -> {
          long blocks = random.nextInt(60_000);
          int connections = 1 + random.nextInt(8);
          List<CopyRange> ranges =
              new ArrayList<>(CopyPlan.ranges(ID, TABLE, List.of(leaf("t", blocks)), connections));
          ranges.sort(Comparator.comparingLong(range -> block(range, ">= '", 0)));
          long next = 0;
          for (CopyRange range : ranges) {
            assertThat(block(range, ">= '", 0)).isEqualTo(next);
            next = block(range, "< '", CopyRange.OPEN);
          }
          assertThat(next).isEqualTo(CopyRange.OPEN);
          assertThat(ranges.stream().mapToLong(CopyRange::blocks).sum()).isEqualTo(blocks);
        });
  }

  /** {@return the block behind a comparison in the condition of a range} */
  private static long block(CopyRange range, String comparison, long otherwise) {
    int at = range.condition().indexOf(comparison + "(");
    int from = at + comparison.length() + 1;
    return at < 0
        ? otherwise
        : Long.parseLong(range.condition().substring(from, range.condition().indexOf(',', from)));
  }

  @Test
  void manyLeavesAreReadOneByOne() {
    List<TableLeaf> leaves = LongStream.range(0, 100).mapToObj(i -> leaf("leaf" + i, 100)).toList();
    assertThat(CopyPlan.ranges(ID, TABLE, leaves, 4)).hasSize(100);
  }

  @Test
  void commandsNameColumnsFilterAndBlocks() {
    TableLeaf leaf = leaf("T\"x", 100);
    assertThat(
            CopyRange.whole(leaf)
                .copyCommand(List.of("a", "B\"c"), published(""), ValueFormat.TEXT))
        .isEqualTo("COPY (SELECT \"a\", \"B\"\"c\" FROM ONLY \"public\".\"T\"\"x\") TO STDOUT");
    assertThat(
            CopyRange.part(leaf, 10, 20, 10)
                .copyCommand(List.of("a"), published("a > 1 OR b"), ValueFormat.BINARY))
        .isEqualTo(
            "COPY (SELECT \"a\" FROM ONLY \"public\".\"T\"\"x\""
                + " WHERE (a > 1 OR b) AND ctid >= '(10,0)' AND ctid < '(20,0)')"
                + " TO STDOUT (FORMAT binary)");
    assertThat(
            CopyRange.throughRoot(ID, TABLE, List.of(), 5)
                .copyCommand(List.of(), published(""), ValueFormat.TEXT))
        .isEqualTo("COPY (SELECT  FROM \"public\".\"t\") TO STDOUT");
  }

  /** A comment at the end of the condition must not hide the parenthesis behind it. */
  @Test
  void conditionsOfBothSidesCountAndCallPartitionsByTheNameOfTheTable() {
    RowChoice rows = new RowChoice(TABLE, "a > 1 OR b", "t.a < 9 -- or more");
    assertThat(
            CopyRange.part(leaf("t_1", 100), 10, CopyRange.OPEN, 10)
                .copyCommand(List.of("a"), rows, ValueFormat.TEXT))
        .isEqualTo(
            "COPY (SELECT \"a\" FROM ONLY \"public\".\"t_1\" AS \"t\""
                + " WHERE (a > 1 OR b) AND (t.a < 9 -- or more\n) AND ctid >= '(10,0)')"
                + " TO STDOUT");
  }

  private static RowChoice published(String rowFilter) {
    return new RowChoice(TABLE, rowFilter, "");
  }

  private static TableLeaf leaf(String name, long blocks) {
    return new TableLeaf(
        ID, new TableName("public", name), blocks, -1, true, true, true, Kind.LOGGED);
  }
}
