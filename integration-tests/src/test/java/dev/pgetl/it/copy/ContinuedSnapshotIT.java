package dev.pgetl.it.copy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgetl.config.ReadBy;
import dev.pgetl.data.TableRow;
import dev.pgetl.destination.KeyRange;
import dev.pgetl.internal.capture.SourceDatabase;
import dev.pgetl.internal.capture.catalog.PublishedTable;
import dev.pgetl.internal.copy.SnapshotCopier;
import dev.pgetl.internal.copy.TableCopier;
import dev.pgetl.internal.copy.TableCopy;
import dev.pgetl.internal.platform.Platform;
import dev.pgetl.internal.range.CopyOrigin;
import dev.pgetl.internal.range.CopyRanges;
import dev.pgetl.internal.value.ValueFormat;
import dev.pgetl.schema.TableSchema;
import dev.pgetl.store.SlotLineage;
import dev.pgetl.testkit.postgres.TestDatabase;
import dev.pgetl.testkit.postgres.TestPostgres;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a copy that is continued reads, under a snapshot of its own. */
class ContinuedSnapshotIT {
  private static final String SLOT = "copy_slot";
  private static final String LATER_SLOT = "later_slot";

  private final TestDatabase database = TestPostgres.shared().createDatabase();
  private final SourceDatabase source =
      new SourceDatabase(database.connection().build(), "it", Platform.jvm());

  @AfterEach
  void close() {
    source.close();
    database.close();
  }

  @Test
  void readsWhatIsLeftWithTheVersionOfTheFirstRows() throws Exception {
    database.execute(
        """
        create table t(id int primary key, v text);
        insert into t values (1, 'a'), (5, 'b'), (7, 'c');
        create publication pub for table t;
        """);
    CopyRanges left;
    TableSchema version;
    try (TableCopy first = begin(SLOT, null)) {
      version = first.schema();
      left = firstRangeFinished(first);
    }
    database.execute("update t set v = 'later'; insert into t values (6, 'later')");

    try (TableCopy later = begin(LATER_SLOT, left)) {
      assertThat(later.consistentPoint()).isGreaterThan(version.snapshotLsn());
      assertThat(later.schema()).isEqualTo(version);
      assertThat(later.shape()).isEqualTo(left.origin().shape());
      assertThat(later.ranges()).isEqualTo(left.keys());
      List<TableRow> rows = rows(later);
      assertThat(rows)
          .allSatisfy(row -> assertThat(row.table()).isEqualTo(version))
          .extracting(row -> row.text(0) + row.text(1))
          .containsExactlyInAnyOrder("5later", "6later", "7later");
    }
    assertThat(source.slot(LATER_SLOT)).isEmpty();
    assertThat(source.slot(SLOT).orElseThrow().confirmedFlush()).isEqualTo(version.snapshotLsn());
  }

  private static CopyRanges firstRangeFinished(TableCopy first) {
    SlotLineage lineage = new SlotLineage("cluster", 1, first.consistentPoint());
    List<KeyRange> keys = List.of(new KeyRange("id", null, "5"), new KeyRange("id", "5", null));
    CopyOrigin origin = new CopyOrigin(lineage, first.consistentPoint(), first.shape(), false);
    return CopyRanges.planned(origin, keys).finished(0, first.consistentPoint(), 1, 1);
  }

  private TableCopy begin(String slot, @Nullable CopyRanges left) {
    PublishedTable table = source.publishedTables("pub").get(0);
    return new SnapshotCopier(source)
        .begin(
            new TableCopier.Request(
                table, slot, 1, ValueFormat.TEXT, ReadBy.KEY, "", left != null, left));
  }

  private static List<TableRow> rows(TableCopy copy) throws InterruptedException {
    List<TableRow> rows = new ArrayList<>();
    for (TableCopy.Worker worker : copy.workers()) {
      worker.run((row, wireBytes) -> rows.add(row));
    }
    return rows;
  }
}
