import { BuildError } from "./build-error.ts";

/** A change to quickjs.c: the line as its author wrote it, and as it is compiled here. */
interface Change {
	readonly why: string;
	readonly from: string;
	readonly to: string;
}

/** All that is changed in QuickJS 2025-04-26. */
export const CHANGES: readonly Change[] = [
	{
		why: "no Atomics: the agent has one thread, and they would need pthread",
		from: "\n#define CONFIG_ATOMICS\n",
		to: "\n\n",
	},
	{
		why: "clz(0) is undefined: 2^256-1 had 257 binary digits or more, and no signature was good. Mended upstream in 2025-09-13",
		from: "n_bits = r->len * JS_LIMB_BITS - js_limb_clz(r->tab[r->len - 1]);",
		to: "n_bits = r->len * JS_LIMB_BITS - (r->tab[r->len - 1] ? js_limb_clz(r->tab[r->len - 1]) : JS_LIMB_BITS);",
	},
];

/**
 * The text of quickjs.c with {@link CHANGES} made.
 *
 * @throws {BuildError} if one has no place: another version, where each has to be thought about again.
 */
export function patchedQuickJs(text: string): string {
	return CHANGES.reduce((changed, { why, from, to }) => {
		const parts = changed.split(from);
		if (parts.length !== 2) throw new BuildError(1, `quickjs.c has ${parts.length - 1} places, not one, for a change (${why})`);
		return parts.join(to);
	}, text);
}
