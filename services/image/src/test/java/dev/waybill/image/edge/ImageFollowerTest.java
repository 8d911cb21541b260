package dev.waybill.image.edge;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Message;
import dev.waybill.contracts.image.ImageDeleted;
import dev.waybill.contracts.image.ImagePullFailed;
import dev.waybill.contracts.image.ImagePulled;
import dev.waybill.contracts.image.ImageRequested;
import dev.waybill.contracts.image.ImageTagged;
import dev.waybill.contracts.image.PullFailure;
import dev.waybill.contracts.registry.ImageAdmitted;
import dev.waybill.contracts.spec.PullPolicy;
import dev.waybill.contracts.workload.ImageRemovalRequested;
import dev.waybill.eventlog.Event;
import dev.waybill.kernel.Digest;
import dev.waybill.oci.image.Platform;
import dev.waybill.oci.layer.LayerEntry;
import dev.waybill.testkit.image.ImageMaker;
import dev.waybill.testkit.image.LayerCompression;
import dev.waybill.testkit.image.MadeImage;
import dev.waybill.testkit.registry.Fault;
import dev.waybill.testkit.registry.LoopbackRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImageFollowerTest {
  @TempDir Path data;
  private final LoopbackRegistry upstream = LoopbackRegistry.start();
  private final MadeImage image =
      ImageMaker.image()
          .platform(Platform.LINUX_AMD64)
          .layer(LayerCompression.GZIP, LayerEntry.file("a", "x".repeat(10_000)))
          .make();
  private FollowedLog log;

  @BeforeEach
  void start() throws IOException {
    upstream.add("team/app", "v1", image);
    log = new FollowedLog(data);
    log.start();
  }

  @AfterEach
  void stop() {
    log.close();
    upstream.close();
  }

  @Test
  void an_admitted_image_is_pulled_and_the_answer_names_its_cause() {
    Event cause = log.ask(admitted("r1", "v1"));

    List<Event> answers = log.awaitImages(3);

    assertThat(payloads(answers))
        .extracting(Message::getClass)
        .containsExactly(ImageRequested.class, ImageTagged.class, ImagePulled.class);
    ImagePulled pulled = (ImagePulled) payloads(answers).getLast();
    assertThat(pulled.getRequestId()).isEqualTo("r1");
    assertThat(pulled.getReference()).isEqualTo(upstream.host() + "/team/app:v1");
    assertThat(pulled.getDigest()).isEqualTo(image.digest().toString());
    assertThat(pulled.getFetchedBytes()).isPositive().isEqualTo(pulled.getSizeBytes());
    assertThat(answers)
        .allSatisfy(
            event -> {
              assertThat(event.lineage().causationId()).isEqualTo(cause.id());
              assertThat(event.lineage().actor()).isEqualTo("user/tester");
            })
        .extracting(Event::id)
        .doesNotHaveDuplicates();
  }

  @Test
  void a_second_request_for_the_image_is_answered_without_the_registry() {
    log.ask(admitted("r1", "v1"));
    log.awaitImages(3);
    upstream.close();

    log.ask(admitted("r2", "v1"));

    ImagePulled pulled = (ImagePulled) payloads(log.awaitImages(5)).getLast();
    assertThat(pulled.getRequestId()).isEqualTo("r2");
    assertThat(pulled.getFetchedBytes()).isZero();
  }

  @Test
  void one_request_is_answered_once_even_over_a_restart() throws IOException {
    log.ask(admitted("r1", "v1"));
    log.ask(admitted("r1", "v1"));
    log.awaitImages(3);

    log.restart();
    log.ask(admitted("r1", "v1"));
    Files.delete(log.checkpoint());
    log.restart();
    log.ask(admitted("r2", "v1"));

    assertThat(payloads(log.awaitImages(5)))
        .filteredOn(ImagePulled.class::isInstance)
        .extracting(message -> ((ImagePulled) message).getRequestId())
        .containsExactly("r1", "r2");
  }

  @Test
  void a_pull_that_a_restart_interrupts_is_done_after_it() throws Exception {
    Digest blob = image.blobs().lastKey();
    upstream.inject(new Fault.Stalled(blob, 1, 1));
    log.ask(admitted("r1", "v1"));
    assertThat(upstream.awaitRequestWith("blobs/" + blob, Duration.ofSeconds(20))).isTrue();

    log.restart();

    assertThat(payloads(log.awaitImages(3)))
        .as("announced once")
        .extracting(Message::getClass)
        .containsExactly(ImageRequested.class, ImageTagged.class, ImagePulled.class);
  }

  @Test
  void an_image_that_cannot_be_had_is_answered_with_the_reason() {
    log.ask(admitted("r1", "none"));
    ImagePullFailed failed = (ImagePullFailed) payloads(log.awaitImages(2)).getLast();
    assertThat(failed.getFailure()).isEqualTo(PullFailure.PULL_FAILURE_NOT_FOUND);
    assertThat(failed.getMessage()).contains("has no /v2/team/app/manifests/none");

    log.ask(ImageAdmitted.newBuilder().setRequestId("r2").setReference("NOT A NAME").build());
    ImagePullFailed invalid = (ImagePullFailed) payloads(log.awaitImages(3)).getLast();
    assertThat(invalid.getFailure()).isEqualTo(PullFailure.PULL_FAILURE_INVALID);
    assertThat(invalid.getReference()).isEqualTo("NOT A NAME");
  }

  @Test
  void a_removed_image_is_gone_and_what_was_not_here_is_said_to_be_gone_too() {
    log.ask(admitted("r1", "v1"));
    log.awaitImages(3);

    log.ask(ImageRemovalRequested.newBuilder().setReference(name("v1")).build());

    List<Message> said = payloads(log.awaitImages(5));
    assertThat(((ImageDeleted) said.get(3)).getReference())
        .as("its name in our own registry")
        .isEqualTo("mirror/" + upstream.host().replace(':', '_') + "/team/app:v1");
    ImageDeleted deleted = (ImageDeleted) said.getLast();
    assertThat(deleted.getReference()).isEqualTo(name("v1"));
    assertThat(deleted.getDigest()).isEqualTo(image.digest().toString());
    long documents = image.documents().getFirst().content().length;
    long blobs = image.blobs().values().stream().mapToLong(blob -> blob.length).sum();
    assertThat(deleted.getFreedBytes()).isEqualTo(documents + blobs);
    log.ask(ImageRemovalRequested.newBuilder().setReference(name("v1")).build());
    assertThat(((ImageDeleted) payloads(log.awaitImages(6)).getLast()).getDigest()).isEmpty();
  }

  @Test
  void a_push_is_put_on_the_log_with_who_pushed() {
    log.push("web", "v1", image);

    Event tagged = log.awaitImages(1).getFirst();

    assertThat(tagged.lineage().actor()).isEqualTo("user/admin");
    assertThat(tagged.subject()).isEqualTo("image/web:v1");
    assertThat(((ImageTagged) tagged.payload().orElseThrow()).getDigest())
        .isEqualTo(image.digest().toString());
  }

  @Test
  void a_push_that_a_crash_left_unsaid_is_said_at_the_next_start() throws IOException {
    log.pushUnsaid("web", "v1", image);

    log.restart();

    Event tagged = log.awaitImages(1).getFirst();
    assertThat(tagged.subject()).isEqualTo("image/web:v1");
    assertThat(tagged.lineage().actor()).isEqualTo("user/admin");
    log.restart();
    log.push("web", "v2", image);
    assertThat(log.awaitImages(2).getLast().subject()).as("once").isEqualTo("image/web:v2");
  }

  @Test
  void the_checkpoint_skips_what_is_answered() throws IOException {
    log.ask(admitted("r1", "v1"));
    log.awaitImages(3);
    log.restart(); // Waits for the checkpoint of what was under way.

    assertThat(Files.readString(log.checkpoint(), UTF_8)).contains("\"waybill.registry/0\":1");
  }

  private ImageAdmitted admitted(String request, String tag) {
    return ImageAdmitted.newBuilder()
        .setRequestId(request)
        .setReference(name(tag))
        .setPull(PullPolicy.PULL_POLICY_MISSING)
        .build();
  }

  private String name(String tag) {
    return upstream.host() + "/team/app:" + tag;
  }

  private static List<Message> payloads(List<Event> events) {
    return events.stream().map(event -> event.payload().orElseThrow()).toList();
  }
}
