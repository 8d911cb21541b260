package dev.waybill.contracts;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.ArrayList;
import org.junit.jupiter.api.Test;

class AsyncApiTest {
  private static final Path FILE =
      Path.of("src/main/resources/dev/waybill/contracts/asyncapi.yaml");

  @Test
  void the_document_says_what_the_contracts_say() {
    Golden.check(FILE, YamlText.of(new AsyncApi().document()));
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
  void every_topic_has_a_writer_and_a_reader_and_every_event_a_sentence() {
    JsonNode document = YamlText.read(FILE);
    for (Topic topic : Topic.values()) {
      assertThat(topic.writers()).isNotBlank();
      assertThat(topic.readers()).isNotBlank();
    }
    document
        .at("/components/messages")
        .forEach(message -> assertThat(message.get("summary").asText()).isNotBlank());
  }
}
