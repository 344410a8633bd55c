/** A fault planted in a copy of the protocol's source. `find` occurs exactly once in `file`. */
export interface PlantedFault {
  claim: string;
  file: string;
  find: string;
  replace: string;
}

/** Faults a hurried change could bring in; the simulator must find each of them. */
export const PLANTED_FAULTS: readonly PlantedFault[] = [
  {
    claim: "traffic is ordered before the audit log knows",
    file: "execute_intent.ts",
    find: "const audit_entry_hash = await recordIntent(ports, prepared);",
    replace: 'const audit_entry_hash = "";',
  },
  {
    claim: "states are not written to disk",
    file: "settle_intent.ts",
    find: "  await ports.journal.replace(next);\n  return next;",
    replace: "  return next;",
  },
  {
    claim: "a cut-off command counts as success",
    file: "order_traffic.ts",
    find: 'if (outcome === "unknown") {',
    replace: "if (false) {",
  },
  {
    claim: "what is served is not read back",
    file: "order_traffic.ts",
    find: "if (!ports.traffic.observes) {",
    replace: "if (true) {",
  },
  {
    claim: "counted responses are ignored",
    file: "compensate_intent.ts",
    find: " && seen.counted?.agrees !== false;",
    replace: ";",
  },
  {
    claim: "the fencing token is not read back",
    file: "compensate_intent.ts",
    find: "(seen.fence === null || seen.fence >= fence)",
    replace: "true",
  },
  {
    claim: "a failed verification is left as it is",
    file: "order_traffic.ts",
    find:
      "return await compensateIntent(ports, intent, why, { believed: saysUnchanged(ports, intent) });",
    replace: "return intent;",
  },
  {
    claim: "the registry is overwritten whatever its revision",
    file: "commit_intent.ts",
    find: "    await ports.registry.commit(expect, ",
    replace: "    const now = await ports.registry.read();\n" +
      "    await ports.registry.commit({ ...expect, sha256: now.sha256,\n" +
      "      revision: now.store.revision ?? 0 }, ",
  },
  {
    claim: "a conflict ends without moving traffic back",
    file: "commit_intent.ts",
    find: '    return await compensateIntent(ports, conflict, "registry_changed_meanwhile");',
    replace: "    return conflict;",
  },
  {
    claim: "a commit that had landed is not recognised",
    file: "commit_intent.ts",
    find: "return store.history.some((row) => row.intent_id === intent.intent_id);",
    replace: "return store.history.length < 0 && intent.fence < 0;",
  },
  {
    claim: "history rows do not name their intent",
    file: "commit_intent.ts",
    find: "const extra = { correlation_id, release_candidate_id, intent_id, audit_entry_hash };",
    replace: "const extra = { correlation_id, release_candidate_id, audit_entry_hash };",
  },
  {
    claim: "compensation returns to the remembered split instead of the registry's",
    file: "compensate_intent.ts",
    find: "splitOf(truth.store)",
    replace: "(splitOf(truth.store), current.before)",
  },
  {
    claim: "compensation carries the fencing token of the order it undoes",
    file: "compensate_intent.ts",
    find: "from: intent.after, fence: intent.fence, onStart",
    replace: "from: intent.after, fence: intent.fence - 1, onStart",
  },
  {
    claim: "compensation believes the adapter",
    file: "compensate_intent.ts",
    find: "  if (!ports.traffic.observes) {\n    return { back:",
    replace: "  if (true) {\n    return { back:",
  },
  {
    claim: "compensation does not look at the registry again",
    file: "compensate_intent.ts",
    find: 'const still = typeof again !== "string" && again.sha256 === truth.sha256;',
    replace: "const still = again !== undefined;",
  },
  {
    claim: "compensation moves nothing",
    file: "compensate_intent.ts",
    find: "traffic.compensates\n",
    replace: "false\n",
  },
  {
    claim: "the dead executor's command is left running",
    file: "recover_intents.ts",
    find: "  if (intent.process !== null) await ports.traffic.end(intent.process);\n",
    replace: "",
  },
  {
    claim: "the running command is not journalled",
    file: "order_traffic.ts",
    find: "onStart: async (process) => await ports.journal.replace({ ...started, process }),",
    replace: "onStart: async () => {},",
  },
  {
    claim: "recovery goes forward whatever is served",
    file: "recover_intents.ts",
    find: 'if (mode !== "back" && shows(seen, intent.after, intent.fence)) {',
    replace: "if (seen !== undefined) {",
  },
  {
    claim: "recovery never goes forward",
    file: "recover_intents.ts",
    find: 'if (mode !== "back" && shows(seen, intent.after, intent.fence)) {',
    replace: "if (seen === undefined) {",
  },
  {
    claim: "recovery takes what was never started for done",
    file: "recover_intents.ts",
    find: '    case "PREPARED":\n',
    replace: '    case "PREPARED":\n      return intent;\n',
  },
  {
    claim: "the outcome is marked as recorded before it is",
    file: "settle_intent.ts",
    find: "  await recordOnce(ports, intent, actions, status);\n" +
      "  const settled = { ...intent, recorded: true, process: null };\n" +
      "  await ports.journal.replace(settled);\n",
    replace: "  const settled = { ...intent, recorded: true, process: null };\n" +
      "  await ports.journal.replace(settled);\n" +
      "  await recordOnce(ports, intent, actions, status);\n",
  },
  {
    claim: "an outcome is recorded without looking whether it is",
    file: "settle_intent.ts",
    find: '  if (await ports.audit.has(intent.intent_id, actions)) return "";\n',
    replace: "",
  },
  {
    claim: "a final state counts as settled before it is on record",
    file: "intent.ts",
    find: "return !FINAL_STATES.includes(intent.state) || !intent.recorded;",
    replace: "return !FINAL_STATES.includes(intent.state);",
  },
  {
    claim: "an intent that needs a person is forgotten",
    file: "intent.ts",
    find: "return !FINAL_STATES.includes(intent.state) || !intent.recorded;",
    replace: 'return intent.state !== "NEEDS_OPERATOR" && !intent.recorded;',
  },
  {
    claim: "a new intent starts below the tokens already used",
    file: "prepare_intent.ts",
    find: "Math.max(await ports.journal.highestFence(), observedFence) + 1",
    replace: "Math.min(await ports.journal.highestFence(), observedFence)",
  },
  {
    claim: "every failure counts as committed",
    file: "settle_intent.ts",
    find: 'const status = intent.state === "COMMITTED" ? "ok" : "failed";',
    replace: 'const status = "ok";',
  },
  {
    claim: "an abort that failed is taken back, to the share that does harm",
    file: "order_traffic.ts",
    find: "isWayBack(started.plan) ? await endWayBack(ports, tried) : await endForward",
    replace: "isWayBack(started.plan) ? await endForward(ports, tried) : await endForward",
  },
  {
    claim: "recovery takes an abort back",
    file: "recover_intents.ts",
    find: 'return mode !== "back" && isWayBack(intent.plan)',
    replace: 'return mode === "back" && isWayBack(intent.plan)',
  },
  {
    claim: "an abort is ordered once only",
    file: "order_traffic.ts",
    find: "orders < MOST_ORDERS",
    replace: "orders < 1",
  },
  {
    claim: "an abort that failed every time is believed",
    file: "order_traffic.ts",
    find: 'if (intent.state === "VERIFIED" || saysUnchanged(ports, intent)) {\n' +
      "    return await endForward(ports, tried);",
    replace: "if (intent.state !== undefined) {\n    return await journalStep(\n" +
      '      ports, await journalStep(ports, intent, "VERIFIED", why), "COMMITTED", why);',
  },
];
