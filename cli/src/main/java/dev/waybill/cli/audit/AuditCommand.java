package dev.waybill.cli.audit;

import com.fasterxml.jackson.databind.JsonNode;
import dev.waybill.cli.Connection;
import dev.waybill.cli.api.ApiClient;
import dev.waybill.cli.api.Moment;
import dev.waybill.cli.caller.Caller;
import dev.waybill.cli.output.Format;
import dev.waybill.cli.output.Listing;
import dev.waybill.cli.output.OutputOption;
import java.time.InstantSource;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code waybill audit} */
@Command(
    name = "audit",
    description = "What happened, why, and how it was.",
    mixinStandardHelpOptions = true,
    subcommands = {AuditCommand.Timeline.class, AuditCommand.Why.class, AuditCommand.State.class})
public final class AuditCommand implements Runnable {
  @Spec CommandSpec spec;

  @Override
  public void run() {
    throw new CommandLine.ParameterException(spec.commandLine(), "say which: timeline, why, state");
  }

  private static void print(OutputOption output, JsonNode events) {
    if (output.format() == Format.JSON) {
      Caller.stdout().println(Listing.json(events));
    } else {
      events.forEach(event -> Caller.stdout().println(EventLine.of(event)));
    }
  }

  /** {@code waybill audit timeline SUBJECT} */
  @Command(
      name = "timeline",
      description = "What happened to something, in order.",
      mixinStandardHelpOptions = true)
  public static final class Timeline implements Runnable {
    @Mixin Connection connection = new Connection();
    @Mixin OutputOption output = new OutputOption();

    @Parameters(paramLabel = "SUBJECT", description = "Like container/NAME or workload/web.")
    String subject = "";

    @Override
    public void run() {
      print(
          output,
          connection.client().get("/v1/audit/timeline?subject=" + ApiClient.encode(subject)));
    }
  }

  /** {@code waybill audit why SUBJECT} */
  @Command(
      name = "why",
      description = "The chain of causes back to the request.",
      mixinStandardHelpOptions = true)
  public static final class Why implements Runnable {
    @Mixin Connection connection = new Connection();
    @Mixin OutputOption output = new OutputOption();

    @Parameters(paramLabel = "SUBJECT", description = "Like container/NAME or workload/web.")
    String subject = "";

    @Override
    public void run() {
      JsonNode chain =
          connection.client().get("/v1/audit/why?subject=" + ApiClient.encode(subject));
      print(output, chain);
      JsonNode first = chain.path(0);
      if (output.format() == Format.TABLE && !first.isMissingNode()) {
        Caller.stdout()
            .printf(
                "asked by %s, request %s, trace %s%n",
                first.path("actor").asText(),
                first.path("correlationid").asText(),
                trace(first.path("traceparent").asText()));
      }
    }

    private static String trace(String traceparent) {
      return traceparent.length() == 55 ? traceparent.substring(3, 35) : "none";
    }
  }

  /** {@code waybill audit state --at T} */
  @Command(name = "state", description = "The fleet as it was.", mixinStandardHelpOptions = true)
  public static final class State implements Runnable {
    @Mixin Connection connection = new Connection();
    @Mixin OutputOption output = new OutputOption();

    @Option(names = "--at", required = true, paramLabel = "T", description = "A time, or 10m.")
    String at = "";

    @Parameters(
        paramLabel = "KIND",
        arity = "0..1",
        description = "containers, workloads or nodes.")
    String kind = "containers";

    @Override
    public void run() {
      JsonNode state =
          connection
              .client()
              .get(
                  "/v1/audit/state?kind=%s&at=%s"
                      .formatted(ApiClient.encode(kind), Moment.parse(at, InstantSource.system())));
      Listing listing =
          new Listing("name")
              .column("NAME", "name")
              .column("STATUS", "status")
              .column("IMAGE", "image")
              .column("NODE", "node")
              .column("ADDRESS", "address");
      output.print(listing, state, Caller.stdout());
    }
  }
}
