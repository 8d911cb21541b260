package dev.waybill.registrysync;

import dev.waybill.registrysync.gate.GateState;
import dev.waybill.registrysync.mirror.MirrorTask;
import dev.waybill.registrysync.policy.Policy;
import org.pcollections.TreePMap;

/**
 * All that registry-sync knows of a cell.
 *
 * @param policies in force, by name
 * @param versions the newest version of each policy there ever was, by name
 * @param answered verdicts by image request id: one request gets one verdict
 * @param copying mirror tasks under way, by image request id
 * @param mirrored digest of each reference that is in the platform's registry
 * @param syncRequested the newest wish for a look at a policy's upstream: its event, by policy name
 * @param gate what the gate knows of digests
 */
public record RegistryState(
    TreePMap<String, Policy> policies,
    TreePMap<String, Integer> versions,
    TreePMap<String, Boolean> answered,
    TreePMap<String, MirrorTask> copying,
    TreePMap<String, String> mirrored,
    TreePMap<String, String> syncRequested,
    GateState gate) {

  /** A cell without policies. */
  public static final RegistryState EMPTY =
      new RegistryState(
          TreePMap.empty(),
          TreePMap.empty(),
          TreePMap.empty(),
          TreePMap.empty(),
          TreePMap.empty(),
          TreePMap.empty(),
          GateState.EMPTY);

  RegistryState with(Policy policy) {
    return new RegistryState(
        policies.plus(policy.name(), policy),
        versions.plus(policy.name(), policy.set().getVersion()),
        answered,
        copying,
        mirrored,
        syncRequested,
        gate);
  }

  RegistryState withoutPolicy(String name) {
    return new RegistryState(
        policies.minus(name),
        versions,
        answered,
        copying,
        mirrored,
        syncRequested.minus(name),
        gate);
  }

  RegistryState answered(String requestId, boolean admitted) {
    return new RegistryState(
        policies,
        versions,
        answered.plus(requestId, admitted),
        copying,
        mirrored,
        syncRequested,
        gate);
  }

  RegistryState forgetting(String requestId) {
    return new RegistryState(
        policies, versions, answered.minus(requestId), copying, mirrored, syncRequested, gate);
  }

  RegistryState copying(String requestId, MirrorTask task) {
    return new RegistryState(
        policies, versions, answered, copying.plus(requestId, task), mirrored, syncRequested, gate);
  }

  RegistryState copied(String requestId) {
    return new RegistryState(
        policies, versions, answered, copying.minus(requestId), mirrored, syncRequested, gate);
  }

  RegistryState mirrored(String reference, String digest) {
    return new RegistryState(
        policies,
        versions,
        answered,
        copying,
        mirrored.plus(reference, digest),
        syncRequested,
        gate);
  }

  RegistryState syncRequested(String policy, String eventId) {
    return new RegistryState(
        policies, versions, answered, copying, mirrored, syncRequested.plus(policy, eventId), gate);
  }

  RegistryState with(GateState changed) {
    return new RegistryState(
        policies, versions, answered, copying, mirrored, syncRequested, changed);
  }
}
