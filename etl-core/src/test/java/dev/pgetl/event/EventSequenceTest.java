package dev.pgetl.event;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgetl.wal.Lsn;
import java.nio.ByteBuffer;
import java.nio.ReadOnlyBufferException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.stream.Stream;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.Test;

/** The order of events, and a message's content. */
class EventSequenceTest {
  private static EventSequence at(long commitLsn, long ordinal) {
    return new EventSequence(new Lsn(commitLsn), ordinal);
  }

  @Test
  void ordersByCommitThenByPlace() {
    assertThat(Stream.of(at(-1, 0), at(2, 1), at(1, 9), at(2, 0)).sorted())
        .containsExactly(at(1, 9), at(2, 0), at(2, 1), at(-1, 0));
    assertThat(at(1, 2)).isEqualByComparingTo(at(1, 2)).hasToString("0/1#2");
  }

  @Test
  void isTheKeyOfAnEvent() {
    Transaction transaction = new Transaction(new Lsn(5), Instant.EPOCH, 1);

    assertThat(new Event.Begin(transaction).sequence()).isEqualTo(at(5, 0));
    assertThat(new Event.Commit(transaction, 4, new Lsn(6)).sequence()).isEqualTo(at(5, 4));
  }

  @Test
  void aMessageCanBeReadMoreThanOnce() {
    Event.Message message = message("content");

    assertThat(message.text()).isEqualTo("content");
    message.content().get();
    assertThat(message.text()).isEqualTo("content");
  }

  @Test
  void aMessageCannotBeWritten() {
    Assertions.assertThatExceptionOfType(ReadOnlyBufferException.class)
        .isThrownBy(() -> message("content").content().put((byte) 0));
  }

  private static Event.Message message(String text) {
    return new Event.Message(
        new Transaction(new Lsn(5), Instant.EPOCH, 1),
        2,
        true,
        new Lsn(4),
        "p",
        ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
  }
}
