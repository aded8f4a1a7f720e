package dev.pgetl.spring.test;

import dev.pgetl.testkit.postgres.TestDatabase;
import dev.pgetl.testkit.postgres.TestPostgres;
import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** A database of the kit's server, and how to connect to it. */
@Configuration(proxyBeanMethods = false)
final class TestDatabaseConfiguration {
  @Bean(destroyMethod = "close")
  TestDatabase pgetlTestDatabase() {
    return TestPostgres.shared().createDatabase();
  }

  @Bean
  JdbcConnectionDetails pgetlTestConnectionDetails(TestDatabase database) {
    return new Details(database);
  }

  /** Connects as the superuser. */
  private record Details(TestDatabase database) implements JdbcConnectionDetails {
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
  }
}
