package dev.pgetl.it.crash;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgetl.destination.Destination;
import dev.pgetl.destination.http.HttpDestination;
import dev.pgetl.random.RandomRuns;
import dev.pgetl.random.Seed;
import dev.pgetl.schema.TableSchema;
import dev.pgetl.store.PipelineStore;
import dev.pgetl.store.memory.FileLayer;
import dev.pgetl.store.memory.MemoryStore;
import dev.pgetl.testkit.crash.CrashReport;
import dev.pgetl.testkit.crash.CrashSite;
import dev.pgetl.testkit.crash.CrashSubject;
import dev.pgetl.testkit.crash.CrashTest;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * A receiver that leaves out the events it knows ends equal to the source, though the sender is
 * killed, and though it refuses requests and forgets to answer.
 */
class HttpCrashIT {
  @RegisterExtension private static final Seed SEED = Seed.of("crash");
  private static final int KILLS = Math.max(3, RandomRuns.count("crash.kills", 12) / 4);
  private static final String RECEIVER = "receiver.url";
  private static final String REPLACES = "receiver.replaces";

  private static @Nullable DeduplicatingReceiver receiver;

  /** The engine over the file store and the HTTP destination. */
  public static final class HttpReceiver implements CrashSubject {
    @Override
    public PipelineStore openStore(CrashSite site) {
      return new MemoryStore(FileLayer.open(site.directory().resolve("state")));
    }

    @Override
    public Optional<Destination> openDestination(CrashSite site) {
      return Optional.of(
          HttpDestination.builder(System.getProperty(RECEIVER))
              .removesRanges(true)
              .replacesTables(Boolean.getBoolean(REPLACES))
              .build());
    }

    @Override
    public Optional<List<List<@Nullable String>>> content(CrashSite site, TableSchema table) {
      return Optional.ofNullable(receiver)
          .map(each -> new ArrayList<>(each.content(table.id().oid())));
    }
  }

  @Test
  void aReceiverThatLeavesOutWhatItKnowsEndsEqual() throws IOException, InterruptedException {
    CrashReport report = run(false);
    assertThat(report.replacements()).isZero();
  }

  /** Readers of the receiver find each table complete, from its first copy on. */
  @Test
  void aReceiverThatReplacesTablesEndsEqual() throws IOException, InterruptedException {
    CrashReport report = run(true);
    assertThat(report.replacements()).isPositive();
  }

  private static CrashReport run(boolean replaces) throws IOException, InterruptedException {
    System.out.printf("HttpReceiver%s: %d kills, %s%n", replaces ? ", replacing" : "", KILLS, SEED);
    try (DeduplicatingReceiver open = new DeduplicatingReceiver(SEED.value())) {
      receiver = open;
      CrashReport report =
          CrashTest.of(HttpReceiver.class)
              .kills(KILLS)
              .seed(SEED.value())
              .property(RECEIVER, open.url())
              .property(REPLACES, Boolean.toString(replaces))
              .run();
      System.out.println(report + ", " + open.experience());
      assertThat(report.kills()).isEqualTo(KILLS);
      return report;
    } finally {
      receiver = null;
    }
  }
}
