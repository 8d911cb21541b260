package dev.waybill.platformapi.intent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.waybill.contracts.api.SetPolicy;
import dev.waybill.contracts.workload.SyncPolicyDeclared;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a policy may ask of its copies. */
class PolicyIntentsTest {
  @Test
  void platforms_and_a_bandwidth_are_declared_as_they_were_asked_for() {
    SyncPolicyDeclared declared =
        Intents.policy(
            mirror("linux/amd64", "linux/arm64/v8").setBytesPerSecond(10_000_000).build());
    assertThat(declared.getPlatformsList()).containsExactly("linux/amd64", "linux/arm64/v8");
    assertThat(declared.getBytesPerSecond()).isEqualTo(10_000_000);
    assertThat(Intents.policy(mirror("all").build()).getPlatformsList()).containsExactly("all");
  }

  @Test
  void what_makes_no_sense_is_refused_with_what_to_do() {
    assertRefused(mirror("amd64"), "platforms: not a platform");
    assertRefused(mirror("all", "linux/amd64"), "platforms: 'all' with other platforms beside it");
    assertRefused(mirror("linux/amd64").setMirror(false), "set mirror too");
    assertRefused(mirror().setBytesPerSecond(-1), "use 0 for no limit");
    assertRefused(mirror().setMirror(false).setBytesPerSecond(1), "set mirror or pullThrough too");
  }

  @Test
  void a_policy_that_copies_on_demand_may_have_a_cap() {
    SetPolicy through =
        mirror().setMirror(false).setPullThrough(true).setBytesPerSecond(1000).build();
    assertThat(Intents.policy(through).getBytesPerSecond()).isEqualTo(1000);
  }

  private static SetPolicy.Builder mirror(String... platforms) {
    return SetPolicy.newBuilder()
        .setName("web")
        .setUpstream("quay.io/ours/web")
        .setMirror(true)
        .addAllPlatforms(List.of(platforms));
  }

  private static void assertRefused(SetPolicy.Builder policy, String why) {
    assertThatThrownBy(() -> Intents.policy(policy.build())).hasMessageContaining(why);
  }
}
