package dev.pgetl.spring.test;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.springframework.context.annotation.Import;

/**
 * Gives an application under test a database of the kit's Postgres. It takes the place of {@code
 * spring.datasource.*}: pool, pipelines and their state are in it.
 *
 * <pre>{@code
 * @SpringBootTest
 * @TestPostgresDatabase
 * class OrdersTest {
 *   @Autowired TestDatabase database;
 * }
 * }</pre>
 *
 * <p>The database is made with the application context and dropped with it. It is empty; {@code
 * schema.sql} of the application fills it, with {@code spring.sql.init.mode=always}. For an
 * application that starts in other ways, use it on a {@code @Configuration} class.
 */
@Documented
@Inherited
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.TYPE)
@Import(TestDatabaseConfiguration.class)
public @interface TestPostgresDatabase {}
