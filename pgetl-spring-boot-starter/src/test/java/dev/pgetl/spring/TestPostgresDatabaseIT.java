package dev.pgetl.spring;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgetl.spring.test.TestPostgresDatabase;
import dev.pgetl.testkit.destination.RecordingDestination;
import dev.pgetl.testkit.postgres.TestDatabase;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;

/** A test as an application has it; {@code orders.sql} makes table and publication. */
// tag::test[]
@SpringBootTest(
    properties = {
      "spring.sql.init.mode=always",
      "spring.sql.init.schema-locations=classpath:orders.sql"
    })
@TestPostgresDatabase
class TestPostgresDatabaseIT {
  @Autowired private TestDatabase database;
  @Autowired private PgetlPipelines pipelines;
  @Autowired private RecordingDestination destination;

  @Test
  void deliversAnOrder() throws InterruptedException {
    assertThat(pipelines.runner().awaitReady(Duration.ofSeconds(30))).isTrue(); // copied
    database.execute("insert into orders values (2)");
    destination.awaitChanges("orders", 1);
    assertThat(destination.copiedRows("orders")).hasSize(1);
  }
}
// end::test[]
