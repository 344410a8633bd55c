import {
  assertEquals,
  assertInstanceOf,
  AssertionError,
  assertRejects,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";

/** Message of the assertion that `run` fails with. */
function messageOf(run: () => void): string {
  try {
    run();
  } catch (error) {
    if (error instanceof AssertionError) return error.message;
    throw error;
  }
  throw new Error("The assertion holds");
}

/** Message of the assertion that the promise of `run` rejects with. */
async function messageOfRejection(run: () => Promise<unknown>): Promise<string> {
  try {
    await run();
  } catch (error) {
    if (error instanceof AssertionError) return error.message;
    throw error;
  }
  throw new Error("The assertion holds");
}

Deno.test("assertThrows() returns what was thrown, whatever it is", () => {
  const error = new RangeError("out of range");
  const thrown = assertThrows(() => {
    throw error;
  });
  assertStrictEquals(thrown, error);
  assertStrictEquals(
    assertThrows(() => {
      // deno-lint-ignore no-throw-literal
      throw "text";
    }),
    "text",
  );
});

Deno.test("assertThrows() accepts subclasses and part of the message", () => {
  const throwing = (): never => {
    throw new RangeError("value is out of range");
  };
  const error: RangeError = assertThrows(throwing, RangeError, "out of");
  assertEquals(error.message, "value is out of range");
  assertThrows(throwing, Error);
  assertThrows(throwing, Error, "");
});

Deno.test("assertThrows() says what came instead", () => {
  const throwing = (): never => {
    throw new RangeError("here");
  };
  assertEquals(messageOf(() => assertThrows(() => {})), "Expected function to throw.");
  assertEquals(messageOf(() => assertThrows(() => {}, "why")), "Expected function to throw: why");
  assertEquals(
    messageOf(() => assertThrows(throwing, TypeError)),
    'Expected error to be instance of "TypeError", but was "RangeError".',
  );
  assertEquals(
    messageOf(() => assertThrows(throwing, RangeError, "there", "why")),
    'Expected error message to include "there", but got "here": why',
  );
  assertEquals(
    messageOf(() =>
      assertThrows(() => {
        // deno-lint-ignore no-throw-literal
        throw "text";
      }, Error)
    ),
    "A non-Error object was thrown.",
  );
});

Deno.test("assertRejects() returns the reason and accepts subclasses", async () => {
  const reject = (): Promise<never> => Promise.reject(new RangeError("value is out of range"));
  const error: Error = await assertRejects(reject, Error, "out of");
  assertInstanceOf(error, RangeError);
  assertStrictEquals(await assertRejects(() => Promise.reject(5)), 5);
});

Deno.test("assertRejects() says what came instead", async () => {
  const reject = (): Promise<never> => Promise.reject(new RangeError("here"));
  assertEquals(
    await messageOfRejection(() => assertRejects(() => Promise.resolve())),
    "Expected function to reject.",
  );
  assertEquals(
    await messageOfRejection(() =>
      assertRejects(() => {
        throw new Error("too early");
      })
    ),
    "Function throws when expected to reject.",
  );
  assertEquals(
    await messageOfRejection(() => assertRejects(() => 5 as unknown as Promise<void>, "why")),
    "Function throws when expected to reject: why",
  );
  assertEquals(
    await messageOfRejection(() => assertRejects(reject, TypeError)),
    'Expected error to be instance of "TypeError", but was "RangeError".',
  );
  assertEquals(
    await messageOfRejection(() => assertRejects(reject, RangeError, "there")),
    'Expected error message to include "there", but got "here".',
  );
  assertEquals(
    await messageOfRejection(() => assertRejects(() => Promise.reject(5), Error)),
    "A non-Error object was rejected.",
  );
});
