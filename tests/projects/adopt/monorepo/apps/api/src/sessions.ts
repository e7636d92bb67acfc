import Redis from "ioredis";

export const store = new Redis({ host: process.env.REDIS_HOST });
