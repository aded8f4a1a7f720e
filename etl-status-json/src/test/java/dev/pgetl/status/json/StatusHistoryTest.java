package dev.pgetl.status.json;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.pgetl.observe.CopyStatus;
import dev.pgetl.observe.PipelineStatus;
import dev.pgetl.observe.PipelineStatus.State;
import dev.pgetl.observe.StreamStatus;
import java.io.IOException;
import java.util.Map;
import org.junit.jupiter.api.Test;

class StatusHistoryTest {
  private final StatusHistory history = new StatusHistory();
  private int samples;

  private static PipelineStatus status(long events, int copies, long rows) {
    return PipelineStatus.builder(State.RUNNING).stream(
            StreamStatus.builder().events(events).bytes(10 * events).build())
        .copies(CopyStatus.builder().tables(copies).copiedRows(rows).build())
        .build();
  }

  private void add(String id, PipelineStatus status) {
    history.add(Samples.NOW.plusSeconds(10L * samples), Map.of(id, status));
    samples++;
  }

  private JsonNode pipelines() throws IOException {
    return new ObjectMapper().readTree(history.toJson()).get("pipelines");
  }

  private String column(String member) throws IOException {
    return pipelines().get(0).get(member).toString();
  }

  @Test
  void ratesAreSinceTheSampleBefore() throws IOException {
    add("shop", status(100, 1, 1_000));
    add("shop", status(125, 1, 1_700));

    assertThat(column("events_per_second")).isEqualTo("[null,2.5]");
    assertThat(column("bytes_per_second")).isEqualTo("[null,25]");
    assertThat(column("rows_per_second")).isEqualTo("[null,70]");
  }

  @Test
  void aPipelineThatStartedAgainCountsFromZero() throws IOException {
    add("shop", status(1_000, 0, 0));
    add("shop", status(50, 0, 0));

    assertThat(column("events_per_second")).isEqualTo("[null,5]");
  }

  @Test
  void rowsThatACopyBeginsWithAreNoRate() throws IOException {
    add("shop", status(0, 0, 0));
    add("shop", status(0, 1, 5_000_000));
    add("shop", status(0, 1, 5_000_100));

    assertThat(column("rows_per_second")).isEqualTo("[null,null,10]");
  }

  @Test
  void aClockThatWasSetBackGivesNoRate() throws IOException {
    history.add(Samples.NOW, Map.of("shop", status(1, 0, 0)));
    history.add(Samples.NOW.minusSeconds(3_600), Map.of("shop", status(2, 0, 0)));

    assertThat(column("events_per_second")).isEqualTo("[null,null]");
  }

  @Test
  void whatIsNotKnownIsNull() throws IOException {
    add("shop", status(1, 0, 0));

    assertThat(column("lag_bytes")).isEqualTo("[null]");
    assertThat(column("delay_seconds")).isEqualTo("[null]");
  }

  @Test
  void keepsAnHour() throws IOException {
    for (int i = 0; i < StatusHistory.SAMPLES + 5; i++) {
      add("shop", status(i, 0, 0));
    }

    JsonNode times = pipelines().get(0).get("at");
    assertThat(times).hasSize(360);
    assertThat(times.get(0).asText()).isEqualTo(Samples.NOW.plusSeconds(50).toString());
  }

  @Test
  void forgetsPipelinesThatAreGone() throws IOException {
    add("old", status(1, 0, 0));
    add("shop", status(1, 0, 0));

    assertThat(pipelines()).hasSize(1);
    assertThat(pipelines().get(0).get("id").asText()).isEqualTo("shop");
  }
}
