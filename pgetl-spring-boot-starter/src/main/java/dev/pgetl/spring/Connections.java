package dev.pgetl.spring;

import dev.pgetl.config.PgConnectionConfig;
import dev.pgetl.config.TlsConfig;
import dev.pgetl.spring.ApplicationDatabase.Login;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
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
    PgConnectionConfig.Builder builder =
        connect(
            "pgetl.source",
            login(source.url(), source.username(), source.password())
                .orElseThrow(Connections::noSource),
            source.url() == null,
            source.trustedRootCerts());
    set(builder::connectTimeout, source.connectTimeout());
    set(builder::statusInterval, source.statusInterval());
    set(builder::walSenderTimeout, source.walSenderTimeout());
    set(builder::lockTimeout, source.lockTimeout());
    return checked("pgetl.source", builder);
  }

  /** {@return where the state is kept} */
  PgConnectionConfig store() {
    PgetlProperties.Store store = properties.store();
    Optional<Login> login =
        login(store.url(), store.username(), store.password())
            .filter(found -> store.url() != null || ApplicationUrl.isPostgres(found.url()));
    if (login.isEmpty()) {
      return source();
    }
    Resource trusted =
        store.trustedRootCerts() == null && store.url() == null
            ? properties.source().trustedRootCerts()
            : store.trustedRootCerts();
    return checked(
        "pgetl.store", connect("pgetl.store", login.get(), store.url() == null, trusted));
  }

  private Optional<Login> login(
      @Nullable String url, @Nullable String username, @Nullable String password) {
    if (url != null) {
      return Optional.of(new Login(url, username, password));
    }
    return application
        .login()
        .map(
            found ->
                username == null
                    ? new Login(
                        found.url(),
                        found.username(),
                        password == null ? found.password() : password)
                    : new Login(found.url(), username, password));
  }

  private static PgConnectionConfig.Builder connect(
      String prefix, Login login, boolean ofApplication, @Nullable Resource trusted) {
    String url =
        ofApplication ? ApplicationUrl.forPipeline(login.url(), trusted != null) : login.url();
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
    set(builder::username, login.username());
    set(builder::password, login.password());
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

  private static PgetlSettingsException noSource() {
    return new PgetlSettingsException(
        "pgetl does not know which Postgres server to read from.",
        "Set pgetl.source.url, or spring.datasource.url with spring-boot-starter-jdbc, or define a"
            + " bean of type PgConnectionConfig.");
  }

  /** Calls a setter if there is a value. */
  static <T> void set(Function<T, ?> setter, @Nullable T value) {
    if (value != null) {
      Object unused = setter.apply(value);
    }
  }
}
