package dev.waybill.archrules;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaCall;
import java.util.Set;

/** Calls whose answer isn't determined by their arguments, or that wait. */
final class Impure {
  /** Owners of which no method and no constructor without a seed is a function. */
  private static final Set<String> RANDOM =
      Set.of(
          "java.util.concurrent.ThreadLocalRandom",
          "java.security.SecureRandom",
          "java.lang.ProcessHandle");

  private static final Set<String> CALLS =
      Set.of(
          "java.time.Instant.now",
          "java.time.LocalDate.now",
          "java.time.LocalTime.now",
          "java.time.LocalDateTime.now",
          "java.time.ZonedDateTime.now",
          "java.time.OffsetDateTime.now",
          "java.time.Clock.systemUTC",
          "java.time.Clock.systemDefaultZone",
          "java.time.Clock.system",
          "java.time.InstantSource.system",
          "java.lang.System.currentTimeMillis",
          "java.lang.System.nanoTime",
          "java.lang.System.getenv",
          "java.lang.System.getProperty",
          "java.lang.Math.random",
          "java.lang.Thread.sleep",
          "java.util.UUID.randomUUID");

  private static final Set<String> SEEDED =
      Set.of("java.util.Random", "java.util.SplittableRandom");

  static final DescribedPredicate<JavaCall<?>> CALL =
      DescribedPredicate.describe(
          "reads a clock, a random number, the environment, or sleeps", Impure::is);

  private Impure() {}

  private static boolean is(JavaCall<?> call) {
    String owner = call.getTargetOwner().getFullName();
    boolean unseeded =
        SEEDED.contains(owner)
            && call.getName().equals("<init>")
            && call.getTarget().getRawParameterTypes().isEmpty();
    return unseeded || RANDOM.contains(owner) || CALLS.contains(owner + "." + call.getName());
  }
}
