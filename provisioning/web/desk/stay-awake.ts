import { useEffect } from "react";

/** While `isBusy`: the screen stays on, and leaving the page asks first. */
export function useStayAwake(isBusy: boolean): void {
	useEffect(() => {
		if (!isBusy) return;
		let lock: WakeLockSentinel | undefined;
		let isOver = false;
		const ask = () => {
			if (document.visibilityState !== "visible") return;
			// A browser drops it with the tab, and may say no on a low battery: then the screen sleeps, and nothing is lost.
			navigator.wakeLock?.request("screen").then(
				(granted) => {
					if (isOver) void granted.release();
					else lock = granted;
				},
				() => {},
			);
		};
		const warn = (event: BeforeUnloadEvent) => event.preventDefault();
		ask();
		document.addEventListener("visibilitychange", ask);
		globalThis.addEventListener("beforeunload", warn);
		return () => {
			isOver = true;
			void lock?.release();
			document.removeEventListener("visibilitychange", ask);
			globalThis.removeEventListener("beforeunload", warn);
		};
	}, [isBusy]);
}
