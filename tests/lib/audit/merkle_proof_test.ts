import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  isSubtree,
  proveConsistency,
  proveInclusion,
  rangeRoot,
  verifyConsistency,
  verifyEmptySubtree,
  verifyInclusion,
} from "../../../lib/audit/merkle_proof.ts";
import { EMPTY_ROOT, Frontier, leafHash } from "../../../lib/audit/merkle_tree.ts";
import { vectorsAt } from "./vectors.ts";

const LEAVES = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657"]
  .concat("606162636465666768696a6b6c6d6e6f").map((hex) => leafHash(Uint8Array.fromHex(hex)));
const ROOTS = [
  "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
  "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
  "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
  "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
  "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
  "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
  "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
  "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
  "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
].map((hex) => Uint8Array.fromHex(hex));
const leaf = (index: number) => LEAVES[index]!;

Deno.test("Frontier.root() gives the published root for every prefix of the published leaves", () => {
  const tree = new Frontier();
  assertEquals(tree.root(), ROOTS[0]);
  LEAVES.forEach((hash, i) => {
    tree.push(hash);
    assertEquals(tree.root(), ROOTS[i + 1]);
    assertEquals(rangeRoot(leaf, 0, i + 1), ROOTS[i + 1]);
  });
  assertEquals(EMPTY_ROOT, ROOTS[0]);
});

Deno.test("proveInclusion() and proveConsistency() give the published proofs", () => {
  const hex = (proof: Uint8Array[]) => proof.map((hash) => hash.toHex());
  const ca85 = "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0";
  assertEquals(hex(proveInclusion(leaf, 5, 8)), [
    "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    ca85,
    ROOTS[4]!.toHex(),
  ]);
  assertEquals(hex(proveConsistency(leaf, 6, 8)), [
    "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
    ca85,
    ROOTS[4]!.toHex(),
  ]);
  assertEquals(hex(proveConsistency(leaf, 3, 7)), [
    "0298d122906dcfc10892cb53a73992fc5b9f493ea4c9badb27b791b4127a7fe7",
    "07506a85fd9dd2f120eb694f86011e5bb4662e5c415a62917033d4a9624487e7",
    ROOTS[2]!.toHex(),
    "837dbb152e9b079010717e84e865da4ebc0fa198a806d59d31bf15accef22d0e",
  ]);
});

Deno.test("every proof of every tree up to 40 leaves verifies, and fails for a neighbour", () => {
  const leaves = Array.from({ length: 40 }, (_, i) => leafHash(Uint8Array.of(i)));
  const at = (i: number) => leaves[i]!;
  const roots = Array.from({ length: 41 }, (_, n) => rangeRoot(at, 0, n));
  for (let size = 1; size <= 40; size++) {
    const root = roots[size]!;
    for (let index = 0; index < size; index++) {
      const proof = proveInclusion(at, index, size);
      assert(verifyInclusion({ index, size, leaf: at(index), proof, root }));
      assert(!verifyInclusion({ index: index + 1, size, leaf: at(index), proof, root }));
      const earlierRoot = roots[index + 1]!;
      const history = proveConsistency(at, index + 1, size);
      assert(verifyConsistency({ end: index + 1, size, earlierRoot, root, proof: history }));
      assert(!verifyConsistency({ end: index + 2, size, earlierRoot, root, proof: history }));
    }
  }
});

Deno.test("a saved right edge of the wrong length is refused", () => {
  assertThrows(() => new Frontier(5, [LEAVES[0]!]), RangeError, "1 hashes found, 2 wanted");
  assertThrows(() => new Frontier(-1, []), RangeError);
  assertThrows(() => proveInclusion(leaf, 8, 8), RangeError, "leaf 8");
  assertThrows(() => proveConsistency(leaf, 0, 8), RangeError, "not within 1 and 8");
});

interface MerkleVector {
  wantErr: boolean;
  proof: string[] | null;
  root?: string;
  root1?: string;
  root2?: string;
  leafHash?: string;
  leafIdx?: number;
  treeSize?: number;
  size1?: number;
  size2?: number;
  start?: number;
  end?: number;
  size?: number;
}

/** The judgement of the function a published case speaks about. */
function judge(kind: string, it: MerkleVector): boolean {
  const bytes = (text = "") => Uint8Array.fromBase64(text);
  const proof = (it.proof ?? []).map(bytes);
  const start = it.start ?? 0;
  if (kind.endsWith("inclusion")) {
    const end = it.end ?? it.treeSize!;
    return isSubtree(start, end) && verifyInclusion({
      index: it.leafIdx! - start,
      size: end - start,
      leaf: bytes(it.leafHash),
      proof,
      root: bytes(it.root),
    });
  }
  const end = it.end ?? it.size1!;
  const earlierRoot = bytes(it.root1);
  if (kind === "subtreeconsistency" && start === end) return verifyEmptySubtree(earlierRoot, proof);
  const size = it.size ?? it.size2!;
  return verifyConsistency({ start, end, size, earlierRoot, root: bytes(it.root2), proof });
}

async function* jsonFiles(folder: URL): AsyncGenerator<URL> {
  for await (const entry of Deno.readDir(folder)) {
    if (entry.isDirectory) yield* jsonFiles(new URL(`${entry.name}/`, folder));
    else yield new URL(encodeURIComponent(entry.name), folder);
  }
}

const merkle = vectorsAt("merkle/");
Deno.test({
  name: `all 518 published Merkle proofs are judged as published${merkle.reason}`,
  ignore: !merkle.present,
  async fn() {
    let accepted = 0, rejected = 0;
    for (const kind of ["inclusion", "consistency", "subtreeinclusion", "subtreeconsistency"]) {
      for await (const file of jsonFiles(new URL(`${kind}/`, merkle.url))) {
        const it: MerkleVector = JSON.parse(await Deno.readTextFile(file));
        assertEquals(judge(kind, it), !it.wantErr, file.pathname);
        it.wantErr ? rejected++ : accepted++;
      }
    }
    assertEquals({ accepted, rejected }, { accepted: 36, rejected: 482 });
  },
});
