package dev.waybill.cli.image;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.waybill.cli.CliException;
import dev.waybill.cli.Connection;
import dev.waybill.cli.api.ApiClient;
import dev.waybill.cli.caller.Caller;
import dev.waybill.cli.output.Listing;
import dev.waybill.cli.output.OutputOption;
import dev.waybill.kernel.ByteSize;
import dev.waybill.kernel.Durations;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code waybill registry policy} */
@Command(
    name = "policy",
    description = "Policies.",
    mixinStandardHelpOptions = true,
    subcommands = {PolicyCommand.Ls.class, PolicyCommand.Set.class, PolicyCommand.Remove.class})
public final class PolicyCommand implements Runnable {
  @Spec CommandSpec spec;

  @Override
  public void run() {
    throw new CommandLine.ParameterException(spec.commandLine(), "say which: ls, set, rm");
  }

  /** {@code waybill registry policy ls} */
  @Command(name = "ls", description = "Lists policies.", mixinStandardHelpOptions = true)
  public static final class Ls implements Runnable {
    @Mixin Connection connection = new Connection();
    @Mixin OutputOption output = new OutputOption();

    @Override
    public void run() {
      Listing listing =
          new Listing("name")
              .column("NAME", "name")
              .column("VERSION", "version")
              .column("UPSTREAM", "upstream")
              .column("TAGS", Ls::tags)
              .column("MODE", Ls::mode)
              .column("PLATFORMS", Ls::platforms)
              .column("INTERVAL", p -> p.path("intervalMs").asLong() / 1000 + " s")
              .column("NAMESPACE", p -> namespace(p.path("namespace").asText()))
              .column("STATE", p -> p.path("status").path("state").asText());
      output.print(listing, connection.client().get("/v1/policies"), Caller.stdout());
    }

    private static String tags(JsonNode policy) {
      var parts = new ArrayList<String>();
      String glob = policy.path("tags").asText();
      JsonNode filter = policy.path("filter");
      if (!glob.isEmpty()) {
        parts.add(glob);
      }
      if (!filter.path("regex").asText().isEmpty()) {
        parts.add("/" + filter.path("regex").asText() + "/");
      }
      if (!filter.path("semver").asText().isEmpty()) {
        parts.add(filter.path("semver").asText());
      }
      if (filter.path("latest").asLong() > 0) {
        parts.add("latest " + filter.path("latest").asLong());
      }
      return parts.isEmpty() ? "*" : String.join(" & ", parts);
    }

    /** What of an index is copied; other manifests of it are answered 404. */
    private static String platforms(JsonNode policy) {
      var named = new ArrayList<String>();
      policy.path("platforms").forEach(platform -> named.add(platform.asText()));
      if (!policy.path("mirror").asBoolean()) {
        return "";
      }
      return named.isEmpty() ? "own" : String.join(",", named);
    }

    private static String mode(JsonNode policy) {
      if (policy.path("pullThrough").asBoolean()) {
        return "pull-through";
      }
      return policy.path("mirror").asBoolean() ? "mirror" : "allow";
    }

    private static String namespace(String name) {
      return name.isEmpty() ? "all" : name;
    }
  }

  /** {@code waybill registry policy set} */
  @Command(name = "set", description = "Sets a policy.", mixinStandardHelpOptions = true)
  public static final class Set implements Runnable {
    @Mixin Connection connection = new Connection();

    @Parameters(paramLabel = "NAME", index = "0")
    String name = "";

    @Parameters(
        paramLabel = "UPSTREAM",
        index = "1",
        arity = "0..1",
        description = "HOST/REPOSITORY, or HOST/PREFIX/* for all below.")
    String place = "";

    @Option(
        names = "--upstream",
        paramLabel = "HOST/REPOSITORY[/*]",
        description = "The same as UPSTREAM.")
    String upstream = "";

    @Option(names = "--tags", paramLabel = "GLOB", description = "Tags (default: all).")
    String tags = "";

    @Option(
        names = "--regex",
        paramLabel = "EXPRESSION",
        description = "Tags that this describes as a whole, in RE2's syntax.")
    String regex = "";

    @Option(
        names = "--semver",
        paramLabel = "RANGE",
        description = "Tags that are versions in '>=1.2 <2', '^1.2', '~1.2.3', '1.x', 'A || B'.")
    String semver = "";

    @Option(
        names = "--latest",
        paramLabel = "N",
        description = "Mirror the newest N of those: versions from high to low, then other names.")
    int latest;

    @Option(
        names = "--older-than",
        paramLabel = "DURATION",
        description = "Mirror what has been known here for so long, like 7d.")
    String olderThan = "0s";

    @Option(names = "--mirror", description = "Copy what matches.")
    boolean mirror;

    @Option(
        names = "--pull-through",
        description = "Copy what somebody asks for, when they ask, with its signatures.")
    boolean pullThrough;

    @Option(names = "--prune", description = "Take tags out that no longer match.")
    boolean prune;

    @Option(
        names = "--prune-grace",
        paramLabel = "DURATION",
        defaultValue = "24h",
        description = "How long a tag must not match before it goes (default: ${DEFAULT-VALUE}).")
    String pruneGrace = "24h";

    @Option(
        names = "--platforms",
        paramLabel = "PLATFORM",
        split = ",",
        description =
            "Copy these platforms of an index, like linux/amd64,linux/arm64/v8, or all (default: the"
                + " image service's own). The index stays as it is; of platforms that are not copied"
                + " the registry answers 404.")
    List<String> platforms = List.of();

    @Option(
        names = "--bandwidth",
        paramLabel = "BYTES/s",
        description = "Fetch no faster than this, over all copies of the policy, like 10MB/s.")
    String bandwidth = "";

    @Option(names = "--interval", paramLabel = "DURATION", description = "Between looks, like 10m.")
    String interval = "0s";

    @Option(names = "--namespace", description = "Only for this namespace.")
    String namespace = "";

    @Override
    public void run() {
      if (upstream.isEmpty() == place.isEmpty()) {
        throw CliException.usage(
            "name one upstream: waybill registry policy set NAME HOST/REPOSITORY");
      }
      ObjectNode body = ApiClient.JSON.createObjectNode();
      body.put("name", name).put("upstream", place.isEmpty() ? upstream : place);
      body.put("tags", tags).put("mirror", mirror).put("namespace", namespace);
      body.put("intervalMs", millis("--interval", interval));
      body.put("pullThrough", pullThrough).put("prune", prune);
      if (prune) {
        body.put("pruneGraceMs", millis("--prune-grace", pruneGrace));
      }
      if (latest < 0) {
        throw CliException.usage("--latest: " + latest + " must be 1 or more");
      }
      ObjectNode filter = body.putObject("filter");
      filter.put("regex", regex).put("semver", semver).put("latest", latest);
      filter.put("olderThanMs", millis("--older-than", olderThan));
      platforms.forEach(body.putArray("platforms")::add);
      body.put("bytesPerSecond", bytesPerSecond(bandwidth));
      connection.client().post("/v1/policies", body);
      boolean isSparse = !platforms.isEmpty() && !platforms.equals(List.of("all"));
      Caller.stdout()
          .println(
              "policy "
                  + name
                  + " set"
                  + (isSparse ? "; for other platforms of an index the mirror answers 404" : ""));
    }

    private static long bytesPerSecond(String text) {
      if (text.isEmpty()) {
        return 0;
      }
      try {
        long bytes =
            ByteSize.parse(text.endsWith("/s") ? text.substring(0, text.length() - 2) : text);
        if (bytes > 0) {
          return bytes;
        }
      } catch (IllegalArgumentException e) {
        throw CliException.usage("--bandwidth: " + e.getMessage());
      }
      throw CliException.usage("--bandwidth: " + text + " must be 1 byte/s or more");
    }

    private static long millis(String option, String text) {
      try {
        return Durations.parse(text).toMillis();
      } catch (IllegalArgumentException e) {
        throw CliException.usage(option + ": " + e.getMessage());
      }
    }
  }

  /** {@code waybill registry policy rm} */
  @Command(name = "rm", description = "Takes policies back.", mixinStandardHelpOptions = true)
  public static final class Remove implements Runnable {
    @Mixin Connection connection = new Connection();

    @Parameters(paramLabel = "NAME", arity = "1..*")
    List<String> names = List.of();

    @Override
    public void run() {
      ApiClient client = connection.client();
      for (String name : names) {
        client.delete("/v1/policies/" + ApiClient.encode(name));
        Caller.stdout().println("policy " + name + " removed");
      }
    }
  }
}
