package dev.waybill.nativerunner.cli;

import dev.waybill.nativerunner.cgroup.CgroupPlan;
import dev.waybill.nativerunner.cgroup.ContainerCgroup;
import dev.waybill.nativerunner.plan.Compiler;
import dev.waybill.nativerunner.plan.HostFacts;
import dev.waybill.nativerunner.spec.Problem;
import dev.waybill.nativerunner.spec.RefusedSpecException;
import dev.waybill.oci.runtime.Resources;
import dev.waybill.oci.runtime.Spec;
import dev.waybill.oci.runtime.SpecCodec;
import dev.waybill.oci.runtime.SpecFormatException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** New limits for a live container: from a document, from single options, or from both. */
final class Update {
  private final Request request;
  private final Resources given;

  private Update(Request request, Resources given) {
    this.request = request;
    this.given = given;
  }

  /** What to write, one a line: path, tab, value. */
  static String lines(Spec spec, Request request, HostFacts facts)
      throws SpecFormatException, RefusedSpecException {
    for (String schema : List.of("l3-cache-schema", "mem-bw-schema")) {
      if (!request.text(schema).isEmpty()) {
        throw new RefusedSpecException(
            "linux.intelRdt", "Intel RDT is not supported; leave --" + schema + " out");
      }
    }
    String json = request.text("resources");
    Resources given =
        json.isEmpty()
            ? Resources.NONE
            : SpecCodec.readResources(json.getBytes(StandardCharsets.UTF_8));
    var cgroup = new ContainerCgroup(Compiler.cgroups(spec, request.text("id"), facts).paths());
    Resources wanted = cgroup.withCurrent(new Update(request, given).merged());
    var refusals = CgroupPlan.of(path(spec, request, facts), wanted, facts.cgroups()).refusals();
    if (!refusals.isEmpty()) {
      throw new RefusedSpecException(refusals);
    }
    Optional<Problem> below = cgroup.belowUsage(wanted);
    if (below.isPresent()) {
      throw new RefusedSpecException(List.of(below.get()));
    }
    List<CgroupPlan.Write> writes = cgroup.updates(wanted);
    return writes.stream()
        .filter(w -> facts.swapAccounting() || !w.path().endsWith("memory.memsw.limit_in_bytes"))
        .map(w -> w.path() + "\t" + w.value())
        .collect(Collectors.joining("\n"));
  }

  private static String path(Spec spec, Request request, HostFacts facts)
      throws RefusedSpecException {
    return Compiler.cgroupPath(spec, request.text("id"), facts);
  }

  private Resources merged() throws RefusedSpecException {
    Long pids = number("pids-limit", given.pids() == null ? null : given.pids().limit());
    Long weight = number("blkio-weight", null);
    Resources.BlockIo io =
        weight == null
            ? given.blockIO()
            : new Resources.BlockIo(
                weight.intValue(), null, List.of(), List.of(), List.of(), List.of(), List.of());
    return new Resources(
        given.devices(),
        memory(),
        cpu(),
        pids == null ? null : new Resources.Pids(pids),
        io,
        given.hugepageLimits(),
        given.unified());
  }

  private Resources.Memory memory() throws RefusedSpecException {
    Resources.Memory m =
        given.memory() == null
            ? new Resources.Memory(null, null, null, null, null, null, null, null, null)
            : given.memory();
    return new Resources.Memory(
        number("memory", m.limit()),
        number("memory-reservation", m.reservation()),
        number("memory-swap", m.swap()),
        m.kernel(),
        number("kernel-memory-tcp", m.kernelTCP()),
        m.swappiness(),
        m.disableOOMKiller(),
        m.useHierarchy(),
        m.checkBeforeUpdate());
  }

  private Resources.Cpu cpu() throws RefusedSpecException {
    Resources.Cpu c =
        given.cpu() == null
            ? new Resources.Cpu(null, null, null, null, null, null, "", "", null)
            : given.cpu();
    return new Resources.Cpu(
        number("cpu-share", c.shares()),
        number("cpu-quota", c.quota()),
        number("cpu-burst", c.burst()),
        number("cpu-period", c.period()),
        number("cpu-rt-runtime", c.realtimeRuntime()),
        number("cpu-rt-period", c.realtimePeriod()),
        request.text("cpuset-cpus").isEmpty() ? c.cpus() : request.text("cpuset-cpus"),
        request.text("cpuset-mems").isEmpty() ? c.mems() : request.text("cpuset-mems"),
        number("cpu-idle", c.idle()));
  }

  /** An option's number, with K, M or G for its powers of 1024; else the document's. */
  private @Nullable Long number(String option, @Nullable Long document)
      throws RefusedSpecException {
    String text = request.text(option).toLowerCase(Locale.ROOT);
    if (text.isEmpty()) {
      return document;
    }
    String digits = text.endsWith("b") ? text.substring(0, text.length() - 1) : text;
    int power = digits.isEmpty() ? -1 : "kmgt".indexOf(digits.charAt(digits.length() - 1)) + 1;
    try {
      String plain = power > 0 ? digits.substring(0, digits.length() - 1) : digits;
      return Long.parseLong(plain) << 10 * Math.max(power, 0);
    } catch (NumberFormatException e) {
      throw new RefusedSpecException("--" + option, "'" + text + "' is not a number");
    }
  }
}
