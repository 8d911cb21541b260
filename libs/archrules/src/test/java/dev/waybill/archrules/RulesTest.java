package dev.waybill.archrules;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.lang.ArchRule;
import dev.waybill.audit.wrong.one.First;
import dev.waybill.audit.wrong.two.Second;
import dev.waybill.cli.wrong.SpeaksToTheProcess;
import dev.waybill.networking.wrong.OtherService;
import dev.waybill.scheduling.wrong.ClockHelper;
import dev.waybill.scheduling.wrong.edge.AllowedClock;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Rules that never failed prove nothing: each against a class that breaks it. */
class RulesTest {
  private static List<String> failures(ArchRule rule, Class<?>... types) {
    var result = rule.allowEmptyShould(true).evaluate(new ClassFileImporter().importClasses(types));
    return result.getFailureReport().getDetails();
  }

  @Test
  void a_clock_and_an_unseeded_random_in_a_core_are_found() {
    assertThat(failures(ArchRules.pureCores(), ClockHelper.class))
        .anyMatch(line -> line.contains("Instant.now"))
        .anyMatch(line -> line.contains("Random.<init>"));
  }

  @Test
  void a_clock_in_an_edge_is_not() {
    assertThat(failures(ArchRules.pureCores(), AllowedClock.class)).isEmpty();
  }

  @Test
  void a_database_in_a_core_is_found() {
    assertThat(failures(ArchRules.frameworksAtTheEdge(), ClockHelper.class))
        .anyMatch(line -> line.contains("java.sql"));
  }

  @Test
  void a_name_that_says_nothing_is_found() {
    assertThat(failures(ArchRules.honestNames(), ClockHelper.class)).hasSize(1);
  }

  @Test
  void a_service_that_uses_another_is_found() {
    assertThat(failures(ArchRules.servicesApart(), OtherService.class, ClockHelper.class))
        .anyMatch(line -> line.contains("ClockHelper"));
  }

  @Test
  void foreign_memory_outside_of_its_packages_is_found() {
    assertThat(failures(ArchRules.nativeCallsBehindPorts(), OtherService.class))
        .anyMatch(line -> line.contains("java.lang.foreign"));
  }

  @Test
  void the_sdk_of_an_object_storage_outside_of_its_store_is_found() {
    assertThat(failures(ArchRules.objectStorageBehindItsStore(), OtherService.class))
        .anyMatch(line -> line.contains("S3Client"));
  }

  @Test
  void capabilities_that_know_each_other_in_a_circle_are_found() {
    assertThat(failures(ArchRules.noCycles(), First.class, Second.class))
        .anyMatch(line -> line.contains("Cycle detected"));
  }

  @Test
  void a_command_that_uses_the_process_instead_of_its_caller_is_found() {
    assertThat(failures(ArchRules.commandsSpeakToTheirCaller(), SpeaksToTheProcess.class))
        .anyMatch(line -> line.contains("System.out"))
        .anyMatch(line -> line.contains("getenv"));
  }

  @Test
  void a_command_that_knows_more_than_the_api_is_found() {
    assertThat(failures(ArchRules.commandsKnowTheApiAlone(), SpeaksToTheProcess.class))
        .anyMatch(line -> line.contains("ImageUse"));
  }
}
