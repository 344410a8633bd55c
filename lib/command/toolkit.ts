import config from "../../deno.json" with { type: "json" };

/** The toolkit's own version, from its `deno.json`. */
export const TOOLKIT_VERSION: string = config.version;
