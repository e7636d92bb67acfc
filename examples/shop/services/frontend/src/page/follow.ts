/** Follows an order until the worker has handled it. */

import type { Order } from "./text.ts";

type Look = () => Promise<Order>;
type Pause = (milliseconds: number) => Promise<void>;

const PAUSES = [50, 100, 200, 400, 800, 1600, 3200];

const pauseFor: Pause = (milliseconds) =>
  new Promise((resolve) => setTimeout(resolve, milliseconds));

/** The order as last seen: still queued only when the worker took longer than all pauses. */
export async function follow(look: Look, pause: Pause = pauseFor): Promise<Order> {
  let order = await look();
  for (const milliseconds of PAUSES) {
    if (order.status !== "queued") break;
    await pause(milliseconds);
    order = await look();
  }
  return order;
}
