/** A step from one place to another. */
export interface Edge {
  from: string;
  to: string;
}

/**
 * The way with the fewest steps; among equally short ones, the one whose steps come first in
 * `edges`. Empty when start is goal, undefined when there is none.
 */
export function shortestPath<E extends Edge>(
  edges: readonly E[],
  start: string,
  goal: string,
): E[] | undefined {
  const ways = new Map<string, E[]>([[start, []]]);
  for (const [place, way] of ways) { // a Map is walked in the order of insertion: breadth first
    if (place === goal) return way;
    for (const edge of edges) {
      if (edge.from === place && !ways.has(edge.to)) ways.set(edge.to, [...way, edge]);
    }
  }
  return undefined;
}
