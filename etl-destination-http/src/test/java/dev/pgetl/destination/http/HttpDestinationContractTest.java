package dev.pgetl.destination.http;

import dev.pgetl.destination.Destination;
import dev.pgetl.schema.TableSchema;
import dev.pgetl.testkit.contract.DestinationContract;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;

/**
 * The rules of every destination, together with a receiver that keeps those of the documentation.
 */
@Timeout(60)
class HttpDestinationContractTest implements DestinationContract {
  private final TableReceiver tables = new TableReceiver();
  private final List<Destination> open = new ArrayList<>();
  private TestReceiver receiver;

  @BeforeEach
  void start() throws IOException {
    receiver = TestReceiver.start().otherwise(tables::answer);
  }

  @AfterEach
  void stop() throws IOException {
    open.forEach(Destination::close);
    receiver.close();
  }

  @Override
  public Destination openDestination() {
    Destination destination =
        HttpDestination.builder(receiver.url())
            .format(new RequestFormat(RowLayout.NAMES, NumberStyle.SAFE))
            .maxBodyBytes(16_000)
            .removesRanges(true)
            .replacesTables(true)
            .retryDelay(Duration.ofMillis(1))
            .build();
    open.add(destination);
    return destination;
  }

  @Override
  public List<List<@Nullable String>> content(TableSchema table) {
    return tables.content(table);
  }

  @Override
  public boolean removesRanges() {
    return true;
  }

  @Override
  public boolean replacesTables() {
    return true;
  }

  @Override
  public boolean canBreakTarget() {
    return true;
  }

  @Override
  public void breakTarget(boolean broken) {
    tables.breakDown(broken);
  }
}
