import { createContext, type MouseEvent, useCallback, useContext, useEffect, useState } from "react";

import { addressOf, type Place, readPlace } from "./place.ts";

/** Where somebody is, and how they get elsewhere. */
export interface Travel {
	readonly place: Place;
	/** `replace`: the place before is not gone back to, such as while somebody types a filter. */
	go(place: Place, how?: "push" | "replace"): void;
}

export const TravelContext = createContext<Travel | undefined>(undefined);

export function useTravel(): Travel {
	const travel = useContext(TravelContext);
	if (!travel) throw new Error("outside the console");
	return travel;
}

/** Follows the browser's history. */
export function useHistory(): Travel {
	const [place, setPlace] = useState(() => readPlace(location.search));
	useEffect(() => {
		const follow = () => setPlace(readPlace(location.search));
		addEventListener("popstate", follow);
		return () => removeEventListener("popstate", follow);
	}, []);
	const go = useCallback((next: Place, how: "push" | "replace" = "push") => {
		if (how === "push") history.pushState(null, "", addressOf(next));
		else history.replaceState(null, "", addressOf(next));
		setPlace(next);
	}, []);
	return { place, go };
}

/** What an `<a>` needs to lead to a place: a real address, for a new tab, and the page's own way for a plain click. */
export function useLink(): (place: Place) => { href: string; onClick: (event: MouseEvent) => void } {
	const { go } = useTravel();
	return (place) => ({
		href: addressOf(place),
		onClick(event) {
			if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
			event.preventDefault();
			go(place);
			scrollTo(0, 0);
		},
	});
}
