package dev.pgetl.internal.runtime.table;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.pgetl.error.RetryDirective;
import dev.pgetl.internal.runtime.table.TableEvent.ApplyReached;
import dev.pgetl.internal.runtime.table.TableEvent.CaughtUp;
import dev.pgetl.internal.runtime.table.TableEvent.CopyFinished;
import dev.pgetl.internal.runtime.table.TableEvent.CopyStarted;
import dev.pgetl.internal.runtime.table.TableEvent.Failed;
import dev.pgetl.internal.runtime.table.TableEvent.FenceLost;
import dev.pgetl.internal.runtime.table.TableEvent.FenceSet;
import dev.pgetl.internal.runtime.table.TableEvent.HandedOver;
import dev.pgetl.internal.runtime.table.TableEvent.PauseBegun;
import dev.pgetl.internal.runtime.table.TableEvent.RangeLeft;
import dev.pgetl.internal.runtime.table.TableEvent.Resync;
import dev.pgetl.internal.runtime.table.TableEvent.Retried;
import dev.pgetl.store.TableReplicationPhase;
import dev.pgetl.store.TableReplicationPhase.Catchup;
import dev.pgetl.store.TableReplicationPhase.DataSync;
import dev.pgetl.store.TableReplicationPhase.Errored;
import dev.pgetl.store.TableReplicationPhase.FinishedCopy;
import dev.pgetl.store.TableReplicationPhase.Init;
import dev.pgetl.store.TableReplicationPhase.Paused;
import dev.pgetl.store.TableReplicationPhase.Ready;
import dev.pgetl.store.TableReplicationPhase.SyncDone;
import dev.pgetl.store.TableReplicationPhase.SyncWait;
import dev.pgetl.wal.Lsn;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collector;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The legal moves are those of the table in docs/architecture.md, and no others. */
class TableLifeTest {
  private static final Path DOCUMENT = Path.of("..", "docs", "architecture.md");
  private static final String HEADER = "| phase | set by | what it means | what may follow |";
  private static final Pattern NAME = Pattern.compile("`(\\w+)[^`]*`");
  private static final Lsn AT = new Lsn(0x120);
  private static final Paused PAUSED = new Paused(Instant.EPOCH, new FinishedCopy());
  private static final Errored ERRORED = new Errored("broken", "", RetryDirective.TIMED, 2);

  private static final List<TableReplicationPhase> PHASES =
      List.of(
          new Init(),
          new DataSync(),
          new FinishedCopy(),
          new SyncWait(AT),
          new Catchup(AT),
          new SyncDone(AT),
          new Ready(),
          PAUSED,
          ERRORED);

  private static final List<TableEvent> EVENTS =
      List.of(
          new Resync(),
          new CopyStarted(),
          new RangeLeft(),
          new CopyFinished(),
          new CaughtUp(AT),
          new FenceSet(AT),
          new FenceLost(),
          new HandedOver(AT),
          new ApplyReached(),
          new PauseBegun(PAUSED),
          PauseBegun.beforeCopy(Instant.EPOCH),
          new PauseBegun(new Paused(Instant.EPOCH, new DataSync())),
          new Failed(ERRORED),
          new Retried(new Init()),
          new Retried(new DataSync()),
          new Retried(new FinishedCopy()));

  /** A row of the document's table. */
  private record Row(Set<String> setBy, Set<String> follow) {}

  private static Map<String, Row> documented() throws IOException {
    List<String> lines = Files.readAllLines(DOCUMENT);
    int header = lines.indexOf(HEADER);
    assertThat(header).as("the line of the header").isPositive();
    Map<String, Row> rows = new LinkedHashMap<>();
    for (String line : lines.subList(header + 2, lines.size())) {
      if (!line.startsWith("|")) {
        break;
      }
      String[] cells = line.split("\\|", -1);
      assertThat(cells).as(line).hasSize(6);
      String phase = names(cells[1]).iterator().next();
      assertThat(rows.put(phase, new Row(names(cells[2]), names(cells[4])))).isNull();
    }
    return rows;
  }

  private static Set<String> names(String cell) {
    return NAME.matcher(cell).results().map(result -> result.group(1)).collect(toNames());
  }

  private static Collector<String, ?, Set<String>> toNames() {
    return Collectors.toCollection(TreeSet::new);
  }

  private static Set<String> names(Collection<? extends Class<?>> classes) {
    return classes.stream().map(Class::getSimpleName).collect(toNames());
  }

  private static String name(TableEvent event) {
    return event.getClass().getSimpleName();
  }

  @Test
  void thereIsASampleOfEveryPhaseAndEvent() {
    assertThat(PHASES.stream().<Class<?>>map(Object::getClass))
        .containsExactlyInAnyOrder(TableReplicationPhase.class.getPermittedSubclasses());
    assertThat(EVENTS.stream().<Class<?>>map(Object::getClass).distinct())
        .containsExactlyInAnyOrder(TableEvent.class.getPermittedSubclasses());
  }

  @Test
  void theDocumentListsThePhasesInTheirOrder() throws IOException {
    assertThat(documented().keySet())
        .containsExactlyElementsOf(PHASES.stream().map(TableReplicationPhase::name).toList());
  }

  @Test
  void theDocumentSaysWhatMayFollow() throws IOException {
    Map<String, Set<String>> legal = new LinkedHashMap<>();
    TableLife.LEGAL.forEach((phase, events) -> legal.put(phase.getSimpleName(), names(events)));
    Map<String, Set<String>> follow = new LinkedHashMap<>();
    documented().forEach((phase, row) -> follow.put(phase, row.follow));

    assertThat(follow).isEqualTo(legal);
  }

  @Test
  void theDocumentSaysWhatSetsAPhase() throws IOException {
    Map<String, Set<String>> leading = new LinkedHashMap<>();
    EVENTS.forEach(
        event ->
            leading
                .computeIfAbsent(event.leadsTo().name(), phase -> new TreeSet<>())
                .add(name(event)));
    Map<String, Set<String>> setBy = new LinkedHashMap<>();
    documented().forEach((phase, row) -> setBy.put(phase, row.setBy));

    assertThat(setBy).isEqualTo(leading);
  }

  @Test
  void everyPairOfPhaseAndEventIsAsDocumented() throws IOException {
    Map<String, Row> rows = documented();
    for (TableReplicationPhase phase : PHASES) {
      for (TableEvent event : EVENTS) {
        if (Objects.requireNonNull(rows.get(phase.name())).follow.contains(name(event))) {
          assertThat(TableLife.next(phase, event)).isEqualTo(event.leadsTo());
          assertThat(TableLife.in(phase).after(event).phase()).isEqualTo(event.leadsTo());
        } else {
          assertIllegal(phase, event);
        }
      }
    }
  }

  private static void assertIllegal(TableReplicationPhase phase, TableEvent event) {
    assertThatIllegalStateException()
        .as("%s in %s", event, phase)
        .isThrownBy(() -> TableLife.in(phase).after(event))
        .withMessage(
            "a table cannot go from %s to %s (%s)",
            phase.name(), event.leadsTo().name(), name(event));
  }

  // ---- what a life remembers ----

  @Test
  void aRetryContinuesFromAPhaseOfASyncWorker() {
    assertThat(reachable().stream().map(TableLife::resumable))
        .containsOnly(new Init(), new DataSync(), new FinishedCopy());
  }

  /** The rows of a table that the apply worker owned are copied again. */
  @Test
  void aTableThatWasOwnedByTheApplyWorkerIsResumedFromTheStart() {
    assertThat(reachable())
        .filteredOn(TableLife::isApplied)
        .isNotEmpty()
        .allSatisfy(life -> assertThat(life.resumable()).isEqualTo(new Init()));
  }

  @Test
  void everyPhaseMayBeReachedFromTheFirstAndThereIsAWayBack() {
    assertThat(reachable().stream().<Class<?>>map(life -> life.phase().getClass()).distinct())
        .containsExactlyInAnyOrder(TableReplicationPhase.class.getPermittedSubclasses());
    assertThat(reachable())
        .allSatisfy(
            life -> assertThat(life.after(new Resync())).isEqualTo(TableLife.in(new Init())));
  }

  /** {@return every life a new table may come to; a retry continues from where it may} */
  private static Set<TableLife> reachable() {
    Set<TableLife> found = new HashSet<>();
    Deque<TableLife> open = new ArrayDeque<>(List.of(TableLife.in(new Init())));
    while (!open.isEmpty()) {
      TableLife life = open.poll();
      if (found.add(life)) {
        Set<Class<? extends TableEvent>> legal =
            Objects.requireNonNull(TableLife.LEGAL.get(life.phase().getClass()));
        Stream.concat(EVENTS.stream(), Stream.of(new Retried(life.resumable())))
            .filter(event -> !(event instanceof Retried to) || to.from().equals(life.resumable()))
            .filter(event -> legal.contains(event.getClass()))
            .forEach(event -> open.add(life.after(event)));
      }
    }
    return found;
  }

  @Test
  void failuresInARowAreCountedUntilTheTableIsHandedOver() {
    TableLife failed = TableLife.in(new Init()).after(new Failed(ERRORED));
    assertThat(failed.failures()).isEqualTo(2);
    TableLife again = failed.after(new Retried(new Init())).after(new CopyStarted());
    assertThat(again.failures()).isEqualTo(2);

    TableLife done =
        again
            .after(new CopyFinished())
            .after(new CaughtUp(AT))
            .after(new FenceSet(AT))
            .after(new HandedOver(AT));
    assertThat(done.failures()).isZero();
    assertThat(done.after(new Failed(ERRORED)).failures()).isEqualTo(2);
    assertThat(again.after(new Resync()).failures()).isZero();
  }

  @Test
  void aFailureBeforeTheStartCounts() {
    assertThat(TableLife.in(ERRORED).failures()).isEqualTo(2);
    TableLife life = TableLife.in(new DataSync()).interrupted(ERRORED);
    assertThat(life).isEqualTo(new TableLife(ERRORED, new DataSync(), 2));
  }

  @Test
  void onlyATimedFailureIsRetried() {
    for (RetryDirective directive : RetryDirective.values()) {
      TableLife life = TableLife.in(new Errored("broken", "", directive, 1));
      assertThat(life.mayRetry()).isEqualTo(directive == RetryDirective.TIMED);
      assertThat(life.needsManualRetry()).isNotEqualTo(life.mayRetry());
    }
    assertThat(TableLife.in(new Ready()).mayRetry()).isFalse();
    assertThat(TableLife.in(new Ready()).needsManualRetry()).isFalse();
    assertThat(TableLife.in(new FinishedCopy()).mayRetry()).isTrue();
  }
}
