package dev.pgetl.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.pgetl.internal.failpoint.Failpoint;
import dev.pgetl.observe.PipelineStatus.State;
import dev.pgetl.testkit.destination.Operation;
import dev.pgetl.testkit.destination.RecordingDestination;
import dev.pgetl.testkit.postgres.TestDatabase;
import dev.pgetl.testkit.postgres.TestPostgres;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.availability.ApplicationAvailability;
import org.springframework.boot.availability.LivenessState;
import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;
import org.springframework.context.ConfigurableApplicationContext;

/** A whole application with a web server, a pool and the Actuator, and a real Postgres. */
class StreamingApplicationIT {
  private static final Duration LIMIT = Duration.ofSeconds(30);
  private static final HttpClient HTTP = HttpClient.newHttpClient();

  @Test
  void copiesStreamsReportsAndIsOperated() throws IOException, InterruptedException {
    try (TestDatabase database = database();
        ConfigurableApplicationContext application =
            run(database, "--management.endpoint.pgetl.access=unrestricted")) {
      RecordingDestination destination = application.getBean(RecordingDestination.class);
      assertThat(application.getBean(PgetlPipelines.class).runner().awaitReady(LIMIT)).isTrue();
      database.execute("insert into orders values (3)");
      destination.awaitChanges("orders", 1);
      assertThat(destination.copiedRows("orders")).hasSize(2);

      assertThat(get(application, "health").body()).contains("\"pgetl\"", "\"UP\"", "\"Ready\":1");
      assertThat(get(application, "pgetl").body())
          .contains(
              "\"format\":1", "\"id\":\"orders\"", "\"state\":\"RUNNING\"", "{\"name\":\"Ready\"}");

      HttpResponse<String> paused = post(application, "pgetl/pause", "");
      assertThat(paused.body()).contains("\"operation\":\"pause\"");
      HttpResponse<String> health = get(application, "health");
      assertThat(health.statusCode()).isEqualTo(200);
      assertThat(health.body()).startsWith("{").contains("\"DEGRADED\"", "paused since");
      assertThat(post(application, "pgetl/resume", "").statusCode()).isEqualTo(200);
      assertThat(post(application, "pgetl/resync", table("orders")).statusCode()).isEqualTo(200);
      destination.await("resync", all -> all.truncations("orders") == 2);
      destination.awaitCopiedRows("orders", 3);
      assertThat(post(application, "pgetl/resync", table("nix")).statusCode()).isEqualTo(400);
      assertThat(post(application, "pgetl/resync", "").body()).contains("table is missing");
      assertThat(post(application, "pgetl/melt", "").body()).contains("no operation melt");
      assertThat(
              database.value(
                  "select count(*) from pg_stat_activity where application_name like 'pgetl/%'"
                      + " and datname = current_database()"))
          .as("connections of its own")
          .isNotEqualTo("0");
    }
  }

  @Test
  void continuesAfterARestartOfTheContext() throws InterruptedException {
    try (TestDatabase database = database()) {
      for (int start = 0; start < 2; start++) {
        try (ConfigurableApplicationContext application =
            run(database, "--spring.main.web-application-type=none")) {
          RecordingDestination destination = application.getBean(RecordingDestination.class);
          PgetlPipelines pipelines = application.getBean(PgetlPipelines.class);
          assertThat(pipelines.runner().awaitReady(LIMIT)).isTrue();
          assertThat(destination.copiedRows("orders")).hasSize(start == 0 ? 2 : 0);

          application.stop();
          assertThat(pipelines.isRunning()).isFalse();
          assertThat(pipelines.runner().status("orders").pipeline().state())
              .isEqualTo(State.STOPPED);
          application.start();
          assertThat(pipelines.runner().awaitReady(LIMIT)).isTrue();

          database.execute("insert into orders values (10 + " + start + ")");
          destination.awaitChanges("orders", 1);
          MeterRegistry meters = application.getBean(MeterRegistry.class);
          await().atMost(LIMIT).until(() -> count(meters, "pgetl.events") >= 1);
          assertThat(count(meters, "pgetl.starts")).as("of both runners").isEqualTo(2);
          assertThat(destination.calls(Operation.CLOSE)).as("the bean is Spring's").isEmpty();
        }
      }
    }
  }

  @Test
  void startsAndIsAliveWithoutTheSource() throws IOException, InterruptedException {
    try (TestDatabase database = database();
        ConfigurableApplicationContext application =
            run(database, "--pgetl.source.url=jdbc:postgresql://localhost:1/shop?user=u")) {
      await()
          .atMost(LIMIT)
          .until(() -> get(application, "health").body().contains("SOURCE_UNAVAILABLE"));
      HttpResponse<String> health = get(application, "health");
      assertThat(health.statusCode()).isEqualTo(200);
      assertThat(health.body()).contains("\"status\":\"DEGRADED\"", "\"since\"");
      assertThat(get(application, "health/readiness").body()).contains("UP");
      assertThat(get(application, "health/liveness").body()).contains("UP");
      assertThat(application.getBean(ApplicationAvailability.class).getLivenessState())
          .isEqualTo(LivenessState.CORRECT);
      assertThat(post(application, "pgetl/restart", "").statusCode())
          .as("operations need access=unrestricted")
          .isIn(404, 405);
      assertThat(get(application, "pgetl").statusCode()).isEqualTo(200);
    }
  }

  @Test
  void needsManualInterventionWithoutThePublication() throws IOException, InterruptedException {
    try (TestDatabase database = TestPostgres.shared().createDatabase();
        ConfigurableApplicationContext application = run(database)) {
      await().atMost(LIMIT).until(() -> get(application, "health").statusCode() == 503);
      assertThat(get(application, "health").body()).contains("PUBLICATION_MISSING");
      assertThat(get(application, "health/liveness").statusCode()).isEqualTo(200);
    }
  }

  /** A reader that is stuck before it reads, and a delivery that is stuck before it delivers. */
  @ParameterizedTest
  @EnumSource(names = {"BEFORE_STREAM_OPENED", "BEFORE_EVENTS_WRITTEN"})
  void isNotAliveWhileAThreadIsStuck(Failpoint where) throws IOException, InterruptedException {
    CountDownLatch released = new CountDownLatch(1);
    Failpoint.install(point -> stickIf(point == where, released));
    try (TestDatabase database = database();
        ConfigurableApplicationContext application =
            run(database, "--pgetl.health.liveness-stall-limit=1s")) {
      if (where == Failpoint.BEFORE_EVENTS_WRITTEN) {
        assertThat(application.getBean(PgetlPipelines.class).runner().awaitReady(LIMIT)).isTrue();
        assertThat(get(application, "health/liveness").statusCode()).isEqualTo(200);
        database.execute("insert into orders values (3)");
      }
      await().atMost(LIMIT).until(() -> get(application, "health/liveness").statusCode() == 503);
      released.countDown();
      await().atMost(LIMIT).until(() -> get(application, "health/liveness").statusCode() == 200);
    } finally {
      released.countDown();
      Failpoint.install(null);
    }
  }

  private static void stickIf(boolean here, CountDownLatch released) {
    try {
      if (here) {
        released.await();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static TestDatabase database() {
    TestDatabase database = TestPostgres.shared().createDatabase();
    database.execute(
        "create table orders (id int primary key);"
            + "insert into orders values (1), (2);"
            + "create publication orders_pub for table orders");
    return database;
  }

  private static ConfigurableApplicationContext run(TestDatabase database, String... more) {
    SpringApplication application = new SpringApplication(OrdersApplication.class);
    application.addInitializers(
        context -> context.getBeanFactory().registerSingleton("connection", details(database)));
    application.setDefaultProperties(
        Map.of(
            "pgetl.id", "orders",
            "pgetl.publication", "orders_pub",
            "management.endpoints.web.exposure.include", "health,pgetl",
            "management.endpoint.health.show-details", "always",
            "management.endpoint.health.probes.enabled", "true",
            "server.port", "0",
            "spring.main.banner-mode", "off"));
    return application.run(more);
  }

  private static JdbcConnectionDetails details(TestDatabase database) {
    return new JdbcConnectionDetails() {
      @Override
      public String getJdbcUrl() {
        return database.jdbcUrl();
      }

      @Override
      public String getUsername() {
        return database.server().username();
      }

      @Override
      public String getPassword() {
        return database.server().password().reveal();
      }
    };
  }

  private static double count(MeterRegistry meters, String name) {
    return meters.get(name).tag("pipeline", "orders").functionCounter().count();
  }

  private static String table(String name) {
    return "\"table\": \"" + name + "\"";
  }

  private static HttpResponse<String> get(ConfigurableApplicationContext application, String path)
      throws IOException, InterruptedException {
    return HTTP.send(request(application, path).build(), BodyHandlers.ofString());
  }

  private static HttpResponse<String> post(
      ConfigurableApplicationContext application, String path, String fields)
      throws IOException, InterruptedException {
    HttpRequest request =
        request(application, path)
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofString("{" + fields + "}"))
            .build();
    return HTTP.send(request, BodyHandlers.ofString());
  }

  private static HttpRequest.Builder request(
      ConfigurableApplicationContext application, String path) {
    String port = application.getEnvironment().getRequiredProperty("local.server.port");
    return HttpRequest.newBuilder(URI.create("http://localhost:" + port + "/actuator/" + path));
  }
}
