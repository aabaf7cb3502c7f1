-- The frame around jobs and reads. A job that is not the first of its transaction runs in a savepoint.

-- name: transaction_begin
BEGIN IMMEDIATE;

-- name: transaction_commit
COMMIT;

-- name: transaction_rollback
ROLLBACK;

-- name: savepoint_begin
SAVEPOINT job;

-- name: savepoint_release
RELEASE job;

-- name: savepoint_rollback
ROLLBACK TO job;

-- name: read_begin
BEGIN DEFERRED;
