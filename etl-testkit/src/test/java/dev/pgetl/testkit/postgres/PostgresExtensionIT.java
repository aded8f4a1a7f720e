package dev.pgetl.testkit.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(PostgresExtension.class)
class PostgresExtensionIT {
  private final TestDatabase ofConstructor;

  PostgresExtensionIT(TestDatabase ofConstructor) {
    this.ofConstructor = ofConstructor;
  }

  @BeforeEach
  void createsATable(TestDatabase database) {
    database.execute("create table t (id int)");
  }

  @RepeatedTest(2)
  void givesEveryTestAFreshDatabaseAndAllItsMethodsTheSame(TestDatabase database) {
    assertThat(database).isSameAs(ofConstructor);
    assertThat(database.value("select count(*) from t")).isEqualTo("0");
    database.execute("insert into t values (1)");
  }

  @Test
  void givesTheSharedServer(TestPostgres postgres, TestDatabase database) {
    assertThat(postgres).isSameAs(TestPostgres.shared()).isSameAs(database.server());
  }
}
