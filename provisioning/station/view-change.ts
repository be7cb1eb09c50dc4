import type { SlotView, StationView } from "./view.ts";

type Member = Exclude<keyof StationView, "revision" | "slots">;

/** What is different between two views of one station. Crosses to the browser as JSON. */
export interface ViewChange {
	/** Revision of the view that it changes; it fits no other. */
	readonly since: number;
	readonly revision: number;
	/** Members that are new or different, whole. */
	readonly set: Partial<Pick<StationView, Member>>;
	/** Members that are there no more. */
	readonly unset?: readonly Member[];
	/** Cards that are new or different, whole. */
	readonly slots?: readonly SlotView[];
	/** Numbers of all slots in order, where that list is another one now. */
	readonly order?: readonly number[];
}

/** What turns `before` into `after`. */
export function changeBetween(before: StationView, after: StationView): ViewChange {
	const { revision, slots, ...members } = after;
	const old: Partial<Record<string, unknown>> = { ...before };
	const set = Object.fromEntries(
		Object.entries(members).filter(([name, value]) => value !== undefined && !isSame(old[name], value)),
	);
	const unset = Object.keys(old).filter(
		(name) => name !== "slots" && old[name] !== undefined && Reflect.get(after, name) === undefined,
	);
	const known = new Map(before.slots.map((slot) => [slot.slot, slot]));
	const changed = slots.filter((slot) => !isSame(known.get(slot.slot), slot));
	const order = slots.map(({ slot }) => slot);
	const isSameOrder = isSame(
		before.slots.map(({ slot }) => slot),
		order,
	);
	return {
		since: before.revision,
		revision,
		set,
		...(unset.length === 0 ? {} : { unset: unset as Member[] }), // keys of a StationView but for the two left out
		...(changed.length === 0 ? {} : { slots: changed }),
		...(isSameOrder ? {} : { order }),
	};
}

/** The view after the change, sharing what stayed the same; `undefined` if the change is not one of this view. */
export function applyChange(before: StationView, change: ViewChange): StationView | undefined {
	if (before.revision !== change.since) return undefined;
	const { slots = [], order, unset = [] } = change;
	const view: StationView = { ...before, ...change.set, revision: change.revision };
	for (const name of unset) Reflect.deleteProperty(view, name);
	if (slots.length === 0 && order === undefined) return view;
	const cards = new Map([...before.slots, ...slots].map((slot) => [slot.slot, slot]));
	const numbers = order ?? before.slots.map(({ slot }) => slot);
	return { ...view, slots: numbers.flatMap((number) => cards.get(number) ?? []) };
}

function isSame(one: unknown, other: unknown): boolean {
	return one === other || JSON.stringify(one) === JSON.stringify(other);
}
