package dev.waybill.platformapi.intent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class PushNotificationTest {
  private static final String PUSH =
      """
      {"events": [
        {"action": "pull", "target": {"repository": "ours/api", "tag": "1"}},
        {"action": "push", "target": {"repository": "ours/web", "tag": "2"}, "request": {"host": "reg:5000"}}]}
      """;

  @Test
  void a_push_to_the_repository_concerns_whatever_the_registry_calls_itself() {
    assertThat(PushNotification.concerns(PUSH, "registry.example/ours/web")).isTrue();
  }

  @Test
  void a_pull_and_another_repository_do_not() {
    assertThat(PushNotification.concerns(PUSH, "registry.example/ours/api")).isFalse();
    assertThat(PushNotification.concerns(PUSH, "registry.example/web")).isFalse();
  }

  @Test
  void what_is_no_notification_is_refused() {
    assertThatThrownBy(() -> PushNotification.concerns("push!", "a.example/b"))
        .isInstanceOf(Problem.Raised.class);
    assertThatThrownBy(() -> PushNotification.concerns("{}", "a.example/b"))
        .isInstanceOf(Problem.Raised.class);
  }
}
