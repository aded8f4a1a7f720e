package dev.pgetl.store.memory;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.random.Seed;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The file {@code journal-1} was written by the first version of the library that kept its format,
 * {@code journal-2} by the first one that kept the ranges of copies.
 */
class EarlierJournalsTest {
  @RegisterExtension private static final Seed SEED = Seed.of("store");
  private final SimulatedDisk disk = new SimulatedDisk(SEED.value());

  private static byte[] journal(int version) {
    String name = "journal-" + version;
    try (InputStream file = EarlierJournalsTest.class.getResourceAsStream(name)) {
      return Objects.requireNonNull(file, name).readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private String text() {
    return new String(disk.content("journal"), US_ASCII);
  }

  @Test
  void areReadByThisVersion() {
    disk.put("journal", journal(1));
    assertThat(LayerContents.of(FileLayer.open(disk, Long.MAX_VALUE)))
        .isEqualTo(StateOfVersion1.contents());
    disk.put("journal", journal(2));
    assertThat(LayerContents.of(FileLayer.open(disk, Long.MAX_VALUE)))
        .isEqualTo(StateOfVersion2.contents());
  }

  /** A change of the format needs a version of its own, and a file like these. */
  @Test
  void endWithWhatThisVersionWrites() {
    FileLayer layer = FileLayer.open(disk, Long.MAX_VALUE);
    StateOfVersion2.changes().forEach(layer::write);
    assertThat(text()).isEqualTo(new String(journal(2), US_ASCII));
  }

  /** What this version appends must not meet a library that would not know it. */
  @Test
  void areReplacedBeforeTheyAreWrittenTo() {
    disk.put("journal", journal(1));
    FileLayer layer = FileLayer.open(disk, Long.MAX_VALUE);
    assertThat(text().lines().findFirst().orElseThrow()).endsWith(Journal.HEADER);
    StateOfVersion2.changes().forEach(layer::write);
    LayerContents contents = LayerContents.of(layer);
    assertThat(contents.copies()).isEqualTo(StateOfVersion2.contents().copies());
    assertThat(LayerContents.of(FileLayer.open(disk, Long.MAX_VALUE))).isEqualTo(contents);
  }

  /** Whatever happens meanwhile, the state is there for the next attempt. */
  @ParameterizedTest
  @EnumSource
  void loseNothingIfTheUpgradeIsInterrupted(SimulatedDisk.Fault fault) {
    disk.put("journal", journal(1));
    int before = disk.operations();
    FileLayer.open(disk, Long.MAX_VALUE);
    int operations = disk.operations() - before;
    assertThat(operations).as("some more to replace the file").isGreaterThan(3);
    for (int at = 0; at < operations; at++) {
      SimulatedDisk failing = new SimulatedDisk(SEED.value() + at);
      failing.put("journal", journal(1));
      failing.failAt(at, fault);
      assertThatExceptionOfType(EtlException.class)
          .isThrownBy(() -> FileLayer.open(failing, Long.MAX_VALUE))
          .satisfies(e -> assertThat(e.kind()).isEqualTo(ErrorKind.STORE_UNAVAILABLE));
      if (fault == SimulatedDisk.Fault.POWER_LOSS) {
        failing.restart();
      }
      FileLayer layer = FileLayer.open(failing, Long.MAX_VALUE);
      assertThat(LayerContents.of(layer))
          .as("%s at operation %s", fault, at)
          .isEqualTo(StateOfVersion1.contents());
      List<StoreChange> added = StateOfVersion2.changes();
      added.subList(StateOfVersion1.changes().size(), added.size()).forEach(layer::write);
      assertThat(LayerContents.of(FileLayer.open(failing, Long.MAX_VALUE)))
          .as("%s at operation %s", fault, at)
          .isEqualTo(StateOfVersion2.contents());
    }
  }
}
