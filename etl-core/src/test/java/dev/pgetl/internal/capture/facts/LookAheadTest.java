package dev.pgetl.internal.capture.facts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.internal.capture.facts.ColumnFacts.Default;
import dev.pgetl.schema.ColumnSchema;
import dev.pgetl.schema.PgType;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableName;
import dev.pgetl.schema.TableSchema;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Looks up 500 tables in a catalogue that is read at a moment which the test sets. */
class LookAheadTest {
  private static final List<TableId> TABLES =
      LongStream.rangeClosed(1, 500).mapToObj(TableId::new).toList();

  private final Shelf catalog = new Shelf();
  private final LookAhead ahead =
      new LookAhead(catalog::facts, this::pause, () -> catalog.typeChanges, () -> TABLES);

  private static final class Shelf {
    private final List<Integer> asked = new ArrayList<>();
    private Moment now = new Moment(1_000, Set.of(900L));
    private long typeChanges;
    private boolean findsChangedType;
    private int columns = 1;
    private @Nullable TableId broken;
    private final EtlException failure = new EtlException(ErrorKind.SOURCE_DATA, "broken");

    private Map<TableId, TableFacts> facts(TableSchema wire, Collection<TableId> others) {
      if (wire.id().equals(broken) || (broken != null && others.contains(broken))) {
        throw failure;
      }
      asked.add(1 + others.size());
      if (findsChangedType) {
        findsChangedType = false;
        typeChanges++;
      }
      Map<TableId, TableFacts> facts = new HashMap<>();
      facts.put(wire.id(), facts());
      others.forEach(other -> facts.put(other, facts()));
      return facts;
    }

    private TableFacts facts() {
      ColumnFacts column = new ColumnFacts("a", 23, -1, 1, false, Default.NONE, true, 50);
      return new TableFacts(
          now, Collections.nCopies(columns, column), Dated.always(List.of()), Map.of(), null);
    }
  }

  private int pauses;
  private Moment afterPauses = Moment.UNKNOWN;

  private void pause() {
    pauses++;
    if (pauses == 3) {
      catalog.now = afterPauses;
    }
  }

  private TableFacts lookUp(long oid, long xid) {
    ahead.begin(xid);
    return ahead.facts(TableSchema.builder(new TableId(oid), name()).build(), xid);
  }

  private static TableName name() {
    return new TableName("public", "t");
  }

  private void lookUp(long from, long to, long xid) {
    LongStream.rangeClosed(from, to).forEach(oid -> lookUp(oid, xid));
  }

  @Test
  void aBacklogOfManyTablesCostsFewQueries() {
    lookUp(1, 500, 800);

    assertThat(catalog.asked).hasSizeLessThan(12).startsWith(1, 2, 4, 8).doesNotContain(200);
    assertThat(catalog.asked.stream().mapToInt(Integer::intValue).sum()).isEqualTo(500);
  }

  @Test
  void theOrderOfTheStreamDoesNotMatter() {
    LongStream.rangeClosed(1, 500).forEach(oid -> lookUp(501 - oid, 800));

    assertThat(catalog.asked).hasSizeLessThan(20);
  }

  @Test
  void whatWasReadBeforeATransactionCommittedDoesNotCountForIt() {
    lookUp(1, 2, 800);
    assertThat(catalog.asked).containsExactly(1, 2);
    catalog.now = new Moment(2_000, Set.of());

    assertThat(lookUp(3, 900).read()).isEqualTo(catalog.now); // was running
    assertThat(lookUp(4, 1_000).read()).isEqualTo(catalog.now); // began later
    assertThat(catalog.asked).startsWith(1, 2, 1);
  }

  @Test
  void aTransactionThatDoesNotShowYetIsWaitedFor() {
    afterPauses = new Moment(2_000, Set.of());
    assertThat(lookUp(1, 900).read()).isEqualTo(afterPauses);
    assertThat(catalog.asked).containsExactly(1, 1, 1, 1);

    assertThat(lookUp(2, 3_000).read()).isEqualTo(afterPauses); // the wait is limited
    assertThat(pauses).isEqualTo(3 + 20);
  }

  @Test
  void whatIsAheadIsForgottenWhenTheStreamHasPassedIt() {
    lookUp(1, 2, 800);
    ahead.begin(1_000);
    catalog.asked.clear();
    lookUp(3, 800);

    assertThat(catalog.asked).containsExactly(1);
  }

  @Test
  void aTableThatCannotBeLookedUpHarmsNoOther() {
    catalog.broken = new TableId(20);
    LongStream.rangeClosed(1, 500).filter(oid -> oid != 20).forEach(oid -> lookUp(oid, 800));
    assertThatThrownBy(() -> lookUp(20, 800)).isSameAs(catalog.failure);

    assertThat(catalog.asked).startsWith(1, 2, 4, 8).doesNotContain(0);
  }

  @Test
  void tablesOfManyColumnsAreLookedUpInSmallNumbers() {
    catalog.columns = 500;
    lookUp(1, 60, 800);

    assertThat(catalog.asked).startsWith(1, 2, 4).allMatch(tables -> tables <= 5);
  }

  @Test
  void whatIsHeldIsLimited() {
    catalog.columns = 500;
    for (int oid = 1; oid <= 500; oid += 10) {
      lookUp(oid, 800);
    }

    assertThat(catalog.asked.stream().mapToInt(Integer::intValue).sum()).isLessThan(50 + 25);
  }

  @Test
  void aTableThatIsNamedAgainIsLookedUpAgain() {
    lookUp(1, 3, 800);
    int before = catalog.asked.size();
    lookUp(3, 800);

    assertThat(catalog.asked).hasSize(before + 1);
  }

  @Test
  void whatWasReadBeforeATypeChangedDoesNotCount() {
    lookUp(1, 2, 800);
    catalog.typeChanges++;
    catalog.now = new Moment(2_000, Set.of());
    assertThat(lookUp(3, 800).read()).isEqualTo(catalog.now);

    catalog.findsChangedType = true;
    lookUp(10, 800);
    int before = catalog.asked.size();
    lookUp(4, 800);
    assertThat(catalog.asked).hasSize(before + 1);
  }

  @Test
  void aTypeThatWasNotLookedUpIsLookedUp() {
    lookUp(1, 2, 800);
    TableSchema wire =
        TableSchema.builder(new TableId(3), name())
            .columns(List.of(ColumnSchema.of("a", PgType.unknown(70_000))))
            .build();
    ahead.facts(wire, 800);

    assertThat(catalog.asked).containsExactly(1, 2, 1);
  }

  @Test
  void aTableThatIsGoneHasNoFacts() {
    LookAhead empty = new LookAhead((wire, others) -> Map.of(), this::pause, () -> 0, () -> TABLES);

    assertThat(empty.facts(TableSchema.builder(new TableId(1), name()).build(), 800))
        .isEqualTo(TableFacts.NONE);
  }
}
