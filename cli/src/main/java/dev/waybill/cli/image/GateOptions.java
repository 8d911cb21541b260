package dev.waybill.cli.image;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.waybill.cli.CliException;
import dev.waybill.cli.api.ApiClient;
import dev.waybill.cli.caller.Caller;
import dev.waybill.kernel.Durations;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import picocli.CommandLine.Option;

/** What a gate policy asks for, as options. */
final class GateOptions {
  @Option(names = "--namespace", description = "Only for this namespace.")
  String namespace = "";

  @Option(
      names = "--repository",
      paramLabel = "HOST/REPOSITORY[/*]",
      description = "Only for these images; may be repeated.")
  List<String> repositories = List.of();

  @Option(names = "--deny", paramLabel = "DIGEST", description = "Never runs; may be repeated.")
  List<String> denied = List.of();

  @Option(
      names = "--min-age",
      paramLabel = "DURATION",
      description = "Known for as long as that, like 7d.")
  Optional<String> minAge = Optional.empty();

  @Option(
      names = "--age-clock",
      paramLabel = "first-seen|created",
      description =
          "By when the cell first saw it (default), or by what its configuration says of itself.")
  String ageClock = "first-seen";

  @Option(
      names = "--base",
      paramLabel = "HOST/REPOSITORY@DIGEST",
      description = "Built on one of these; may be repeated.")
  List<String> bases = List.of();

  @Option(
      names = "--base-annotation",
      description = "Believe the image's annotation where its layers can't show the base.")
  boolean baseAnnotation;

  @Option(
      names = "--key",
      paramLabel = "FILE",
      description = "Signed with the key whose public half is in FILE; one of several will do.")
  List<String> keys = List.of();

  @Option(
      names = "--keyless",
      paramLabel = "ISSUER=IDENTITY",
      description = "Signed keyless by this identity, in which * stands for anything.")
  List<String> keyless = List.of();

  @Option(
      names = "--notation",
      paramLabel = "FILE",
      description = "Signed with Notation under a root of the certificates in FILE.")
  List<String> notation = List.of();

  @Option(
      names = "--provenance",
      arity = "0..1",
      fallbackValue = "*",
      paramLabel = "BUILDER",
      description = "SLSA provenance by a signer above, where one is given; by this builder.")
  List<String> builders = List.of();

  @Option(
      names = "--sbom",
      description = "A bill of materials in SPDX or CycloneDX, attested by a signer or attached.")
  boolean sbom;

  @Option(
      names = "--scan",
      paramLabel = "SEVERITY",
      description = "A scan that found nothing above: none, low, medium, high, critical.")
  Optional<String> scan = Optional.empty();

  @Option(
      names = "--scan-age",
      paramLabel = "DURATION",
      description = "The scan is no older than that.")
  Optional<String> scanAge = Optional.empty();

  ObjectNode policy() {
    ObjectNode policy = ApiClient.JSON.createObjectNode().put("namespace", namespace);
    repositories.forEach(policy.withArray("/repositories")::add);
    denied.forEach(policy.withArray("/deniedDigests")::add);
    minAge.ifPresent(age -> policy.put("minAgeMs", millis("--min-age", age)));
    policy.put("ageClock", clock());
    bases.forEach(policy.withArray("/baseImages")::add);
    policy.put("baseAnnotation", baseAnnotation);
    ArrayNode signers = signers();
    if (!signers.isEmpty()) {
      policy.withArray("/signatures").addObject().set("signers", signers);
    }
    attestations(policy, signers);
    if (scan.isPresent() || scanAge.isPresent()) {
      ObjectNode rule = policy.putObject("scan");
      rule.put("severityMax", severity(scan.orElse("none")));
      scanAge.ifPresent(age -> rule.put("ageMaxMs", millis("--scan-age", age)));
    }
    return policy;
  }

  private String clock() {
    return switch (ageClock) {
      case "first-seen" -> "AGE_CLOCK_FIRST_SEEN";
      case "created" -> "AGE_CLOCK_CREATED";
      default ->
          throw CliException.usage(
              "--age-clock '%s' is neither first-seen nor created".formatted(ageClock));
    };
  }

  private void attestations(ObjectNode policy, ArrayNode signers) {
    if (!builders.isEmpty()) {
      ObjectNode rule = policy.withArray("/attestations").addObject();
      rule.put("kind", "ATTESTATION_KIND_PROVENANCE");
      builders.stream().filter(b -> !b.equals("*")).forEach(rule.withArray("/builders")::add);
      rule.set("signers", signers.deepCopy());
    }
    if (sbom) {
      // Mostly attached without a signature; a policy by API can ask for one.
      policy.withArray("/attestations").addObject().put("kind", "ATTESTATION_KIND_SBOM");
    }
  }

  private ArrayNode signers() {
    ArrayNode signers = ApiClient.JSON.createArrayNode();
    for (String file : keys) {
      signers.addObject().put("name", name(file)).put("publicKey", text(file));
    }
    for (String file : notation) {
      signers.addObject().put("name", name(file)).put("notationRoots", text(file));
    }
    for (String pair : keyless) {
      int equals = pair.indexOf('=');
      if (equals < 1 || equals == pair.length() - 1) {
        throw CliException.usage(
            "--keyless '%s': write it like https://issuer.example=me@example.com".formatted(pair));
      }
      signers
          .addObject()
          .put("issuer", pair.substring(0, equals))
          .put("identity", pair.substring(equals + 1));
    }
    return signers;
  }

  private static String name(String file) {
    return String.valueOf(Path.of(file).getFileName());
  }

  private static String text(String file) {
    try {
      return Files.readString(Caller.path(file));
    } catch (IOException e) {
      throw CliException.usage("cannot read %s: %s".formatted(file, e.getMessage()));
    }
  }

  private static long millis(String option, String duration) {
    try {
      return Durations.parse(duration).toMillis();
    } catch (IllegalArgumentException e) {
      throw CliException.usage(option + ": " + e.getMessage());
    }
  }

  private static String severity(String word) {
    if (!List.of("none", "low", "medium", "high", "critical").contains(word)) {
      throw CliException.usage(
          "--scan '%s' is none of none, low, medium, high, critical".formatted(word));
    }
    return "SEVERITY_" + word.toUpperCase(Locale.ROOT);
  }
}
