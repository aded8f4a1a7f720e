package dev.pgetl.testkit.postgres;

import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * Gives tests a real Postgres: a parameter of type {@link TestDatabase} gets a fresh database,
 * dropped after the test; one of type {@link TestPostgres} the shared server. {@code @BeforeEach},
 * the test and {@code @AfterEach} get the same database; one asked for in {@code @BeforeAll} is
 * shared by the class.
 *
 * <pre>{@code
 * @ExtendWith(PostgresExtension.class)
 * class OrdersIT {
 *   @Test
 *   void streamsAnOrder(TestDatabase database) {
 *     database.execute("create table orders (id int primary key)");
 *   }
 * }
 * }</pre>
 */
public final class PostgresExtension implements ParameterResolver {
  private static final ExtensionContext.Namespace NAMESPACE =
      ExtensionContext.Namespace.create(PostgresExtension.class);

  /** Creates the extension; JUnit does. */
  public PostgresExtension() {}

  @Override
  public ExtensionContextScope getTestInstantiationExtensionContextScope(ExtensionContext root) {
    return ExtensionContextScope.TEST_METHOD;
  }

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    Class<?> type = parameter.getParameter().getType();
    return type == TestDatabase.class || type == TestPostgres.class;
  }

  @Override
  public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
    if (parameter.getParameter().getType() == TestPostgres.class) {
      return TestPostgres.shared();
    }
    return context
        .getStore(NAMESPACE)
        .getOrComputeIfAbsent(
            TestDatabase.class, type -> TestPostgres.shared().createDatabase(), TestDatabase.class);
  }
}
