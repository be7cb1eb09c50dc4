import { createContext, type ReactNode, useContext, useEffect, useState } from "react";

import type { RegistryAddress } from "../../../registry/clients/registry-call.ts";
import type { DeskRoad, RoadView } from "./open-road.ts";

interface RoadContext {
	/** Rejects where the browser keeps nothing. */
	readonly road: Promise<DeskRoad>;
	/** `undefined` until it is open. */
	readonly view: RoadView | undefined;
}

const Context = createContext<RoadContext | undefined>(undefined);
/** The first screen is drawn first. Milliseconds. */
const AT_LATEST_MS = 1500;

interface WithRoadProps {
	readonly address: RegistryAddress;
	readonly children: ReactNode;
}

/** Opens the road to the registry for all that is inside, and delivers over it what waits from another day. */
export function WithRoad({ address, children }: WithRoadProps) {
	const [opening] = useState(() => deferred<DeskRoad>());
	const [view, setView] = useState<RoadView>();
	useEffect(() => {
		let isOver = false;
		let opened: DeskRoad | undefined;
		const open = async () => {
			const { openRoad } = await import("./open-road.ts");
			const road = await openRoad({ address });
			if (isOver) return road.close();
			opened = road;
			road.onChange(() => setView(road.view()));
			setView(road.view());
			opening.resolve(road);
		};
		opening.promise.catch(() => {}); // told by whoever needs it
		const idle = requestIdleCallback(() => void open().catch(opening.reject), { timeout: AT_LATEST_MS });
		return () => {
			isOver = true;
			cancelIdleCallback(idle);
			void opened?.close();
		};
	}, [address, opening]);
	return <Context value={{ road: opening.promise, view }}>{children}</Context>;
}

/** @throws {Error} outside of {@link WithRoad}: a mistake in the page. */
export function useRoad(): RoadContext {
	const found = useContext(Context);
	if (!found) throw new Error("no road here");
	return found;
}

function deferred<Value>() {
	let resolve: (value: Value) => void = () => {};
	let reject: (error: unknown) => void = () => {};
	const promise = new Promise<Value>((fulfil, refuse) => {
		resolve = fulfil;
		reject = refuse;
	});
	return { promise, resolve, reject };
}
