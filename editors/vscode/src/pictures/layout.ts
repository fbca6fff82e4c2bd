// Where the boxes of a cascade stand: in columns from left to right, an arrow leading one column further where it can.

export interface Arc {
  readonly source: string;
  readonly target: string;
}

export interface Columns {
  /** The names in each column, from top to bottom. */
  readonly columns: readonly (readonly string[])[];
  /** The arcs that lead back or to their own start, and so close a circle. */
  readonly back: ReadonlySet<Arc>;
}

/** How often columns are put in order by their neighbours. */
const ROUNDS = 4;

/** The columns of the names that arcs join; the others have no place in them. */
export function columnsOf(names: readonly string[], arcs: readonly Arc[]): Columns {
  const joined = new Set(arcs.flatMap(({ source, target }) => [source, target]));
  const drawn = names.filter((name) => joined.has(name));
  const back = backArcs(drawn, arcs);
  const forward = arcs.filter((arc) => !back.has(arc));
  const depth = new Map(drawn.map((name) => [name, 0]));
  // as many rounds as there are names bring the longest way home, and circles are cut
  for (let round = 0; round < drawn.length; round++) {
    for (const { source, target } of forward) {
      depth.set(target, Math.max(depth.get(target) ?? 0, (depth.get(source) ?? 0) + 1));
    }
  }
  const columns: string[][] = [];
  for (const name of drawn) {
    (columns[depth.get(name) ?? 0] ??= []).push(name);
  }
  for (let round = 0; round < ROUNDS; round++) {
    order(columns, forward);
  }
  return { columns, back };
}

/** The arcs that a walk from each name in turn finds to lead back to where it came from. */
function backArcs(names: readonly string[], arcs: readonly Arc[]): Set<Arc> {
  const back = new Set<Arc>();
  const done = new Set<string>();
  const under = new Set<string>();
  const from = new Map<string, Arc[]>();
  for (const arc of arcs) {
    from.set(arc.source, [...(from.get(arc.source) ?? []), arc]);
  }
  const walk = (name: string): void => {
    under.add(name);
    for (const arc of from.get(name) ?? []) {
      if (under.has(arc.target)) {
        back.add(arc);
      } else if (!done.has(arc.target)) {
        walk(arc.target);
      }
    }
    under.delete(name);
    done.add(name);
  };
  for (const name of names) {
    if (!done.has(name)) {
      walk(name);
    }
  }
  return back;
}

/** Put each column in the order of the middle of its neighbours, so that few arrows cross. */
function order(columns: string[][], arcs: readonly Arc[]): void {
  const place = new Map(columns.flatMap((column) => column.map((name, row) => [name, row] as const)));
  for (const column of columns) {
    const wanted = new Map(
      column.map((name) => {
        const near = arcs.flatMap(({ source, target }) => (source === name ? [target] : target === name ? [source] : []));
        const rows = near.map((other) => place.get(other) ?? 0);
        return [name, rows.length > 0 ? rows.reduce((sum, row) => sum + row, 0) / rows.length : 0] as const;
      }),
    );
    column.sort((one, other) => (wanted.get(one) ?? 0) - (wanted.get(other) ?? 0));
    column.forEach((name, row) => place.set(name, row));
  }
}
