/**
 * Works through a list, at most `atOnce` items at a time; the results keep the list's order.
 *
 * After the first failure nothing new is begun, and it is thrown when everything under way has
 * ended: what the work uses may be removed then.
 */
export async function pooled<T, R>(
  items: readonly T[],
  atOnce: number,
  work: (item: T) => Promise<R>,
): Promise<R[]> {
  const results: R[] = new Array(items.length);
  const waiting = items.entries();
  let failed = false;
  const worker = async (): Promise<void> => {
    for (const [at, item] of waiting) {
      if (failed) return;
      try {
        results[at] = await work(item);
      } catch (error) {
        failed = true;
        throw error;
      }
    }
  };
  const workers = Array.from({ length: Math.min(atOnce, items.length) }, worker);
  for (const end of await Promise.allSettled(workers)) {
    if (end.status === "rejected") throw end.reason;
  }
  return results;
}
