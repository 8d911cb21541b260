package dev.waybill.archrules;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The rules over all that the build has compiled. */
class ArchitectureTest {
  private static JavaClasses classes;

  @BeforeAll
  static void importEverything() {
    classes =
        new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("dev.waybill");
  }

  static Stream<ArchRule> rules() {
    return ArchRules.all().stream();
  }

  @Test
  void every_part_of_the_platform_was_read() {
    for (String part :
        new String[] {
          "contracts.EventCatalog",
          "kernel.Digest",
          "eventlog.decider.DeciderLoop",
          "fleet.Fleet",
          "nativerunner.plan.Compiler",
          "platformapi.intent.Intents",
          "image.catalog.CatalogDecider",
          "registrysync.RegistryDecider",
          "scheduling.SchedulingDecider",
          "networking.NetworkingDecider",
          "noderunner.agent.NodeAgent",
          "audit.history.History",
          "cli.Waybill",
          "allinone.Main"
        }) {
      assertThat(classes.contain("dev.waybill." + part)).as(part).isTrue();
    }
  }

  @ParameterizedTest
  @MethodSource("rules")
  void the_architecture_holds(ArchRule rule) {
    rule.check(classes);
  }
}
