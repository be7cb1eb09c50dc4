/** Requests and answers of what a loan system does most, by operation id. A test holds them to their schemas. */
export const EXAMPLES: Readonly<Record<string, { readonly body?: unknown; readonly answer?: unknown }>> = {
	createContract: {
		body: {
			contractId: "C-2026-0042",
			terms: {
				lenderName: "Banco de Prueba",
				accountShown: "00-1001",
				currency: "MXN",
				instalments: [
					{ dueAtUnixSeconds: 1_796_083_200, amountMinor: 100_000 },
					{ dueAtUnixSeconds: 1_798_761_600, amountMinor: 100_000 },
				],
				contact: { supportPhone: "+525512345678", payUrl: "https://lender.example/pay" },
				languages: ["es", "en"],
			},
			consent: { language: "es", givenAtUnixSeconds: 1_795_334_400, method: "on_device" },
		},
	},
	recordPayment: { body: { reference: "PAY-7781", amountMinor: 100_000, receivedAtUnixSeconds: 1_796_000_000 } },
	issueOrder: { body: { action: "hold", kind: "promise_to_pay", untilUnixSeconds: 1_796_600_000, reason: "promise_to_pay" } },
	payOff: { body: { reference: "PAYOFF-42" } },
	addProgram: { body: { name: "loan system", roles: ["agent"] } },
	addWebhook: { body: { url: "https://loans.example/hooks/holdfast", name: "loan system", eventTypes: ["payment.recorded"] } },
	replayWebhook: { body: { sinceUnixSeconds: 1_796_000_000 }, answer: { queued: 12 } },
	paymentWebhook: {
		body: { type: "payment.received", data: { contractId: "C-2026-0042", reference: "PAY-7781", amountMinor: 100_000 } },
	},
};
