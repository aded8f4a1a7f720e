package dev.pgetl;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.constructors;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noFields;
import static java.util.stream.Collectors.counting;
import static java.util.stream.Collectors.groupingBy;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaConstructor;
import com.tngtech.archunit.core.domain.JavaField;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import dev.pgetl.schema.TableId;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Keeps packages, classes and constructors small, and a table's state in one place. */
@AnalyzeClasses(packages = "dev.pgetl", importOptions = ImportOption.DoNotIncludeTests.class)
class FiguresTest {
  /** They keep the state of one socket and are passed for every read: a split would cost speed. */
  private static final Set<String> MAY_CHANGE_MORE =
      Set.of("Feedback", "ReadPause", "GatheringInput");

  /** The tables of one pipeline, those of all pipelines of a process, and those of one session. */
  private static final Set<String> MAY_COLLECT_TABLES = Set.of("Tables", "TableClaims", "Rechecks");

  @ArchTest
  static final ArchRule CONSTRUCTORS_HAVE_AT_MOST_8_PARAMETERS =
      constructors()
          .that()
          .areDeclaredInClassesThat()
          .resideInAPackage("dev.pgetl.internal..")
          .should(
              new ArchCondition<JavaConstructor>("have at most 8 parameters") {
                @Override
                public void check(JavaConstructor constructor, ConditionEvents events) {
                  atMost(8, constructor, constructor.getRawParameterTypes(), "parameters", events);
                }
              });

  @ArchTest
  static final ArchRule CLASSES_CHANGE_FEW_FIELDS =
      classes()
          .that()
          .haveSimpleNameNotEndingWith("Builder")
          .and(describe("may not change more", type -> !MAY_CHANGE_MORE.contains(name(type))))
          .should(
              new ArchCondition<JavaClass>("change at most 6 fields, 2 of them boolean") {
                @Override
                public void check(JavaClass type, ConditionEvents events) {
                  List<JavaField> mutable =
                      type.getFields().stream().filter(FiguresTest::isMutable).toList();
                  List<JavaField> flags = mutable.stream().filter(FiguresTest::isFlag).toList();
                  atMost(6, type, mutable, "mutable fields", events);
                  atMost(2, type, flags, "mutable flags", events);
                }
              });

  @ArchTest
  static final ArchRule ONE_PLACE_KNOWS_ALL_TABLES =
      noFields()
          .that()
          .areDeclaredInClassesThat()
          .resideInAPackage("dev.pgetl.internal.runtime..")
          .and()
          .areDeclaredInClassesThat(describe("may not collect", FiguresTest::mayNotCollectTables))
          .should(ArchCondition.from(describe("hold table ids", FiguresTest::holdsTableIds)));

  @ArchTest
  static void packagesHaveAtMost15Types(JavaClasses imported) {
    Map<String, Long> types =
        imported.stream()
            .filter(type -> type.isTopLevelClass() && !name(type).equals("package-info"))
            .collect(groupingBy(JavaClass::getPackageName, counting()));

    assertThat(types.values()).as("types of %s", types).allMatch(count -> count <= 15);
  }

  private static void atMost(
      int limit, Object owner, List<?> found, String what, ConditionEvents events) {
    if (found.size() > limit) {
      events.add(
          SimpleConditionEvent.violated(
              owner, "%s: %d %s: %s".formatted(owner, found.size(), what, found)));
    }
  }

  /** What a class may do, the classes nested in it may, too. */
  private static boolean mayNotCollectTables(JavaClass type) {
    return !MAY_COLLECT_TABLES.contains(name(type))
        && type.getEnclosingClass().map(FiguresTest::mayNotCollectTables).orElse(true);
  }

  private static String name(JavaClass type) {
    return type.getSimpleName();
  }

  private static boolean isMutable(JavaField field) {
    return !field.getModifiers().contains(JavaModifier.FINAL)
        && !field.getModifiers().contains(JavaModifier.STATIC);
  }

  private static boolean isFlag(JavaField field) {
    return field.getRawType().isEquivalentTo(boolean.class);
  }

  private static boolean holdsTableIds(JavaField field) {
    Set<JavaClass> involved = field.getType().getAllInvolvedRawTypes();
    return involved.stream().anyMatch(type -> type.isEquivalentTo(TableId.class))
        && involved.stream()
            .anyMatch(
                type -> type.isAssignableTo(Map.class) || type.isAssignableTo(Collection.class));
  }
}
