package dev.pgetl.store.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.random.Seed;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Reads a journal whose bytes were changed, cut or followed by others. With the usual seed the
 * journals are short, because each of their bits is flipped, and have changes of all kinds.
 */
@ParameterizedClass(name = "journal {0}")
@ValueSource(longs = {0, 1, 5, 7, 8})
class JournalDamageTest {
  @RegisterExtension private static final Seed SEED = Seed.of("store");
  private static final String JOURNAL = "journal";
  private static final long NEVER_COMPACTED = Long.MAX_VALUE;
  private static final int CHANGES = 8;

  private final long seed;
  private final SimulatedDisk disk;
  private final List<LayerContents> contents = new ArrayList<>();
  private final List<Integer> lengths = new ArrayList<>();
  private byte[] journal = new byte[0];

  JournalDamageTest(long number) {
    this.seed = SEED.value() + number;
    this.disk = new SimulatedDisk(seed);
  }

  @BeforeEach
  void writeAJournal() {
    FileLayer layer = FileLayer.open(disk, NEVER_COMPACTED);
    RandomChanges changes = new RandomChanges(seed);
    remember(layer);
    for (int i = 0; i < CHANGES; i++) {
      layer.write(changes.next());
      remember(layer);
    }
    journal = disk.content(JOURNAL);
  }

  private void remember(FileLayer layer) {
    contents.add(LayerContents.of(layer));
    lengths.add(disk.content(JOURNAL).length);
  }

  private LayerContents contentsOf(byte[] bytes) {
    disk.put(JOURNAL, bytes);
    return LayerContents.of(FileLayer.open(disk, NEVER_COMPACTED));
  }

  @Test
  void aFlippedBitAnywhereIsAnError() {
    for (int i = 0; i < journal.length; i++) {
      for (int bit = 0; bit < 8; bit++) {
        byte[] damaged = journal.clone();
        damaged[i] ^= (byte) (1 << bit);
        assertCorrupt(damaged, "byte " + i + ", bit " + bit);
      }
    }
  }

  /** A write that was cut short leaves zeros where its end should be. */
  @Test
  void aLastLineThatLacksItsLineFeedCounts() {
    byte[] unfinished = journal.clone();
    unfinished[journal.length - 1] = 0;

    assertThat(contentsOf(unfinished)).isEqualTo(contentsOf(journal.clone()));
    assertThat(disk.content(JOURNAL)).isEqualTo(journal);
  }

  @Test
  void anyOtherByteInPlaceOfALineFeedIsAnError() {
    for (int i = 0; i < journal.length; i++) {
      for (int other = 0; journal[i] == '\n' && other < 256; other++) {
        byte[] damaged = journal.clone();
        damaged[i] = (byte) other;
        boolean mayBeUnfinished = other == 0 && i == journal.length - 1;
        if (other != '\n' && !mayBeUnfinished) {
          assertCorrupt(damaged, "byte " + i + " is now " + other);
        }
      }
    }
  }

  @Test
  void aLineMissingDoubledOrMovedIsAnError() {
    for (int i = 0; i < CHANGES; i++) {
      int start = lengths.get(i);
      int end = lengths.get(i + 1);
      byte[] line = Arrays.copyOfRange(journal, start, end);
      byte[] before = Arrays.copyOf(journal, start);
      byte[] after = Arrays.copyOfRange(journal, end, journal.length);
      String where = "line " + (i + 2);
      if (after.length > 0) {
        assertCorrupt(joined(before, after), where + " is missing");
        assertCorrupt(joined(before, after, line), where + " is at the end");
      }
      assertCorrupt(joined(before, line, line, after), where + " is doubled");
    }
  }

  @Test
  void aJournalCutShortHasEveryLineThatIsWhole() {
    for (int length = lengths.get(0); length <= journal.length; length++) {
      int whole = wholeLines(length);
      byte[] cut = Arrays.copyOf(journal, length);
      String where = "cut to " + length;
      assertThat(contentsOf(cut)).as(where).isEqualTo(contents.get(whole));
      assertThat(contentsOf(Arrays.copyOf(cut, length + 4096)))
          .as("%s, zeros behind", where)
          .isEqualTo(contents.get(whole));
    }
  }

  private int wholeLines(int length) {
    return (int) lengths.stream().filter(end -> end <= length).count() - 1;
  }

  @Test
  void aTornEndIsOverwrittenByTheNextWrite() {
    disk.put(JOURNAL, Arrays.copyOf(journal, journal.length - 1));
    FileLayer layer = FileLayer.open(disk, NEVER_COMPACTED);
    assertThat(disk.content(JOURNAL)).hasSize(lengths.get(CHANGES - 1));
    RandomChanges changes = new RandomChanges(seed + 1);
    layer.write(changes.next());
    LayerContents expected = LayerContents.of(layer);
    assertThat(LayerContents.of(FileLayer.open(disk, NEVER_COMPACTED))).isEqualTo(expected);
  }

  @Test
  void aJournalWithoutItsHeaderIsAnError() {
    for (int length = 0; length < lengths.get(0); length++) {
      assertCorrupt(Arrays.copyOf(journal, length), "cut to " + length);
    }
  }

  @Test
  void aJournalOfALaterFormatIsRefusedByName() {
    LineChain chain = new LineChain();
    byte[] later = chain.append("{\"format\":\"pgetl-store\",\"version\":3}");
    assertThatExceptionOfType(EtlException.class)
        .isThrownBy(() -> contentsOf(later))
        .withMessageContaining("\"version\":3")
        .withMessageContaining("Use the version of the library that wrote it");
  }

  @Test
  void aChangeOfAnUnknownKindIsRefusedWithItsLine() {
    LineChain chain = new LineChain();
    byte[] bytes =
        joined(chain.append(Journal.HEADER), chain.append("{\"change\":\"from the future\"}"));
    assertThatExceptionOfType(EtlException.class)
        .isThrownBy(() -> contentsOf(bytes))
        .withMessageContaining("line 2 of the journal in simulated disk")
        .satisfies(e -> assertThat(e.kind()).isEqualTo(ErrorKind.STORE_CORRUPT))
        .satisfies(e -> assertThat(e.fix()).contains("asked to empty it"));
  }

  @Test
  void isReadableText() {
    assertThat(new String(journal, StandardCharsets.US_ASCII).lines().toList())
        .hasSize(CHANGES + 1)
        .allMatch(line -> line.matches("[0-9a-f]{8} \\{.*}"));
  }

  private void assertCorrupt(byte[] bytes, String where) {
    assertThatExceptionOfType(EtlException.class)
        .as(where)
        .isThrownBy(() -> contentsOf(bytes))
        .satisfies(e -> assertThat(e.kind()).as(where).isEqualTo(ErrorKind.STORE_CORRUPT));
  }

  private static byte[] joined(byte[]... parts) {
    int length = Arrays.stream(parts).mapToInt(part -> part.length).sum();
    byte[] joined = new byte[length];
    int position = 0;
    for (byte[] part : parts) {
      System.arraycopy(part, 0, joined, position, part.length);
      position += part.length;
    }
    return joined;
  }
}
