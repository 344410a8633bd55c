/** Follows segments in a thread of its own; see `segments.ts`. */
import { followSegment, type Segment } from "./segment.ts";
import { shareLanes } from "./sha256_lanes.ts";

interface WorkerScope {
  onmessage: ((event: MessageEvent<Segment | WebAssembly.Module>) => void) | null;
  postMessage(message: unknown, transfer: Transferable[]): void;
}

const scope = self as unknown as WorkerScope;
scope.onmessage = async ({ data }) => {
  if (data instanceof WebAssembly.Module) return shareLanes(data);
  const followed = await followSegment(data);
  scope.postMessage(followed, followed === undefined ? [] : [followed.leaves.buffer]);
};
