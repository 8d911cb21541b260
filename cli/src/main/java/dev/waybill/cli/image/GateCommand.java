package dev.waybill.cli.image;

import com.fasterxml.jackson.databind.JsonNode;
import dev.waybill.cli.Connection;
import dev.waybill.cli.api.ApiClient;
import dev.waybill.cli.caller.Caller;
import dev.waybill.cli.output.Listing;
import dev.waybill.cli.output.OutputOption;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code waybill registry gate} */
@Command(
    name = "gate",
    description = "What images must prove before they run.",
    mixinStandardHelpOptions = true,
    subcommands = {GateCommand.Ls.class, GateCommand.Set.class, GateCommand.Remove.class})
public final class GateCommand implements Runnable {
  @Spec CommandSpec spec;

  @Override
  public void run() {
    throw new CommandLine.ParameterException(spec.commandLine(), "say which: ls, set, rm");
  }

  /** {@code waybill registry gate ls} */
  @Command(name = "ls", description = "Lists gate policies.", mixinStandardHelpOptions = true)
  public static final class Ls implements Runnable {
    @Mixin Connection connection = new Connection();
    @Mixin OutputOption output = new OutputOption();

    @Override
    public void run() {
      Listing listing =
          new Listing("name")
              .column("NAME", "name")
              .column("VERSION", "version")
              .column("NAMESPACE", g -> all(g.path("policy").path("namespace").asText()))
              .column("REPOSITORIES", g -> all(words(g.path("policy").path("repositories"))))
              .column("ASKS FOR", g -> asks(g.path("policy")));
      output.print(listing, connection.client().get("/v1/gates"), Caller.stdout());
    }

    private static String all(String text) {
      return text.isEmpty() ? "all" : text;
    }

    private static String words(JsonNode list) {
      var words = new ArrayList<String>();
      list.forEach(word -> words.add(word.asText()));
      return String.join(",", words);
    }

    private static String asks(JsonNode policy) {
      var asks = new ArrayList<String>();
      if (!policy.path("deniedDigests").isEmpty()) {
        asks.add("not denied");
      }
      if (policy.hasNonNull("minAgeMs")) {
        asks.add("age");
      }
      if (!policy.path("baseImages").isEmpty()) {
        asks.add("base image");
      }
      policy.path("signatures").forEach(_ -> asks.add("signature"));
      policy
          .path("attestations")
          .forEach(
              a ->
                  asks.add(
                      switch (a.path("kind").asText()) {
                        case "ATTESTATION_KIND_PROVENANCE" -> "provenance";
                        case "ATTESTATION_KIND_SBOM" -> "sbom";
                        default -> a.path("predicateType").asText();
                      }));
      if (policy.has("scan")) {
        asks.add("scan");
      }
      return String.join(", ", asks);
    }
  }

  /** {@code waybill registry gate set} */
  @Command(
      name = "set",
      description = "Sets what images must prove; everything that is given must hold.",
      mixinStandardHelpOptions = true)
  public static final class Set implements Runnable {
    @Mixin Connection connection = new Connection();

    @Parameters(paramLabel = "NAME")
    String name = "";

    @ArgGroup(validate = false, heading = "What is asked for:%n")
    GateOptions options = new GateOptions();

    @Override
    public void run() {
      var body = ApiClient.JSON.createObjectNode().put("name", name);
      body.set("policy", options.policy());
      connection.client().post("/v1/gates", body);
      Caller.stdout().println("gate " + name + " set");
    }
  }

  /** {@code waybill registry gate rm} */
  @Command(name = "rm", description = "Takes gate policies back.", mixinStandardHelpOptions = true)
  public static final class Remove implements Runnable {
    @Mixin Connection connection = new Connection();

    @Parameters(paramLabel = "NAME", arity = "1..*")
    List<String> names = List.of();

    @Override
    public void run() {
      ApiClient client = connection.client();
      for (String name : names) {
        client.delete("/v1/gates/" + ApiClient.encode(name));
        Caller.stdout().println("gate " + name + " removed");
      }
    }
  }
}
