package dev.waybill.scheduling.placement;

import dev.waybill.contracts.spec.Resources;

/**
 * What a node has, and what of it is promised.
 *
 * @param nodeId the node
 * @param open it takes new containers
 * @param alive it is heard of
 * @param architecture in OCI's words
 * @param capacity all of it
 * @param promised sum over the containers on it
 * @param replicasOfSame containers of the same workload on it
 * @param prefetching it was told to fetch the image while that arrived
 */
public record Room(
    String nodeId,
    boolean open,
    boolean alive,
    String architecture,
    Resources capacity,
    Resources promised,
    int replicasOfSame,
    boolean prefetching) {}
