import { useCallback, useEffect, useRef, useState } from "react";

/** What was loaded, what went wrong, and whether something is under way. The old value stands until the new one is there. */
export interface Loaded<Value> {
	readonly value: Value | undefined;
	readonly problem: unknown;
	readonly isLoading: boolean;
	/** Loads again. */
	readonly again: () => void;
	/** A newer value that came some other way. */
	readonly put: (value: Value) => void;
}

/** Loads when the key changes; an answer to an older question is dropped. */
export function useLoad<Value>(key: string, load: () => Promise<Value>): Loaded<Value> {
	const [state, setState] = useState<{ key: string; value?: Value; problem?: unknown; isLoading: boolean }>({
		key,
		isLoading: true,
	});
	const [turn, setTurn] = useState(0);
	const asked = useRef(0);
	const loader = useRef(load);
	loader.current = load;
	// biome-ignore lint/correctness/useExhaustiveDependencies: `turn` asks anew
	useEffect(() => {
		asked.current += 1;
		const mine = asked.current;
		setState((before) => ({
			key,
			...(before.key === key && before.value !== undefined ? { value: before.value } : {}),
			isLoading: true,
		}));
		loader.current().then(
			(value) => mine === asked.current && setState({ key, value, isLoading: false }),
			(problem: unknown) => mine === asked.current && setState((before) => ({ ...before, key, problem, isLoading: false })),
		);
	}, [key, turn]);
	const again = useCallback(() => setTurn((before) => before + 1), []);
	const put = useCallback((value: Value) => {
		asked.current += 1; // whatever is under way is older
		setState((before) => ({ key: before.key, value, isLoading: false }));
	}, []);
	const isCurrent = state.key === key;
	return {
		value: isCurrent ? state.value : undefined,
		problem: isCurrent ? state.problem : undefined,
		isLoading: !isCurrent || state.isLoading,
		again,
		put,
	};
}
