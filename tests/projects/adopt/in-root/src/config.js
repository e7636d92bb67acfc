module.exports = { url: process.env.MONGODB_URL, secret: process.env.JWT_SECRET };
