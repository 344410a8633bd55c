import type { Word } from "./shell_words.ts";
import {
  type CommandReading,
  fileClaim,
  isFixed,
  scriptClaim,
  splitOptions,
} from "./runner_claim.ts";

/** `python`, `python3.12`, `py`, `.venv/bin/python`, `.\.venv\Scripts\python.exe`. */
export const PYTHON = /^(?:(?:.*[\\/])?python(?:\d(?:\.\d+)*)?(?:\.exe)?|py(?:\.exe)?|pypy3?)$/i;

/** Reads a Python command: a script, or a module under `-m`. */
export function readPython(_name: string, args: readonly Word[], folder: string): CommandReading {
  const module = args.findIndex((word) => word.text === "-m");
  const { first } = splitOptions(args, (flag) => flag === "-X" || flag === "-W");
  if (args.slice(0, first).some((word) => word.text === "-c")) {
    return { runner: "python", claims: [] };
  }
  if (module >= 0 && module < first) {
    const word = args[module + 1];
    if (!isFixed(word)) return { runner: "python", claims: [] };
    const rest = args.slice(module + 2);
    if (word.text === "pip") return { ...readPip("pip", rest, folder), target: "pip" };
    if (word.text === "pytest" || word.text === "unittest") {
      return readPytest(word.text, rest, folder);
    }
    const claim = { kind: "module", name: word.text, word, args: rest, folder } as const;
    return { runner: "python", target: word.text, claims: [claim] };
  }
  const main = args[first];
  if (main === undefined) return { runner: "python", claims: [] };
  return {
    runner: "python",
    target: main.text,
    claims: scriptClaim(main, args.slice(first + 1), folder),
  };
}

/** Reads `pip install -r FILE`. */
export function readPip(name: string, args: readonly Word[], folder: string): CommandReading {
  const claims = args.flatMap((word, i) =>
    /^(?:-r|-c|--requirement|--constraint)$/.test(word.text) ? fileClaim(args[i + 1], folder) : []
  );
  return { runner: name, claims };
}

/** Reads `pytest PATH::test`. */
export function readPytest(name: string, args: readonly Word[], folder: string): CommandReading {
  const { operands } = splitOptions(
    args,
    (flag) => /^-[kmpncoW]$|^--(?:cov-report|maxfail)$/.test(flag),
  );
  const claims = operands.filter((word) => /[/.]/.test(word.text)).flatMap((word) =>
    fileClaim({ ...word, text: word.text.replace(/::.*$/, "") }, folder)
  );
  return { runner: name, claims };
}
