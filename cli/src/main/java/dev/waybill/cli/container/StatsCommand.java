package dev.waybill.cli.container;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.waybill.cli.Connection;
import dev.waybill.cli.api.ApiClient;
import dev.waybill.cli.caller.Caller;
import dev.waybill.cli.output.Listing;
import dev.waybill.cli.output.OutputOption;
import dev.waybill.kernel.ByteSize;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code waybill stats}: what containers use now. */
@Command(
    name = "stats",
    description = "Shows what containers use.",
    mixinStandardHelpOptions = true)
public final class StatsCommand implements Runnable {
  @Mixin Connection connection = new Connection();
  @Mixin OutputOption output = new OutputOption();

  @Parameters(paramLabel = "CONTAINER", description = "All that run where none is named.")
  List<String> containers = new ArrayList<>();

  @Override
  public void run() {
    ApiClient client = connection.client();
    if (containers.isEmpty()) {
      client
          .get("/v1/containers")
          .forEach(
              c -> {
                if (c.path("status").asText().equals("running")) {
                  containers.add(c.path("id").asText());
                }
              });
    }
    ArrayNode rows = ApiClient.JSON.createArrayNode();
    for (String container : containers) {
      JsonNode about = client.get("/v1/containers/" + ApiClient.encode(container));
      ObjectNode row =
          (ObjectNode) client.get("/v1/containers/" + about.path("id").asText() + "/stats");
      row.put("id", about.path("id").asText()).put("name", about.path("name").asText());
      rows.add(row);
    }
    output.print(listing(), rows, Caller.stdout());
  }

  private static Listing listing() {
    return new Listing("name")
        .column("ID", c -> c.path("id").asText().substring(0, 12))
        .column("NAME", "name")
        .column("CPU TIME", c -> "%.2f s".formatted(c.path("cpuUsageNs").asDouble() / 1e9))
        .column("MEMORY", c -> ByteSize.format(c.path("memoryUsageBytes").asLong()))
        .column("LIMIT", c -> limit(c.path("memoryLimitBytes").asLong()))
        .column("PEAK", c -> ByteSize.format(c.path("memoryPeakBytes").asLong()))
        .column("PIDS", "pidsCurrent");
  }

  private static String limit(long bytes) {
    return bytes == 0 ? "none" : ByteSize.format(bytes);
  }
}
