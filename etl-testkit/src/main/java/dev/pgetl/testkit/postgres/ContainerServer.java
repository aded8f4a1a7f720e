package dev.pgetl.testkit.postgres;

import java.util.ArrayList;
import java.util.List;
import org.testcontainers.postgresql.PostgreSQLContainer;

/**
 * A server in a container. The only class that needs Testcontainers, which also removes the
 * container after the JVM's end.
 */
final class ContainerServer {
  private ContainerServer() {}

  static ServerAddress start(String version) {
    List<String> command = new ArrayList<>(List.of("postgres"));
    ServerSettings.defaults()
        .forEach((name, value) -> command.addAll(List.of("-c", name + "=" + value)));
    PostgreSQLContainer container = new PostgreSQLContainer("postgres:" + version);
    container.withEnv("POSTGRES_INITDB_ARGS", "--no-locale --encoding=UTF8");
    container.withUsername(ServerLogin.KIT.username());
    container.withPassword(ServerLogin.KIT.password().reveal());
    container.withCommand(command.toArray(String[]::new));
    container.start();
    return new ServerAddress(container.getHost(), container.getFirstMappedPort(), ServerLogin.KIT);
  }
}
