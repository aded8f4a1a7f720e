package dev.pgetl.store.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.event.EventSequence;
import dev.pgetl.quarantine.Quarantine;
import dev.pgetl.quarantine.QuarantinedEvent;
import dev.pgetl.schema.TableName;
import dev.pgetl.testkit.contract.QuarantineContract;
import dev.pgetl.wal.Lsn;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileQuarantineTest implements QuarantineContract {
  @TempDir private Path folder;
  private @Nullable FileQuarantine open;

  private Path file() {
    return folder.resolve("quarantine");
  }

  @Override
  public Quarantine reopenQuarantine() {
    close();
    FileQuarantine opened = FileQuarantine.open(file());
    open = opened;
    return opened;
  }

  @AfterEach
  void close() {
    FileQuarantine left = open;
    if (left != null) {
      left.close();
    }
  }

  private static QuarantinedEvent event(long lsn) {
    EventSequence sequence = new EventSequence(new Lsn(lsn), 1);
    return new QuarantinedEvent(
        ONE, new TableName("public", "users"), sequence, true, null, "content " + lsn);
  }

  private List<QuarantinedEvent> content() {
    List<QuarantinedEvent> content = new ArrayList<>();
    reopenQuarantine().open(0, content::add);
    return content;
  }

  @Test
  void dropsAnUnfinishedEnd() throws IOException {
    Quarantine quarantine = reopenQuarantine();
    quarantine.add(List.of(event(1)));
    int one = (int) Files.size(file());
    quarantine.add(List.of(event(2)));
    byte[] all = Files.readAllBytes(file());
    for (int length = one; length < all.length; length++) {
      close();
      Files.write(file(), Arrays.copyOf(all, length));
      assertThat(content()).containsExactly(event(1));
    }
    reopenQuarantine().add(List.of(event(3)));
    assertThat(content()).containsExactly(event(1), event(3));
  }

  @Test
  void reportsDamage() throws IOException {
    Quarantine quarantine = reopenQuarantine();
    quarantine.add(List.of(event(1)));
    quarantine.add(List.of(event(2)));
    close();
    byte[] all = Files.readAllBytes(file());
    all[12]++;
    Files.write(file(), all);
    assertThatThrownBy(this::reopenQuarantine)
        .isInstanceOfSatisfying(
            EtlException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.STORE_CORRUPT));
  }

  private static QuarantinedEvent large(long lsn) {
    QuarantinedEvent small = event(lsn);
    return new QuarantinedEvent(
        ONE, small.name(), small.sequence(), true, null, "content".repeat(10_000) + lsn);
  }

  private static List<EventSequence> sequences(long from, long to) {
    return LongStream.rangeClosed(from, to)
        .mapToObj(lsn -> new EventSequence(new Lsn(lsn), 1))
        .toList();
  }

  private static final EventSequence KEY = new EventSequence(new Lsn(900), 1);

  /** Of 40 events of 70 kB two stay, one of them with a key. */
  private void fillAndEmpty() {
    Quarantine quarantine = reopenQuarantine();
    quarantine.open(5, event -> {});
    for (long lsn = 1; lsn <= 40; lsn++) {
      quarantine.add(List.of(large(lsn)));
    }
    quarantine.mark(ONE, sequences(2, 3), KEY);
    quarantine.remove(ONE, sequences(3, 40));
  }

  private void requireWhatIsLeft(Quarantine quarantine) {
    List<QuarantinedEvent> content = new ArrayList<>();
    assertThatThrownBy(() -> quarantine.open(4, event -> {})).isInstanceOf(EtlException.class);
    quarantine.open(5, content::add);
    assertThat(content).containsExactly(large(1), large(2).replayedAs(KEY));
    assertThat(quarantine.lastReplayKey(ONE)).contains(new EventSequence(new Lsn(900), 2));
  }

  @Test
  void becomesShorterWhenEventsAreRemoved() throws IOException {
    fillAndEmpty();
    assertThat(Files.size(file())).isLessThan(300_000);
    isUsedOnce(file());
    Quarantine unfinished = open;
    assertThat(unfinished).isNotNull();
    unfinished.add(List.of(event(50)));
    unfinished.remove(ONE, sequences(50, 50));

    requireWhatIsLeft(reopenQuarantine());
  }

  @Test
  void becomesShorterWhenItIsOpened() throws IOException {
    Path inTheWay = Files.createDirectories(folder.resolve("quarantine.new/full"));
    fillAndEmpty();
    assertThat(Files.size(file())).isGreaterThan(2_000_000);
    Files.delete(inTheWay);
    Files.delete(inTheWay.getParent());
    Files.write(folder.resolve("quarantine.new"), new byte[] {1, 2, 3}); // a process died

    requireWhatIsLeft(reopenQuarantine());

    assertThat(Files.size(file())).isLessThan(300_000);
    assertThat(folder.resolve("quarantine.new")).doesNotExist();
  }

  @Test
  void isUsedOnce() {
    Quarantine unused = reopenQuarantine();
    isUsedOnce(file());
  }

  private static void isUsedOnce(Path file) {
    assertThatThrownBy(() -> FileQuarantine.open(file))
        .isInstanceOfSatisfying(
            EtlException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.STORE_LOCKED));
  }
}
