import { useTranslation } from "react-i18next";

import type { Order } from "../../registry/api.ts";

/** What became of an order that was just issued. */
export function OrderSent({ order }: { readonly order: Order }) {
	const { t } = useTranslation();
	return (
		<>
			<p>
				<strong>{t("order.sent")}</strong>
			</p>
			<p>{t("order.then")}</p>
			<p className="muted">{t("order.number", { number: `${order.epoch}/${order.sequence}` })}</p>
		</>
	);
}
