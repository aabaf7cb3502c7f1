-- Sealed periods: node/store/stream/seal.c.

-- name: seal_get
SELECT document FROM seal WHERE period = ?1;

-- name: seal_put
INSERT INTO seal (period, document) VALUES (?1, ?2);
