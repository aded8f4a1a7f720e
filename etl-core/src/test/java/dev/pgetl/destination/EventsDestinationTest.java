package dev.pgetl.destination;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.pgetl.data.TableRow;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.event.Event;
import dev.pgetl.event.Transaction;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableName;
import dev.pgetl.schema.TableSchema;
import dev.pgetl.wal.Lsn;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** {@link Destination#ofEvents}. */
class EventsDestinationTest {
  private static final TableSchema USERS =
      TableSchema.builder(new TableId(7), new TableName("public", "users")).build();
  private static final Transaction FIRST = new Transaction(new Lsn(0x10), Instant.EPOCH, 1);
  private static final Transaction SECOND = new Transaction(new Lsn(0x20), Instant.EPOCH, 2);

  private final List<String> handled = new ArrayList<>();
  private @Nullable Exception failure;
  private String failsAt = "";

  private final Destination destination =
      Destination.ofEvents(
          event -> {
            String key = event.sequence().toString();
            if (failure != null && key.equals(failsAt)) {
              throw failure;
            }
            handled.add(key);
          });

  private static Event insert(Transaction transaction, long ordinal) {
    return new Event.Insert(transaction, ordinal, USERS, TableRow.of(USERS));
  }

  private static List<Event> batch() {
    return List.of(new Event.Begin(FIRST), insert(FIRST, 1), insert(FIRST, 2), insert(SECOND, 1));
  }

  private void failAt(String key, @Nullable Exception thrown) {
    failsAt = key;
    failure = thrown;
  }

  private EtlException failure() {
    return catchThrowableOfType(EtlException.class, () -> destination.writeEvents(batch()));
  }

  @Test
  void givesEachEventInOrderAndIsDurable() {
    assertThat(destination.writeEvents(batch())).isEqualTo(WriteResult.DURABLE);
    assertThat(destination.writeEvents(List.of())).isEqualTo(WriteResult.DURABLE);

    assertThat(handled).containsExactly("0/10#0", "0/10#1", "0/10#2", "0/20#1");
    assertThat(destination.name()).isEqualTo("events");
  }

  static List<Exception> temporary() {
    return List.of(new IOException("secret"), new UncheckedIOException(new IOException("secret")));
  }

  @ParameterizedTest
  @MethodSource("temporary")
  void anIoExceptionIsTemporary(Exception thrown) {
    failAt("0/10#2", thrown);

    EtlException failed = failure();

    assertThat(failed.kind()).isEqualTo(ErrorKind.DESTINATION_UNAVAILABLE);
    assertThat(failed.getMessage())
        .contains("handling insert of table public.users at 0/10#2 failed: ")
        .contains(thrown.getClass().getName())
        .doesNotContain("secret");
    assertThat(failed).hasCause(thrown);
  }

  @Test
  void anyOtherExceptionIsABug() {
    failAt("0/10#0", new IllegalStateException("secret"));

    EtlException failed = failure();

    assertThat(failed.kind()).isEqualTo(ErrorKind.DESTINATION_FAILED);
    assertThat(failed.getMessage())
        .contains("handling begin at 0/10#0 failed")
        .doesNotContain("secret");
  }

  @Test
  void anExceptionOfOursIsPassedOn() {
    EtlException rejected = new EtlException(ErrorKind.DESTINATION_REJECTED, "no").withTable(7);
    failAt("0/10#1", rejected);

    assertThat(failure()).isSameAs(rejected);
  }

  @Test
  void anInterruptionKeepsTheThreadInterrupted() {
    failAt("0/10#1", new InterruptedException());

    EtlException failed = failure();

    assertThat(Thread.interrupted()).isTrue();
    assertThat(failed).hasCauseInstanceOf(InterruptedException.class);
  }

  /** The same call with the same arguments is what the pipeline repeats. */
  @Test
  void aRetryBeginsWithTheEventThatFailed() {
    failAt("0/10#2", new IOException());
    assertThat(failure().kind()).isEqualTo(ErrorKind.DESTINATION_UNAVAILABLE);
    assertThat(failure().kind()).isEqualTo(ErrorKind.DESTINATION_UNAVAILABLE);
    assertThat(handled).containsExactly("0/10#0", "0/10#1");

    failAt("", null);
    destination.writeEvents(batch());

    assertThat(handled).containsExactly("0/10#0", "0/10#1", "0/10#2", "0/20#1");
  }

  /** After a lost connection events come again: they may belong to another history. */
  @Test
  void aCallThatSucceededIsNotRemembered() {
    destination.writeEvents(batch());
    destination.writeEvents(batch());

    assertThat(handled).hasSize(8);
  }

  /** The connection was lost meanwhile, and positions may have gone back: nothing is left out. */
  @Test
  void aCallThatNeverComesAgainHidesNoEvents() {
    failAt("0/20#2", new IOException());
    EtlException unused =
        catchThrowableOfType(
            EtlException.class,
            () -> destination.writeEvents(List.of(insert(SECOND, 1), insert(SECOND, 2))));
    failAt("", null);

    destination.writeEvents(batch());

    assertThat(handled).containsExactly("0/20#1", "0/10#0", "0/10#1", "0/10#2", "0/20#1");
  }

  @Test
  void anotherStreamIsNotMistakenForARetry() throws InterruptedException {
    failAt("0/10#2", new IOException());
    assertThat(failure()).isNotNull();
    failAt("", null);

    Thread other = new Thread(() -> destination.writeEvents(batch()));
    other.start();
    other.join();

    assertThat(handled).containsExactly("0/10#0", "0/10#1", "0/10#0", "0/10#1", "0/10#2", "0/20#1");
  }

  @Test
  void noEventIsGivenOnceAnotherProcessOwnsThePipeline() {
    EtlException lost = new EtlException(ErrorKind.STORE_LOCKED, "lost");
    destination.beginEpoch(
        new Epoch() {
          @Override
          public long number() {
            return 3;
          }

          @Override
          public void require() {
            if (handled.size() == 2) {
              throw lost;
            }
          }
        });

    assertThat(failure()).isSameAs(lost);
    assertThat(handled).hasSize(2);
  }

  @Test
  void rowsOfCopiesAreRefused() {
    assertThat(destination.writeTableRows(USERS, List.of())).isEqualTo(WriteResult.DURABLE);
    assertThatExceptionOfType(EtlException.class)
        .isThrownBy(() -> destination.truncateTable(USERS))
        .withMessageContaining("copy the rows of public.users: the destination takes events only");
    assertThatThrownBy(() -> destination.writeTableRows(USERS, List.of(TableRow.of(USERS))))
        .isInstanceOf(EtlException.class);
  }

  @Test
  void aStartThatCopiesIsRefused() {
    NamedTable left = new NamedTable(new TableId(8), new TableName("a", "b"), Set.of(), false);
    NamedTable copied = new NamedTable(USERS.id(), USERS.name(), Set.of());

    destination.tablesPublished(List.of(left));
    EtlException refused =
        catchThrowableOfType(
            EtlException.class, () -> destination.tablesPublished(List.of(left, copied)));

    assertThat(refused.kind()).isEqualTo(ErrorKind.CONFIGURATION);
    assertThat(refused.summary()).contains("public.users").doesNotContain("a.b");
    assertThat(refused.fix()).contains("TableCopyConfig.none()");
  }
}
