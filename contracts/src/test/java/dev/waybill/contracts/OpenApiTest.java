package dev.waybill.contracts;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The served document against the contracts, and against the routes that the services mount. */
class OpenApiTest {
  private static final Path FILE = Path.of("src/main/resources/dev/waybill/contracts/openapi.yaml");
  private static final Path SERVICES =
      Path.of(System.getProperty("waybill.root", "..")).resolve("services");

  /** Every call that mounts a route of the public API, whatever its receiver is called. */
  private static final Pattern MOUNT =
      Pattern.compile(
          "\\b(get|post|put|patch|delete)\\(\\s*(?:router,\\s*token,\\s*)?\"(/v1/[^\"]+|/openapi\\.yaml)\"");

  @BeforeAll
  static void the_document_says_what_routes_and_contracts_say() {
    Golden.check(FILE, YamlText.of(new OpenApi().document()));
  }

  @Test
  void every_mounted_route_is_in_the_document_and_no_other_is() throws IOException {
    assertThat(documented()).isEqualTo(mounted());
  }

  private static SortedSet<String> documented() {
    var routes = new TreeSet<String>();
    YamlText.read(FILE)
        .get("paths")
        .properties()
        .forEach(
            path ->
                path.getValue()
                    .fieldNames()
                    .forEachRemaining(method -> routes.add(route(method, path.getKey()))));
    return routes;
  }

  private static SortedSet<String> mounted() throws IOException {
    var routes = new TreeSet<String>();
    for (String service : List.of("platform-api", "audit", "registry-sync")) {
      try (Stream<Path> sources = Files.walk(SERVICES.resolve(service).resolve("src/main/java"))) {
        for (Path source : sources.filter(file -> file.toString().endsWith(".java")).toList()) {
          MOUNT
              .matcher(Files.readString(source))
              .results()
              .map(OpenApiTest::route)
              .forEach(routes::add);
        }
      }
    }
    assertThat(routes).as("routes found in the sources").hasSizeGreaterThan(30);
    return routes;
  }

  private static String route(MatchResult call) {
    return route(call.group(1), call.group(2).replaceAll(":(\\w+)", "{$1}"));
  }

  private static String route(String method, String path) {
    return method.toUpperCase(Locale.ROOT) + " " + path;
  }

  @Test
  void every_reference_of_the_document_leads_somewhere() {
    JsonNode document = YamlText.read(FILE);
    var dangling = new ArrayList<String>();
    for (JsonNode reference : document.findValues("$ref")) {
      if (document.at(reference.textValue().substring(1)).isMissingNode()) {
        dangling.add(reference.textValue());
      }
    }
    assertThat(dangling).isEmpty();
  }

  @Test
  void every_part_of_a_path_is_a_parameter_of_its_operations() {
    JsonNode document = YamlText.read(FILE);
    for (var path : document.get("paths").properties()) {
      String wanted =
          Pattern.compile("\\{(\\w+)}")
              .matcher(path.getKey())
              .results()
              .map(part -> part.group(1))
              .collect(Collectors.joining(","));
      for (JsonNode operation : path.getValue()) {
        assertThat(pathParameters(document, operation)).as(path.getKey()).isEqualTo(wanted);
      }
    }
  }

  private static String pathParameters(JsonNode document, JsonNode operation) {
    var names = new ArrayList<String>();
    for (JsonNode reference : operation.path("parameters")) {
      JsonNode parameter = document.at(reference.get("$ref").textValue().substring(1));
      if (parameter.get("in").textValue().equals("path")) {
        names.add(parameter.get("name").textValue());
      }
    }
    return String.join(",", names);
  }
}
