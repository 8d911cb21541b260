package dev.waybill.nativerunner.cgroup;

import dev.waybill.nativerunner.spec.Problem;
import dev.waybill.oci.runtime.Resources;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Memory: limit, reservation, swap, and what the kernel does when it is short. */
record MemoryController() implements Controller {
  @Override
  public List<String> namesV1() {
    return List.of("memory");
  }

  @Override
  public String nameV2() {
    return "memory";
  }

  @Override
  public List<Setting> v1(Resources resources) {
    Resources.Memory memory = resources.memory();
    List<Setting> settings = new ArrayList<>();
    if (memory == null) {
      return settings;
    }
    add(settings, "memory.limit_in_bytes", memory.limit(), "memory.limit");
    // After the limit: memory and swap together cannot be below it.
    add(settings, "memory.memsw.limit_in_bytes", memory.swap(), "memory.swap");
    add(settings, "memory.soft_limit_in_bytes", memory.reservation(), "memory.reservation");
    add(settings, "memory.kmem.tcp.limit_in_bytes", memory.kernelTCP(), "memory.kernelTCP");
    add(settings, "memory.swappiness", memory.swappiness(), "memory.swappiness");
    if (Boolean.TRUE.equals(memory.disableOOMKiller())) {
      settings.add(Setting.of("memory.oom_control", 1, "memory.disableOOMKiller"));
    }
    return settings;
  }

  private static void add(
      List<Setting> settings, String file, @Nullable Long value, String member) {
    if (value != null && value != 0) {
      settings.add(Setting.of(file, value, member));
    }
  }

  @Override
  public List<Setting> v2(Resources resources) {
    Resources.Memory memory = resources.memory();
    List<Setting> settings = new ArrayList<>();
    if (memory == null) {
      return settings;
    }
    Long limit = memory.limit();
    if (limit != null && limit != 0) {
      settings.add(Setting.of("memory.max", orMax(limit), "memory.limit"));
    }
    Long swap = memory.swap();
    if (swap != null && swap != 0) {
      // Version 2 counts swap alone, config.json counts it with the memory.
      long alone = swap < 0 ? -1 : Math.max(0, swap - (limit == null ? 0 : limit));
      settings.add(Setting.of("memory.swap.max", orMax(alone), "memory.swap"));
    }
    if (memory.reservation() != null && memory.reservation() != 0) {
      settings.add(Setting.of("memory.low", orMax(memory.reservation()), "memory.reservation"));
    }
    return settings;
  }

  /**
   * Why memory and swap together cannot be limited so. Version 1's kernel refuses the same by
   * itself.
   */
  static Optional<Problem> refused(Resources resources) {
    Resources.Memory memory = resources.memory();
    Long swap = memory == null ? null : memory.swap();
    if (memory == null || swap == null || swap <= 0) {
      return Optional.empty();
    }
    Long limit = memory.limit();
    String member = "linux.resources.memory.swap";
    if (limit == null || limit <= 0) {
      return Optional.of(new Problem(member, "needs memory.limit, which it includes"));
    }
    return swap >= limit
        ? Optional.empty()
        : Optional.of(
            new Problem(
                member, "%d bytes are less than memory.limit, which it includes".formatted(swap)));
  }

  private static String orMax(long value) {
    return value < 0 ? "max" : Long.toString(value);
  }
}
