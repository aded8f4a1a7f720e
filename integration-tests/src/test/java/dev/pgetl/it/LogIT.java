package dev.pgetl.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.spi.ILoggingEvent;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.MDC;

/** What a pipeline writes to the log, and under which names. */
class LogIT {
  private static final List<String> TABLES =
      List.of("public.users", "public.orders", "public.sentinel");
  private static final List<String> EVERY_STATE =
      List.of("Init", "DataSync", "FinishedCopy", "SyncWait", "Catchup", "SyncDone", "Ready");

  private final LogRecorder recorder = new LogRecorder();

  @BeforeEach
  void record() {
    recorder.start();
    MDC.put("mine", "kept");
  }

  @AfterEach
  void stop() {
    recorder.stop();
    MDC.remove("mine");
  }

  /** The MDC tells pipelines, workers and tables apart; the caller's own stays as it was. */
  @Test
  void everyLineSaysWhoseItIs() throws InterruptedException {
    try (Scenario scenario = Scenario.with(Scenario.USERS_AND_ORDERS)) {
      scenario.source().execute("insert into users(name, age) values ('a', 1)");
      scenario.start().awaitReady();
      scenario.pipeline().resync(scenario.tableId("users"));
      scenario.awaitReady().stop();
    }

    assertThat(recorder.events())
        .isNotEmpty()
        .allSatisfy(
            line ->
                assertThat(line.getMDCPropertyMap())
                    .as(line.getFormattedMessage())
                    .containsEntry("pipeline", "it")
                    .containsKey("worker"));
    assertThat(recorder.events())
        .filteredOn(line -> mdc(line, "worker").startsWith("sync-"))
        .isNotEmpty()
        .allSatisfy(line -> assertThat(mdc(line, "table")).startsWith("public."));
    assertThat(recorder.events())
        .filteredOn(line -> line.getFormattedMessage().contains("table public.users is "))
        .isNotEmpty()
        .allSatisfy(line -> assertThat(mdc(line, "table")).isEqualTo("public.users"));
    assertThat(MDC.getCopyOfContextMap()).isEqualTo(Map.of("mine", "kept"));
  }

  /** One line for every state of a table; rows and changes have none. */
  @Test
  void saysEveryStateOnceAndNothingOfRowsAndChanges() throws InterruptedException {
    try (Scenario scenario = Scenario.with(Scenario.USERS_AND_ORDERS)) {
      scenario
          .source()
          .execute("insert into users(name, age) select 'n', g from generate_series(1, 1000) g");
      scenario.start().awaitReady();
      await()
          .atMost(Scenario.PATIENCE)
          .untilAsserted(
              () ->
                  assertThat(TABLES)
                      .allSatisfy(
                          table ->
                              assertThat(statesOf(table)).containsExactlyElementsOf(EVERY_STATE)));
      int before = recorder.events().size();

      scenario
          .source()
          .execute("insert into users(name, age) select 'n', g from generate_series(1, 1000) g");
      scenario.awaitApplied();

      assertThat(recorder.events()).hasSize(before);
    }
  }

  private List<String> statesOf(String table) {
    String begin = "table " + table + " is ";
    return recorder.events().stream()
        .map(ILoggingEvent::getFormattedMessage)
        .filter(line -> line.startsWith(begin))
        .map(line -> line.substring(begin.length()).replaceFirst(",.*", ""))
        .toList();
  }

  private static String mdc(ILoggingEvent line, String key) {
    return line.getMDCPropertyMap().getOrDefault(key, "");
  }
}
