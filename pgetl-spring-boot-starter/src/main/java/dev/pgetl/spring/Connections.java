package dev.pgetl.spring;

import dev.pgetl.config.PgConnectionConfig;
import dev.pgetl.config.TlsConfig;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.springframework.core.io.Resource;

/** Makes connections of pipelines from the settings and from the application's connection. */
final class Connections {
  private final PgetlProperties properties;
  private final ApplicationDatabase application;
  private final @Nullable PgConnectionConfig ownSource;

  Connections(
      PgetlProperties properties,
      ApplicationDatabase application,
      @Nullable PgConnectionConfig ownSource) {
    this.properties = properties;
    this.application = application;
    this.ownSource = ownSource;
  }

  /** {@return where to read from} */
  PgConnectionConfig source() {
    if (ownSource != null) {
      return ownSource;
    }
    PgetlProperties.Source source = properties.source();
    boolean ofApplication = source.url() == null;
    String url = ofApplication ? application.url() : source.url();
    if (url == null) {
      throw new PgetlSettingsException(
          "pgetl does not know which Postgres server to read from.",
          "Set pgetl.source.url, or spring.datasource.url with spring-boot-starter-jdbc, or define"
              + " a bean of type PgConnectionConfig.");
    }
    PgConnectionConfig.Builder builder =
        connect("pgetl.source", url, ofApplication, source.trustedRootCerts());
    login(builder, ofApplication, source.username(), source.password());
    set(builder::connectTimeout, source.connectTimeout());
    set(builder::statusInterval, source.statusInterval());
    set(builder::walSenderTimeout, source.walSenderTimeout());
    set(builder::lockTimeout, source.lockTimeout());
    return checked("pgetl.source", builder);
  }

  /** {@return where the state is kept} */
  PgConnectionConfig store() {
    PgetlProperties.Store store = properties.store();
    boolean ofApplication = store.url() == null;
    String url = ofApplication ? application.url() : store.url();
    if (url == null || (ofApplication && !ApplicationUrl.isPostgres(url))) {
      return source();
    }
    Resource trusted =
        ofApplication && store.trustedRootCerts() == null
            ? properties.source().trustedRootCerts()
            : store.trustedRootCerts();
    PgConnectionConfig.Builder builder = connect("pgetl.store", url, ofApplication, trusted);
    login(builder, ofApplication, store.username(), store.password());
    return checked("pgetl.store", builder);
  }

  /** Another role has another password, unless none is set. */
  private void login(
      PgConnectionConfig.Builder builder,
      boolean ofApplication,
      @Nullable String username,
      @Nullable String password) {
    if (ofApplication) {
      set(builder::username, application.username());
      set(builder::password, username == null ? application.password() : null);
    }
    set(builder::username, username);
    set(builder::password, password);
  }

  private static PgConnectionConfig.Builder connect(
      String prefix, String jdbcUrl, boolean ofApplication, @Nullable Resource trusted) {
    String url = ofApplication ? ApplicationUrl.forPipeline(jdbcUrl, trusted != null) : jdbcUrl;
    PgConnectionConfig.Builder builder;
    try {
      builder = PgConnectionConfig.jdbcUrl(url);
    } catch (IllegalArgumentException e) {
      throw new PgetlSettingsException(
          prefix + ".url: " + e.getMessage(),
          ofApplication
              ? "It is the application's connection. Set " + prefix + ".url to the Postgres server."
              : "Correct " + prefix + ".url.",
          e);
    }
    if (trusted != null) {
      builder.tls(TlsConfig.trusting(text(prefix, trusted)));
    }
    return builder;
  }

  private static String text(String prefix, Resource certificates) {
    try {
      return certificates.getContentAsString(StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new PgetlSettingsException(
          prefix + ".trusted-root-certs cannot be read: " + e.getMessage(),
          "It must name a PEM file, for example file:/etc/ca.pem.",
          e);
    }
  }

  private static PgConnectionConfig checked(String prefix, PgConnectionConfig.Builder builder) {
    try {
      return builder.build();
    } catch (IllegalArgumentException e) {
      throw PgetlSettingsException.of(e, "Correct the settings " + prefix + ".*");
    }
  }

  /** Calls a setter if there is a value. */
  static <T> void set(Function<T, ?> setter, @Nullable T value) {
    if (value != null) {
      Object unused = setter.apply(value);
    }
  }
}
