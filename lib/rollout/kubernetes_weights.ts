import { z } from "zod";

/** Annotation that holds the newest token taken. */
export const FENCE_ANNOTATION = "release-governance.dev/traffic-fence";

const Metadata = z.looseObject({
  resourceVersion: z.string().min(1),
  generation: z.int().optional(),
  annotations: z.record(z.string(), z.string()).optional(),
});

const BackendRef = z.looseObject({
  name: z.string(),
  weight: z.int().min(0).optional().describe("Proportional; 1 when absent"),
});

/** What is read of an HTTPRoute (Gateway API v1). */
export const HttpRoute = z.looseObject({
  kind: z.literal("HTTPRoute"),
  metadata: Metadata,
  spec: z.looseObject({
    rules: z.array(z.looseObject({ backendRefs: z.array(BackendRef).optional() })),
  }),
  status: z.looseObject({
    parents: z.array(z.looseObject({
      conditions: z.array(z.looseObject({
        type: z.string(),
        status: z.string(),
        observedGeneration: z.int().optional(),
      })).optional(),
    })).optional(),
  }).optional(),
});
/** An HTTPRoute. */
export type HttpRoute = z.output<typeof HttpRoute>;

/** What is read of an Argo Rollout (v1alpha1). */
export const ArgoRollout = z.looseObject({
  kind: z.literal("Rollout"),
  metadata: Metadata,
  status: z.looseObject({
    observedGeneration: z.union([z.string(), z.int()]).optional(),
    canary: z.looseObject({
      weights: z.looseObject({ canary: z.looseObject({ weight: z.int() }) }).optional(),
    }).optional(),
  }).optional(),
});
/** An Argo Rollout. */
export type ArgoRollout = z.output<typeof ArgoRollout>;

/** One operation of a JSON Patch (RFC 6902). */
export interface PatchOperation {
  op: "test" | "replace" | "add";
  path: string;
  value: unknown;
}

/** The newest token an object has taken; 0 before the first. */
export function fenceOf({ annotations = {} }: z.output<typeof Metadata>): number {
  const text = annotations[FENCE_ANNOTATION];
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : 0;
}

const pointer = (key: string): string => key.replaceAll("~", "~0").replaceAll("/", "~1");

/**
 * Refuses the patch if the object has changed since it was read, and writes the token. `add` on a
 * present key replaces it (RFC 6902, section 4.1).
 */
function guarded({ metadata }: { metadata: z.output<typeof Metadata> }, fence: number) {
  const test = { op: "test", path: "/metadata/resourceVersion", value: metadata.resourceVersion };
  const whole = { op: "add", path: "/metadata/annotations", value: {} };
  const one = {
    op: "add",
    path: `/metadata/annotations/${pointer(FENCE_ANNOTATION)}`,
    value: String(fence),
  };
  return [test, ...(metadata.annotations === undefined ? [whole] : []), one] as PatchOperation[];
}

/** Where the two backends stand in a route. */
interface Places {
  canary: { path: string; weight: number };
  stable: { path: string; weight: number };
}

/** Every rule that names both backends. A weight that is absent counts as 1. */
export function routePlaces(route: HttpRoute, canary: string, stable: string): Places[] {
  return route.spec.rules.flatMap(({ backendRefs = [] }, rule) => {
    const place = (name: string): Places["canary"] | undefined => {
      const at = backendRefs.findIndex((ref) => ref.name === name);
      if (at < 0) return undefined;
      const path = `/spec/rules/${rule}/backendRefs/${at}/weight`;
      return { path, weight: backendRefs[at]?.weight ?? 1 };
    };
    const [one, other] = [place(canary), place(stable)];
    return one === undefined || other === undefined ? [] : [{ canary: one, stable: other }];
  });
}

/** Patch that gives both backends their weight in every rule that names them. */
export function routePatch(
  route: HttpRoute,
  { canary, stable, canaryWeight, fence }: {
    canary: string;
    stable: string;
    canaryWeight: number;
    fence: number;
  },
): PatchOperation[] {
  const weights = routePlaces(route, canary, stable).flatMap((places): PatchOperation[] => [
    { op: "add", path: places.canary.path, value: canaryWeight },
    { op: "add", path: places.stable.path, value: 100 - canaryWeight },
  ]);
  return [...guarded(route, fence), ...weights];
}

/**
 * Percent sent to the canary; undefined if the rules differ, or it is no whole percent, or the
 * controller has not yet accepted this generation.
 */
export function routeWeight(route: HttpRoute, canary: string, stable: string): number | undefined {
  const shares = routePlaces(route, canary, stable).map((places) =>
    places.canary.weight * 100 / (places.canary.weight + places.stable.weight)
  );
  const [first] = shares;
  if (first === undefined || !Number.isInteger(first)) return undefined;
  if (shares.some((share) => share !== first)) return undefined;
  const conditions = route.status?.parents?.flatMap((parent) => parent.conditions ?? []) ?? [];
  const accepted = ["Accepted", "ResolvedRefs"].every((type) =>
    conditions.some((condition) => condition.type === type) &&
    conditions.filter((condition) => condition.type === type).every((condition) =>
      condition.status === "True" && condition.observedGeneration === route.metadata.generation
    )
  );
  return accepted ? first : undefined;
}

/**
 * Patch that makes a Rollout stay at one weight: a single step and a pause without end. Argo starts
 * over at step 0 when the steps change.
 */
export function rolloutPatch(
  rollout: ArgoRollout,
  { canaryWeight, fence }: { canaryWeight: number; fence: number },
): PatchOperation[] {
  const value = [{ setWeight: canaryWeight }, { pause: {} }];
  return [...guarded(rollout, fence), { op: "add", path: "/spec/strategy/canary/steps", value }];
}

/** Percent the Rollout reports; undefined before it has seen this generation. */
export function rolloutWeight({ metadata, status }: ArgoRollout): number | undefined {
  const seen = status?.observedGeneration;
  if (seen !== undefined && String(seen) !== String(metadata.generation)) return undefined;
  return status?.canary?.weights?.canary.weight;
}
