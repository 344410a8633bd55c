/** Follows segments in a thread of its own; see `segments.ts`. */
import { followSegment, type Segment } from "./segment.ts";

interface WorkerScope {
  onmessage: ((event: MessageEvent<Segment>) => void) | null;
  postMessage(message: unknown, transfer: Transferable[]): void;
}

const scope = self as unknown as WorkerScope;
scope.onmessage = async ({ data }) => {
  const followed = await followSegment(data);
  scope.postMessage(followed, followed === undefined ? [] : [followed.leaves.buffer]);
};
