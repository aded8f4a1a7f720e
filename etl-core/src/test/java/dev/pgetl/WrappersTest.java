package dev.pgetl;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaMethod;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import dev.pgetl.destination.Destination;
import dev.pgetl.store.PipelineStore;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What wraps a destination or a store passes on every call, also those that have a default. */
class WrappersTest {
  /** A fence is of one epoch: it begins it when it is made. */
  private static final Set<String> OWN = Set.of("FencedDestination.beginEpoch");

  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("dev.pgetl");

  @ParameterizedTest
  @ValueSource(classes = {Destination.class, PipelineStore.class})
  void passesOnEveryCall(Class<?> wrapped) {
    List<JavaClass> wrappers =
        CLASSES.stream()
            .filter(each -> !each.isInterface() && each.isAssignableTo(wrapped))
            .filter(each -> holds(each, wrapped))
            .toList();
    assertThat(wrappers).as("classes that wrap a %s", wrapped.getSimpleName()).isNotEmpty();
    for (JavaClass wrapper : wrappers) {
      assertThat(inherited(wrapper, CLASSES.get(wrapped))).as(wrapper.getName()).isEmpty();
    }
  }

  private static boolean holds(JavaClass type, Class<?> wrapped) {
    return type.getAllFields().stream().anyMatch(f -> f.getRawType().isAssignableTo(wrapped));
  }

  /** {@return the methods that a class takes from an interface as they are} */
  private static Set<String> inherited(JavaClass wrapper, JavaClass wrapped) {
    return wrapped.getAllMethods().stream()
        .filter(method -> method.getOwner().isInterface())
        .filter(method -> !method.getModifiers().contains(JavaModifier.STATIC))
        .filter(method -> !isDeclared(wrapper, method))
        .map(method -> wrapper.getSimpleName() + "." + method.getName())
        .filter(name -> !OWN.contains(name))
        .collect(Collectors.toSet());
  }

  private static boolean isDeclared(JavaClass wrapper, JavaMethod method) {
    return wrapper.getAllMethods().stream()
        .filter(own -> !own.getOwner().isInterface())
        .anyMatch(
            own ->
                own.getName().equals(method.getName())
                    && own.getRawParameterTypes().equals(method.getRawParameterTypes()));
  }
}
