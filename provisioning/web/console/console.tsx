import { useEffect, useMemo, useRef } from "react";
import { useTranslation } from "react-i18next";

import type { SessionView } from "../../registry/access/access-request.ts";
import { ApprovalsPage } from "./approvals-page.tsx";
import { AuditPage } from "./audit-page.tsx";
import { ContractList } from "./contract-list.tsx";
import { ContractPage } from "./contract-page.tsx";
import { FleetPage } from "./fleet-page.tsx";
import { PaymentsPage } from "./payments-page.tsx";
import { PeoplePage } from "./people-page.tsx";
import type { Place, View } from "./place.ts";
import { connectServer, ServerContext, useServer } from "./server.ts";
import { TravelContext, useHistory, useLink, useTravel } from "./use-place.ts";

/** The lender's console for whoever is signed in. */
export function Console({ session }: { readonly session: SessionView }) {
	const server = useMemo(() => connectServer(session), [session]);
	const travel = useHistory();
	return (
		<ServerContext value={server}>
			<TravelContext value={travel}>
				<Views />
				<Here place={travel.place} />
			</TravelContext>
		</ServerContext>
	);
}

/** The views that the person's roles open; others are not shown. */
function Views() {
	const { t } = useTranslation();
	const { may } = useServer();
	const { place } = useTravel();
	const link = useLink();
	const isHere = (view: View) => place.view === view || (view === "contracts" && place.view === "contract");
	return (
		<nav aria-label={t("views.label")} className="views no-print">
			{may.views.map((view) => (
				<a
					key={view}
					{...link(view === "contracts" ? { view, search: {} } : { view })}
					aria-current={isHere(view) ? "page" : undefined}
				>
					{t(`views.${view}`)}
				</a>
			))}
		</nav>
	);
}

function Here({ place }: { readonly place: Place }) {
	const { may } = useServer();
	const { t } = useTranslation();
	const top = useRef<HTMLDivElement>(null);
	const isFirst = useRef(true);
	const key = place.view === "contract" ? `contract/${place.contractId}` : place.view;
	// Whoever reads by ear or keyboard hears that another view came.
	// biome-ignore lint/correctness/useExhaustiveDependencies: the view is what changes
	useEffect(() => {
		if (!isFirst.current) top.current?.focus();
		isFirst.current = false;
	}, [key]);
	const isOpen = place.view === "contract" || may.views.includes(place.view);
	return (
		<div ref={top} tabIndex={-1} className="here">
			{isOpen ? <ViewOf place={place} /> : <p className="card wait">{t("not-for-you")}</p>}
		</div>
	);
}

function ViewOf({ place }: { readonly place: Place }) {
	switch (place.view) {
		case "contracts":
			return <ContractList search={place.search} />;
		case "contract":
			return <ContractPage key={place.contractId} contractId={place.contractId} act={place.act} />;
		case "payments":
			return <PaymentsPage />;
		case "fleet":
			return <FleetPage />;
		case "approvals":
			return <ApprovalsPage />;
		case "audit":
			return <AuditPage />;
		case "people":
			return <PeoplePage />;
	}
}
