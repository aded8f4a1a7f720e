package dev.pgetl.store.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.random.RandomRuns;
import dev.pgetl.random.Seed;
import dev.pgetl.schema.TableId;
import dev.pgetl.store.ReplicationProgress;
import dev.pgetl.store.SlotLineage;
import dev.pgetl.store.TableReplicationPhase.FinishedCopy;
import dev.pgetl.store.TableReplicationPhase.Paused;
import dev.pgetl.store.TableReplicationPhase.SyncDone;
import dev.pgetl.store.memory.StoreChange.CopyRangesDeleted;
import dev.pgetl.store.memory.StoreChange.CopyRangesStored;
import dev.pgetl.store.memory.StoreChange.PhaseStored;
import dev.pgetl.store.memory.StoreChange.ProgressStored;
import dev.pgetl.wal.Lsn;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StoreChangeJsonTest {
  @RegisterExtension private static final Seed SEED = Seed.of("store");
  private static final int CHANGES = RandomRuns.count("store.changes", 5_000);

  @Test
  void givesBackWhatWasWrittenWhateverTheText() {
    RandomChanges changes = new RandomChanges(SEED.value());
    for (int i = 0; i < CHANGES; i++) {
      StoreChange change = changes.next();
      String json = StoreChangeJson.write(change);
      assertThat(StoreChangeJson.read(json)).as("change %s", i).isEqualTo(change);
      assertThat(json).as("change %s", i).matches("[ -\\x7f]*");
    }
  }

  /** The format is a promise to files that exist. */
  @Test
  void writesTheFormatThatWasPromised() {
    assertThat(StoreChangeJson.write(new PhaseStored(new TableId(16384), new SyncDone(new Lsn(1)))))
        .isEqualTo("{\"change\":\"phase\",\"table\":16384,\"phase\":\"SyncDone\",\"lsn\":\"0/1\"}");
    assertThat(
            StoreChangeJson.write(
                new PhaseStored(new TableId(16384), new Paused(Instant.EPOCH, new FinishedCopy()))))
        .isEqualTo(
            "{\"change\":\"phase\",\"table\":16384,\"phase\":\"Paused\","
                + "\"since\":\"1970-01-01T00:00:00Z\",\"from\":\"FinishedCopy\"}");
    SlotLineage lineage = new SlotLineage("7", 1, new Lsn(2));
    assertThat(
            StoreChangeJson.write(
                new ProgressStored(new ReplicationProgress("s", lineage, new Lsn(3)))))
        .isEqualTo(
            "{\"change\":\"progress\",\"slot\":\"s\",\"system\":\"7\",\"timeline\":1,"
                + "\"created\":\"0/2\",\"flushed\":\"0/3\"}");
    assertThat(StoreChangeJson.write(new CopyRangesStored(new TableId(16384), "a\nb")))
        .isEqualTo("{\"change\":\"ranges\",\"table\":16384,\"ranges\":\"a\\nb\"}");
    assertThat(StoreChangeJson.write(new CopyRangesDeleted(new TableId(16384))))
        .isEqualTo("{\"change\":\"drop-ranges\",\"table\":16384}");
  }

  /** The parser has a limit of 20 million characters of its own. */
  @Test
  void readsWhatWasWrittenHoweverLongItIs() {
    StoreChange change = new CopyRangesStored(new TableId(1), "a".repeat(20_000_001));
    assertThat(StoreChangeJson.read(StoreChangeJson.write(change)).equals(change)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "null",
        "[]",
        "{",
        "{}",
        "{\"change\":7}",
        "{\"change\":\"other\"}",
        "{\"change\":\"forget\"}",
        "{\"change\":\"forget\",\"table\":\"16384\"}",
        "{\"change\":\"forget\",\"table\":0}",
        "{\"change\":\"forget\",\"table\":1} {}",
        "{\"change\":\"phase\",\"table\":1,\"phase\":\"Catchup\",\"lsn\":\"0/1\"}",
        "{\"change\":\"phase\",\"table\":1,\"phase\":\"SyncDone\",\"lsn\":\"1\"}",
        "{\"change\":\"phase\",\"table\":1,\"phase\":\"Paused\",\"from\":\"Init\"}",
        "{\"change\":\"phase\",\"table\":1,\"phase\":\"Paused\",\"since\":\"noon\",\"from\":\"Init\"}",
        "{\"change\":\"phase\",\"table\":1,\"phase\":\"Paused\","
            + "\"since\":\"1970-01-01T00:00:00Z\",\"from\":\"Ready\"}",
        "{\"change\":\"schema\",\"schema\":[]}",
        "{\"change\":\"ranges\",\"table\":1}",
        "{\"change\":\"ranges\",\"table\":1,\"ranges\":[]}",
        "{\"change\":\"drop-ranges\"}",
      })
  void refusesWhatIsNoChange(String json) {
    assertThatExceptionOfType(EtlException.class)
        .isThrownBy(() -> StoreChangeJson.read(json))
        .satisfies(e -> assertThat(e.kind()).isEqualTo(ErrorKind.STORE_CORRUPT));
  }
}
