package dev.pgetl.testkit.crash;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DeliveryLogTest {
  /** Row 1 becomes row 2 and keeps its second value, which the event does not send. */
  private static final String MOVED = "U\t7\t0/20\t2\t=Mg,-\t=MQ,-" + DeliveryJournal.END;

  private static final String INSERTED = "I\t7\t0/10\t2\t=MQ,=eA" + DeliveryJournal.END;

  @TempDir private Path directory;

  private DeliveryLog read(String... lines) throws IOException {
    return DeliveryLog.read(Files.write(directory.resolve("journal"), List.of(lines)));
  }

  @Test
  void whatIsRepeatedHasNoEffect() throws IOException {
    DeliveryLog log = read(INSERTED, MOVED, "S\t0/20\t" + DeliveryJournal.END, MOVED);

    assertThat(log.table("7")).containsOnlyKeys("2").containsEntry("2", List.of("2", "x"));
    assertThat(log.repeated()).isEqualTo(1);
    assertThat(log.violations()).isEmpty();
  }

  @Test
  void anEmptiedTableBeginsAnew() throws IOException {
    DeliveryLog log = read(INSERTED, MOVED, "X\t7" + DeliveryJournal.END, INSERTED);

    assertThat(log.table("7")).containsOnlyKeys("1").containsEntry("1", List.of("1", "x"));
  }
}
