package dev.pgetl.store.memory;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** The file {@code journal-1} was written by the first version that kept its format. */
class StateOfVersion1Test {
  private final SimulatedDisk disk = new SimulatedDisk(1);
  private final byte[] journal;

  StateOfVersion1Test() throws IOException {
    try (InputStream file = StateOfVersion1Test.class.getResourceAsStream("journal-1")) {
      journal = Objects.requireNonNull(file, "journal-1").readAllBytes();
    }
  }

  @Test
  void isReadByThisVersion() {
    disk.put("journal", journal);
    FileLayer layer = FileLayer.open(disk, Long.MAX_VALUE);
    assertThat(LayerContents.of(layer)).isEqualTo(StateOfVersion1.contents());
  }

  /** A change of the format needs a version of its own, and a file like this one. */
  @Test
  void isWhatThisVersionWrites() {
    FileLayer layer = FileLayer.open(disk, Long.MAX_VALUE);
    StateOfVersion1.changes().forEach(layer::write);
    assertThat(new String(disk.content("journal"), US_ASCII))
        .isEqualTo(new String(journal, US_ASCII));
  }
}
