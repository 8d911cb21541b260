package dev.waybill.archrules;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.CompositeArchRule;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;

/** The rules of the architecture. */
public final class ArchRules {
  /** What talks to the outside world and belongs to edges. */
  private static final String[] FRAMEWORKS = {
    "io.quarkus..",
    "jakarta..",
    "io.smallrye..",
    "org.eclipse.microprofile..",
    "io.vertx..",
    "org.apache.kafka..",
    "org.apache.kafka",
    "io.debezium..",
    "java.sql..",
    "javax.sql..",
    "io.agroal..",
    "io.opentelemetry.."
  };

  /** Packages that are an edge as a whole: their one job is the framework in question. */
  private static final String[] EDGES = {
    "..edge..",
    "dev.waybill.eventlog.kafka..",
    "dev.waybill.eventlog.outbox..",
    "dev.waybill.embedded..",
    "dev.waybill.testkit..",
    "dev.waybill.telemetry..",
    "dev.waybill.allinone.."
  };

  /**
   * Packages that decide or calculate. The node's agent, the image service's ingest and the
   * launcher aren't here: they are shells that wait on hosts and networks.
   */
  private static final String[] PURE = {
    "dev.waybill.kernel..",
    "dev.waybill.contracts..",
    "dev.waybill.fleet..",
    "dev.waybill.oci..",
    "dev.waybill.eventlog.decider..",
    "dev.waybill.scheduling..",
    "dev.waybill.networking..",
    "dev.waybill.registrysync..",
    "dev.waybill.audit.history..",
    "dev.waybill.platformapi.intent..",
    "dev.waybill.image.catalog..",
    "dev.waybill.noderunner.bundle..",
    "dev.waybill.nativerunner.plan..",
    "dev.waybill.nativerunner.spec..",
    "dev.waybill.nativerunner.seccomp.."
  };

  private static final List<String> SERVICES =
      List.of(
          "platformapi",
          "image",
          "registrysync",
          "scheduling",
          "networking",
          "noderunner",
          "audit");

  private ArchRules() {}

  /** All of them, in the order of the style sheet. */
  public static List<ArchRule> all() {
    return List.of(
        frameworksAtTheEdge(),
        pureCores(),
        noCycles(),
        servicesApart(),
        commandsKnowTheApiAlone(),
        commandsSpeakToTheirCaller(),
        nothingOnTopOfAllInOne(),
        honestNames(),
        nativeCallsBehindPorts(),
        objectStorageBehindItsStore());
  }

  static ArchRule frameworksAtTheEdge() {
    return noClasses()
        .that()
        .resideInAPackage("dev.waybill..")
        .and()
        .resideOutsideOfPackages(EDGES)
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(FRAMEWORKS)
        .because(
            "what decides must run in a test, a replay and a simulation without any framework; move"
                + " the call into the service's edge package and pass plain values in");
  }

  static ArchRule pureCores() {
    return noClasses()
        .that()
        .resideInAnyPackage(PURE)
        .and()
        .resideOutsideOfPackage("..edge..")
        .should()
        .callCodeUnitWhere(Impure.CALL)
        .because(
            "decisions must replay; take the instant, the id or the setting from the input, or make"
                + " it in the edge and put it on the log");
  }

  static ArchRule noCycles() {
    return forEachService(
            service ->
                slices().matching("dev.waybill." + service + ".(**)").should().beFreeOfCycles())
        .because(
            "capabilities that know each other in a circle are one capability; move what both need"
                + " into the one that is known, or into a package of its own");
  }

  static ArchRule servicesApart() {
    return forEachService(
            service ->
                noClasses()
                    .that()
                    .resideInAPackage("dev.waybill." + service + "..")
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage(others(service)))
        .because("services meet on the log only; say it as an event in contracts/");
  }

  static ArchRule commandsKnowTheApiAlone() {
    return noClasses()
        .that()
        .resideInAPackage("dev.waybill.cli..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            Stream.concat(
                    SERVICES.stream().map(service -> "dev.waybill." + service + ".."),
                    Stream.of(
                        "dev.waybill.eventlog..", "dev.waybill.fleet..", "dev.waybill.allinone.."))
                .toArray(String[]::new))
        .because(
            "a command does what any client could do; if the API lacks something, add it to the API");
  }

  static ArchRule commandsSpeakToTheirCaller() {
    return noClasses()
        .that()
        .resideInAPackage("dev.waybill.cli..")
        .and()
        .resideOutsideOfPackage("dev.waybill.cli.caller..")
        .should()
        .accessField(System.class, "out")
        .orShould()
        .accessField(System.class, "err")
        .orShould()
        .accessField(System.class, "in")
        .orShould()
        .callMethod(System.class, "getenv", String.class)
        .orShould()
        .callMethod(System.class, "getenv")
        .because(
            "a command may run in the warm platform for somebody else; take streams, directory and"
                + " environment from Caller");
  }

  static ArchRule nothingOnTopOfAllInOne() {
    return noClasses()
        .that()
        .resideInAPackage("dev.waybill..")
        .and()
        .resideOutsideOfPackage("dev.waybill.allinone..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("dev.waybill.allinone..")
        .because("it composes what there is; what others need belongs into a library");
  }

  private static ArchRule forEachService(Function<String, ArchRule> rule) {
    CompositeArchRule all = CompositeArchRule.of(rule.apply(SERVICES.getFirst()));
    for (String service : SERVICES.subList(1, SERVICES.size())) {
      all = all.and(rule.apply(service));
    }
    return all;
  }

  private static String[] others(String service) {
    return SERVICES.stream()
        .filter(other -> !other.equals(service))
        .map(other -> "dev.waybill." + other + "..")
        .toArray(String[]::new);
  }

  static ArchRule honestNames() {
    return noClasses()
        .that()
        .resideInAPackage("dev.waybill..")
        .and()
        .resideOutsideOfPackage("dev.waybill.contracts..")
        .should()
        .haveNameMatching(".*(Util|Utils|Helper|Helpers|Impl|Common|Manager)")
        .because(
            "such a name says nothing; put the function on the type that it is about, or name the"
                + " class for what it computes");
  }

  static ArchRule nativeCallsBehindPorts() {
    return noClasses()
        .that()
        .resideInAPackage("dev.waybill..")
        .and()
        .resideOutsideOfPackages(
            "dev.waybill.nativerunner.sys..",
            "dev.waybill.nativerunner.launch..",
            // A layer's extended attributes and device files: the JDK has no call for them.
            "dev.waybill.noderunner.layer..",
            // Mounts on the host, for roots that native-runner can't mount.
            "dev.waybill.noderunner.graph..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("java.lang.foreign..", "jnr..")
        .because(
            "a system call that is hidden in other code can't be recorded, faked or refused; add it"
                + " to the kernel port in native-runner's sys package");
  }

  static ArchRule objectStorageBehindItsStore() {
    return noClasses()
        .that()
        .resideInAPackage("dev.waybill..")
        .and()
        .resideOutsideOfPackage("dev.waybill.image.store.s3..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("software.amazon..")
        .because(
            "content may be on a disk as well, and then nothing of the SDK is loaded; use BlobStore");
  }
}
