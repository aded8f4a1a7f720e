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

  @Test
  void isUsedOnce() {
    Quarantine unused = reopenQuarantine();
    assertThatThrownBy(() -> FileQuarantine.open(file()))
        .isInstanceOfSatisfying(
            EtlException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.STORE_LOCKED));
  }
}
