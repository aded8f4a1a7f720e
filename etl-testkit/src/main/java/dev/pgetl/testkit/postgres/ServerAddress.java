package dev.pgetl.testkit.postgres;

import dev.pgetl.config.PgConnectionConfig;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Properties;

/**
 * Where a server listens, and a superuser of it.
 *
 * @param host host name or address
 * @param port TCP port
 * @param login a superuser
 */
record ServerAddress(String host, int port, ServerLogin login) {

  /** The name under which the kit's own connections appear in {@code pg_stat_activity}. */
  static final String APPLICATION_NAME = "pgetl-testkit";

  /** The database that every server has. */
  static final String MAINTENANCE_DATABASE = "postgres";

  static ServerAddress ofJdbcUrl(String url) {
    PgConnectionConfig config = PgConnectionConfig.jdbcUrl(url).build();
    return new ServerAddress(
        config.host(), config.port(), new ServerLogin(config.username(), config.password()));
  }

  String jdbcUrl(String database) {
    return "jdbc:postgresql://" + host + ":" + port + "/" + database;
  }

  Connection connect(String database) throws SQLException {
    Properties properties = new Properties();
    properties.setProperty("user", login.username());
    properties.setProperty("password", login.password().reveal());
    properties.setProperty("ApplicationName", APPLICATION_NAME);
    properties.setProperty("connectTimeout", "10");
    properties.setProperty("sslmode", "disable");
    properties.setProperty("binaryTransfer", "false");
    properties.setProperty("prepareThreshold", "0");
    return DriverManager.getConnection(jdbcUrl(database), properties);
  }
}
