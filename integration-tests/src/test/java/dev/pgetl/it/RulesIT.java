package dev.pgetl.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import dev.pgetl.Pipeline;
import dev.pgetl.config.PipelineConfig;
import dev.pgetl.config.TableCopyConfig;
import dev.pgetl.data.TableRow;
import dev.pgetl.destination.TableTransform;
import dev.pgetl.destination.TransformingDestination;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.event.Event;
import dev.pgetl.schema.TableName;
import dev.pgetl.store.TableReplicationPhase.Ready;
import dev.pgetl.store.memory.MemoryStore;
import dev.pgetl.testkit.destination.RecordingDestination;
import dev.pgetl.testkit.postgres.TestDatabase;
import dev.pgetl.testkit.postgres.TestPostgres;
import java.time.Duration;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Rules that name a table, and what becomes of the name. */
class RulesIT {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final TableName USERS = new TableName("public", "users");
  private static final TableName PEOPLE = new TableName("public", "people");

  private final TestDatabase source = TestPostgres.shared().createDatabase();
  private final MemoryStore store = new MemoryStore();
  private final RecordingDestination destination = new RecordingDestination();
  private TableCopyConfig copy = TableCopyConfig.all();
  private @Nullable Pipeline pipeline;

  @BeforeEach
  void createTable() {
    source.execute(
        """
        create table users (id int primary key, email text);
        insert into users values (1, 'one@secret');
        create publication pub for all tables;
        """);
  }

  @AfterEach
  void close() {
    if (pipeline != null) {
      pipeline.close();
    }
    store.close();
    source.close();
  }

  @Test
  void aRenameWhileItRunsLeavesTheMaskOn() throws InterruptedException {
    start(masking(USERS));

    source.execute("alter table users rename to people; insert into people values (2, '@secret')");
    awaitApplied();
    resync();
    await("copied again").atMost(PATIENCE).until(() -> destination.truncations("people") == 2);
    awaitReady();

    assertThat(destination.materialise("people")).hasSize(2);
    assertNothingSecret();
  }

  @Test
  void aRenameWhileItIsStoppedRefusesTheStart() throws InterruptedException {
    start(masking(USERS));
    pipeline().close();
    source.execute("alter table users rename to people; insert into people values (2, '@secret')");
    long calls = destination.calls().size();

    EtlException failure = failure(masking(USERS).notPublishedYet(USERS));
    assertThat(failure.kind()).isEqualTo(ErrorKind.CONFIGURATION);
    assertThat(failure).hasMessageContaining("table public.people was public.users");
    assertThat(failure(masking(USERS)))
        .hasMessageContaining("table public.users has rules and is not published");

    start(masking(PEOPLE));
    awaitApplied();
    assertThat(destination.calls().size()).isGreaterThan((int) calls);
    assertThat(destination.materialise("people")).hasSize(2);
    assertNothingSecret();
  }

  /**
   * The name is another table's by the time of the restart, and the store's versions are pruned.
   */
  @Test
  void aTableThatLostItsNameToAnotherKeepsItsMask() throws InterruptedException {
    start(masking(USERS));
    source.execute(
        """
        alter table users rename to people;
        create table users (id int primary key, email text);
        insert into users values (1, 'new@secret');
        insert into people values (2, '@secret');
        """);
    await("both tables").atMost(PATIENCE).until(() -> pipeline().status().tables().size() == 2);
    awaitReady();
    awaitApplied();
    awaitRefresh();
    pipeline().close();
    source.execute("insert into people values (3, '@secret')");

    EtlException failure = failure(masking(USERS));
    assertThat(failure.kind()).isEqualTo(ErrorKind.CONFIGURATION);
    assertThat(failure).hasMessageContaining("table public.people was public.users");

    start(masking(USERS, PEOPLE).renamed(USERS, PEOPLE));
    awaitApplied();
    assertThat(destination.materialise("people")).hasSize(3);
    assertThat(destination.materialise("users")).hasSize(1);
    assertNothingSecret();
  }

  @Test
  void aRuleForATableThatIsPublishedLaterHoldsFromItsFirstRow() throws InterruptedException {
    assertThat(failure(masking(USERS, PEOPLE)))
        .hasMessageContaining("table public.people has rules and is not published");

    start(masking(USERS, PEOPLE).notPublishedYet(PEOPLE));
    source.execute(
        "create table people (id int primary key, email text); insert into people values (1, '@secret')");
    destination.awaitCopiedRows("people", 1);

    assertNothingSecret();
  }

  @Test
  void aTableLeftOutOfTheCopyMustBePublished() throws InterruptedException {
    copy = TableCopyConfig.except(Set.of(USERS, PEOPLE));
    EtlException failure = failure(around());
    assertThat(failure.kind()).isEqualTo(ErrorKind.CONFIGURATION);
    assertThat(failure).hasMessageContaining("not published are public.people. ");

    copy = copy.notPublishedYet(Set.of(PEOPLE));
    start(around());
    assertThat(destination.copiedRows("users")).isEmpty();
  }

  @Test
  void aTableLeftOutOfTheCopyStaysLeftOutWhenItIsRenamed() throws InterruptedException {
    copy = TableCopyConfig.except(Set.of(USERS));
    start(around());
    source.execute("alter table users rename to people; insert into people values (2, 'two')");
    awaitApplied();

    resync();
    await("again").atMost(PATIENCE).until(() -> destination.rowWrites("people") == 2);
    awaitReady();

    assertThat(destination.truncations("people")).isZero();
    assertThat(destination.copiedRows("people")).isEmpty();
  }

  private TransformingDestination.Builder around() {
    return TransformingDestination.around(destination);
  }

  private TransformingDestination.Builder masking(TableName... tables) {
    TransformingDestination.Builder builder = around();
    Stream.of(tables)
        .forEach(
            table -> builder.transform(table, TableTransform.maskColumn("email", text -> "***")));
    return builder;
  }

  private EtlException failure(TransformingDestination.Builder rules) {
    EtlException failure = catchThrowableOfType(EtlException.class, () -> create(rules).start());
    assertThat(failure).isNotNull();
    return failure;
  }

  private Pipeline create(TransformingDestination.Builder rules) {
    pipeline =
        Pipeline.create(
            PipelineConfig.builder("rules", "pub", source.connectionConfig())
                .publicationRefreshInterval(Duration.ofMillis(100))
                .tableCopy(copy)
                .build(),
            store,
            rules.build());
    return pipeline;
  }

  private void start(TransformingDestination.Builder rules) throws InterruptedException {
    create(rules).start();
    awaitReady();
  }

  private Pipeline pipeline() {
    assertThat(pipeline).isNotNull();
    return pipeline;
  }

  /** Copies the only table again. */
  private void resync() throws InterruptedException {
    pipeline().resync(pipeline().status().tables().keySet().iterator().next());
  }

  private void awaitReady() throws InterruptedException {
    assertThat(pipeline().awaitReady(PATIENCE)).isTrue();
  }

  private void awaitApplied() throws InterruptedException {
    assertThat(pipeline().awaitApplied(source.currentLsn(), PATIENCE)).isTrue();
  }

  /** A table that comes after all else is met by a refresh that began after all else. */
  private void awaitRefresh() {
    source.execute("create table last (id int primary key)");
    await("a refresh")
        .atMost(PATIENCE)
        .until(
            () ->
                pipeline().status().tables().values().stream()
                    .anyMatch(
                        table ->
                            table.name().name().equals("last") && table.phase() instanceof Ready));
  }

  private void assertNothingSecret() {
    assertThat(destination.calls())
        .allSatisfy(
            call -> {
              call.rows().forEach(RulesIT::assertMasked);
              call.events().forEach(RulesIT::assertMasked);
            });
  }

  private static void assertMasked(Event event) {
    if (event instanceof Event.Insert insert) {
      assertMasked(insert.row());
    }
  }

  private static void assertMasked(TableRow row) {
    if (row.table().indexOf("email") >= 0) {
      assertThat(row.text(row.table().indexOf("email"))).isEqualTo("***");
    }
  }
}
