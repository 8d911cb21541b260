package dev.waybill.registrysync;

import dev.waybill.contracts.registry.RegistryLoginStored;
import dev.waybill.registrysync.gate.GateState;
import dev.waybill.registrysync.mirror.MirrorState;
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
 * @param mirror what is known of the mirror beside what it holds
 * @param logins the registries that the platform can log in to, by host and namespace
 */
public record RegistryState(
    TreePMap<String, Policy> policies,
    TreePMap<String, Integer> versions,
    TreePMap<String, Boolean> answered,
    TreePMap<String, MirrorTask> copying,
    TreePMap<String, String> mirrored,
    TreePMap<String, String> syncRequested,
    GateState gate,
    MirrorState mirror,
    TreePMap<String, RegistryLoginStored> logins) {

  /** A cell without policies. */
  public static final RegistryState EMPTY =
      new RegistryState(
          TreePMap.empty(),
          TreePMap.empty(),
          TreePMap.empty(),
          TreePMap.empty(),
          TreePMap.empty(),
          TreePMap.empty(),
          GateState.EMPTY,
          MirrorState.EMPTY,
          TreePMap.empty());

  RegistryState with(Policy policy) {
    return new RegistryState(
        policies.plus(policy.name(), policy),
        versions.plus(policy.name(), policy.set().getVersion()),
        answered,
        copying,
        mirrored,
        syncRequested,
        gate,
        mirror,
        logins);
  }

  RegistryState withoutPolicy(String name) {
    return new RegistryState(
        policies.minus(name),
        versions,
        answered,
        copying,
        mirrored,
        syncRequested.minus(name),
        gate,
        mirror,
        logins);
  }

  RegistryState answered(String requestId, boolean admitted) {
    return new RegistryState(
        policies,
        versions,
        answered.plus(requestId, admitted),
        copying,
        mirrored,
        syncRequested,
        gate,
        mirror,
        logins);
  }

  RegistryState forgetting(String requestId) {
    return new RegistryState(
        policies,
        versions,
        answered.minus(requestId),
        copying,
        mirrored,
        syncRequested,
        gate,
        mirror,
        logins);
  }

  RegistryState copying(String requestId, MirrorTask task) {
    return new RegistryState(
        policies,
        versions,
        answered,
        copying.plus(requestId, task),
        mirrored,
        syncRequested,
        gate,
        mirror,
        logins);
  }

  RegistryState copied(String requestId) {
    return new RegistryState(
        policies,
        versions,
        answered,
        copying.minus(requestId),
        mirrored,
        syncRequested,
        gate,
        mirror,
        logins);
  }

  RegistryState mirrored(String reference, String digest) {
    return new RegistryState(
        policies,
        versions,
        answered,
        copying,
        mirrored.plus(reference, digest),
        syncRequested,
        gate,
        mirror,
        logins);
  }

  RegistryState syncRequested(String policy, String eventId) {
    return new RegistryState(
        policies,
        versions,
        answered,
        copying,
        mirrored,
        syncRequested.plus(policy, eventId),
        gate,
        mirror,
        logins);
  }

  RegistryState with(GateState changed) {
    return new RegistryState(
        policies, versions, answered, copying, mirrored, syncRequested, changed, mirror, logins);
  }

  RegistryState with(MirrorState changed) {
    return new RegistryState(
        policies, versions, answered, copying, mirrored, syncRequested, gate, changed, logins);
  }

  RegistryState withLogins(TreePMap<String, RegistryLoginStored> changed) {
    return new RegistryState(
        policies, versions, answered, copying, mirrored, syncRequested, gate, mirror, changed);
  }

  RegistryState notMirrored(String reference) {
    return new RegistryState(
        policies,
        versions,
        answered,
        copying,
        mirrored.minus(reference),
        syncRequested,
        gate,
        mirror,
        logins);
  }
}
