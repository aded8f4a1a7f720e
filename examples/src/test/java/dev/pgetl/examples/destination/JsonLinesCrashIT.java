// tag::jsonLinesCrash[]
package dev.pgetl.examples.destination;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgetl.destination.Destination;
import dev.pgetl.schema.TableSchema;
import dev.pgetl.store.PipelineStore;
import dev.pgetl.store.memory.FileLayer;
import dev.pgetl.store.memory.MemoryStore;
import dev.pgetl.testkit.crash.CrashReport;
import dev.pgetl.testkit.crash.CrashSite;
import dev.pgetl.testkit.crash.CrashSubject;
import dev.pgetl.testkit.crash.CrashTest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class JsonLinesCrashIT {
  private static final int KILLS = Integer.getInteger("crash.kills", 5);

  /** Every process makes one of its own. */
  public static final class JsonLines implements CrashSubject {
    private static Path file(CrashSite site) {
      return site.directory().resolve("changes.jsonl");
    }

    @Override
    public PipelineStore openStore(CrashSite site) {
      return new MemoryStore(FileLayer.open(site.directory().resolve("state")));
    }

    @Override
    public Optional<Destination> openDestination(CrashSite site) {
      return Optional.of(new JsonLinesDestination(file(site)));
    }

    @Override
    public Optional<List<List<@Nullable String>>> content(CrashSite site, TableSchema table) {
      try {
        return Optional.of(JsonLinesReader.rows(file(site), table));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  @Test
  void theFileHoldsWhatTheSourceHoldsHoweverOftenItsWriterIsKilled() throws InterruptedException {
    CrashReport report = CrashTest.of(JsonLines.class).kills(KILLS).seed(1).run();
    System.out.println(report);
    assertThat(report.kills()).isEqualTo(KILLS);
  }
}
// end::jsonLinesCrash[]
