export const consolePage: { html: string; policy: string } = {
  html: "<!doctype html><title>Omnibus</title>",
  policy: "default-src 'none'",
};
