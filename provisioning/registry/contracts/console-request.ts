/** What the lender's console asks of the registry: every schema of it. Runs anywhere. */

export * from "../fleet/fleet-request.ts";
export * from "../orders/order-check-request.ts";
export * from "../payments/payment-feed-request.ts";
export * from "../support/support-request.ts";
export * from "./contract-search-request.ts";
export * from "./contract-story-request.ts";
