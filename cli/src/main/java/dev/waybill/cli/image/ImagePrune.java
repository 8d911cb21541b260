package dev.waybill.cli.image;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.waybill.cli.CliException;
import dev.waybill.cli.Connection;
import dev.waybill.cli.api.ApiClient;
import dev.waybill.cli.caller.Caller;
import dev.waybill.cli.output.Format;
import dev.waybill.cli.output.Listing;
import dev.waybill.cli.output.OutputOption;
import dev.waybill.kernel.ByteSize;
import java.io.PrintStream;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code waybill image prune}: removes the images that nothing needs. */
@Command(
    name = "prune",
    description = "Removes images without a tag that nothing needs.",
    mixinStandardHelpOptions = true)
final class ImagePrune implements Runnable {
  private static final long WITHIN_MS = 600_000;
  private static final Pattern AGE = Pattern.compile("([0-9]{1,9})([smhd])");

  @Mixin Connection connection = new Connection();
  @Mixin OutputOption output = new OutputOption();

  @Option(names = "--dry-run", description = "Only shows what would go.")
  boolean dryRun;

  @Option(
      names = "--build-cache-older",
      paramLabel = "AGE",
      description = "Removes intermediate images of builds that are older too, for example 24h.")
  @Nullable String buildCacheOlder;

  @Override
  public void run() {
    ApiClient client = connection.client();
    String query = "?dryRun=" + dryRun;
    if (buildCacheOlder != null) {
      query += "&buildCacheOlderMs=" + age(buildCacheOlder).toMillis();
    }
    var nothing = ApiClient.JSON.createObjectNode();
    String request = client.post("/v1/images/prune" + query, nothing).path("requestId").asText();
    JsonNode answer = client.get("/v1/images/prune/" + request + "?timeoutMs=" + WITHIN_MS);
    if (!answer.path("good").asBoolean()) {
      throw CliException.failed("no answer within ten minutes, see 'waybill events'");
    }
    print(parsed(answer.path("text").asText()));
  }

  private void print(JsonNode pruned) {
    PrintStream out = Caller.stdout();
    Listing listing =
        new Listing("digest")
            .column("REPOSITORY", "repository")
            .column("DIGEST", manifest -> manifest.path("digest").asText());
    output.print(listing, pruned.path("manifests"), out);
    if (output.format() == Format.TABLE) {
      out.printf(
          "%s %d blobs, %s%n",
          dryRun ? "would remove" : "removed",
          pruned.path("blobs").asInt(),
          ByteSize.format(pruned.path("freedBytes").asLong()));
    }
  }

  private static JsonNode parsed(String text) {
    try {
      return ApiClient.JSON.readTree(text);
    } catch (JsonProcessingException e) {
      throw CliException.failed("the platform answers what is no JSON, is it of this version?");
    }
  }

  private static Duration age(String text) {
    Matcher matcher = AGE.matcher(text);
    if (!matcher.matches()) {
      throw CliException.usage(
          "age '%s' is none, write for example 30m, 24h or 7d".formatted(text));
    }
    long count = Long.parseLong(matcher.group(1));
    return switch (matcher.group(2)) {
      case "s" -> Duration.ofSeconds(count);
      case "m" -> Duration.ofMinutes(count);
      case "h" -> Duration.ofHours(count);
      default -> Duration.ofDays(count);
    };
  }
}
