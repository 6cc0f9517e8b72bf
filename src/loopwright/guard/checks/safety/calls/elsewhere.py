"""What is kept or runs elsewhere, and is removed, opened or taken over there through a library.

After published incidents: production databases that agents emptied, buckets and machines removed by a script with the
wrong account, policies that give a stolen key all rights (MITRE ATT&CK T1485, T1098, T1562.008, T1578).
"""

from __future__ import annotations

import re

from loopwright.core.expression import expression
from loopwright.guard.checks.safety import places
from loopwright.guard.checks.safety.flow import tree as t
from loopwright.guard.checks.safety.flow.called import Called
from loopwright.guard.checks.safety.flow.flow import SERVER, Flow
from loopwright.guard.checks.safety.flow.language import Handler
from loopwright.guard.checks.safety.flow.values import Value
from loopwright.guard.checks.safety.names import each

#: Where a server is that a client of it was told of.
ADDRESS = SERVER
_ADDRESSED = "host hostname server url uri dsn connectionString hosts endpoint_url socketPath node"
#: Names of databases and servers that tests make for themselves.
_OF_TESTS = expression(
    r"(?i)(?:^|[\W_])(?:test\w*|tmp|temp|dev|ci|local|localhost|sandbox|scratch|dummy|example_db|foo|bar)(?:[\W_]|$)"
)
_HOST = expression(r"(?:^|[\s;,])(?:host|server|hostname|data source)=([\w.-]+)", re.IGNORECASE)
_IN_URL = expression(r"^[\w+.-]+://(?:[^/@\s]*@)?([\w.-]+)")
_ALL_RIGHTS = expression(
    r"AdministratorAccess|IAMFullAccess|PowerUserAccess|roles/(?:owner|editor)|cluster-admin|\bOwner\b"
)
_ANYTHING = expression(r"[\"']Action[\"']\s*:\s*\[?\s*[\"']\*")
_EVERYBODY = expression(r"public-read-write|^0\.0\.0\.0/0$|^::/0$|allUsers|allAuthenticatedUsers")


#: Clients that reach this machine where they are not told of another one; others ask the environment.
_LOCAL_UNLESS_TOLD = ("redis", "pymongo", "mongodb", "ioredis", "motor", "elasticsearch", "sequelize", "knex")


def client(flow: Flow, called: Called) -> Value:
    """`connect(host=…)`, `MongoClient(url)`: a client of a server, which is told where that is."""
    names = _ADDRESSED.split()
    options = [a for value in called.args for a in (value, *((value.attrs or {}).get(n, Value()) for n in names))]
    texts = [a.text for a in (*options, *(called.named.get(n, Value()) for n in names)) if a.text]
    made = Value(None, f"{called.ref}()")
    found = [m[1] for text in texts if (m := _IN_URL.search(text) or _HOST.search(text))]
    plain = [x for x in texts if re.fullmatch(r"[\w-]+(?:\.[\w-]+)+", x)]
    told = bool(called.args or called.named) or called.ref.startswith(_LOCAL_UNLESS_TOLD)
    unknown = not told or any(a.const is None and (a.labels or a.ref) for a in called.args[:1])
    address = (found or plain or ["?" if unknown else ""])[0]
    made.attrs = {ADDRESS: Value(address), "%database": Value(" ".join(texts))}
    return made


def joined(flow: Flow, called: Called) -> Value | None:
    """`mongoose.connect(url)`: the module itself is the client from then on."""
    made = client(flow, called)
    if of_server(made):
        flow.facts["mongoose"] = called.line
    return made


def of_server(value: Value) -> bool | None:
    """True for a client of a server that is neither this machine nor a test's own; None where that is not known."""
    known = value.attrs or {}
    if ADDRESS not in known:
        return None
    address, said = known[ADDRESS].text, known["%database"].text
    return not (not address or places.is_local(address) or _OF_TESTS.search(said))


def is_of_test(name: str) -> bool:
    """True for a name that tests give to what they make for themselves."""
    return bool(_OF_TESTS.search(name))


def _report(flow: Flow, called: Called, why: str, check: str = "syntax") -> None:
    instead = "a person does that" if check == "privilege" else "remove single entries, or what the program made itself"
    flow.report(
        "privilege" if check == "privilege" else "syntax", "block", called.line, f"`{called.name}` {why}; {instead}"
    )


def removes(why: str, known: bool = False) -> Handler:
    """Return a handler for calls that remove all of something; with `known`, of servers that are named alone."""

    def handle(flow: Flow, called: Called) -> Value | None:
        joined_to = True if called.ref.startswith("mongoose.") and "mongoose" in flow.facts else None
        server = joined_to or next((x for x in map(of_server, (called.receiver, *called.args)) if x is not None), None)
        texts = " ".join(x.text for a in (*called.args, *called.named.values()) for x in (a, *(a.attrs or {}).values()))
        if (server or (server is None and not known)) and not _OF_TESTS.search(texts):
            _report(flow, called, why)
        return None

    return handle


def widens(pattern: re.Pattern[str], why: str) -> Handler:
    """Return a handler for calls that give rights, where what they are given says to whom or how many."""

    def handle(flow: Flow, called: Called) -> Value | None:
        pending = [*called.args, *called.named.values()]
        texts: list[str] = []
        while pending and len(texts) < 50:
            value = pending.pop()
            texts.append(value.text)
            pending += [*(value.items or []), *(value.attrs or {}).values()]
        if any(pattern.search(text) for text in texts):
            _report(flow, called, why, "privilege")
        return None

    return handle


def takes(why: str) -> Handler:
    """Return a handler for calls that take over what others own or turn off what watches it."""

    def handle(flow: Flow, called: Called) -> Value | None:
        _report(flow, called, why, "privilege")
        return None

    return handle


def all_rows(flow: Flow, called: Called) -> Value | None:
    """`User.objects.all().delete()`: every row of a table."""
    pending: t.Node | None = called.node.func
    path: list[str] = []
    while pending is not None:
        if isinstance(pending, t.Attr):
            path.append(pending.name)
            pending = pending.of
        else:
            pending = pending.func if isinstance(pending, t.Call) and not pending.args else None
    if path[:3] in (["delete", "all", "objects"], ["delete", "all", "object_versions"]) and flow.starts_always:
        _report(flow, called, "removes all that there is")
    return None


def removes_forced(flow: Flow, called: Called) -> Value | None:
    """`sequelize.sync({force: true})`: every table is removed and made anew."""
    if (called.arg(0).attrs or {}).get("force", Value()).const is True and of_server(called.receiver):
        _report(flow, called, "removes every table and makes it anew")
    return None


_MACHINES = "removes machines, networks or all that belongs to them"
_DATA = "removes data that is kept elsewhere"
_ALL_DATA = "removes all that a server holds"
_RIGHTS = "gives rights over an account to whoever has the key"
_OPEN = "opens what is kept elsewhere to everybody"
_WATCH = "turns off what watches an account"
_FORGE = "removes a repository with its history"

#: By the names that only such clients have, whatever the client was made by.
NAMED: dict[str, Handler] = {
    **each(
        removes(_MACHINES),
        "terminate_instances terminateInstances TerminateInstancesCommand delete_stack deleteStack DeleteStackCommand ",
        "delete_namespace deleteNamespace delete_namespaced_persistent_volume_claim delete_collection_namespaced_pod ",
        "deleteCollectionNamespacedPod delete_collection_namespaced_deployment delete_node delete_vpc deleteVpc ",
        "DeleteVpcCommand delete_nodegroup delete_hosted_zone deleteHostedZone DeleteHostedZoneCommand ",
        "delete_cache_cluster delete_replication_group delete_auto_scaling_group delete_resource_group begin_delete",
    ),
    **each(
        removes(_DATA),
        "delete_db_instance deleteDBInstance DeleteDBInstanceCommand delete_db_cluster deleteDBCluster ",
        "DeleteDBClusterCommand delete_db_snapshot DeleteDBSnapshotCommand DeleteBucketCommand DeleteTableCommand ",
        "DeleteFileSystemCommand delete_file_system delete_backup_vault delete_recovery_point schedule_key_deletion ",
        "scheduleKeyDeletion ScheduleKeyDeletionCommand",
    ),
    **each(
        removes(_ALL_DATA, known=True),
        "drop_database dropDatabase flushall flushAll flushdb flushDb drop_all truncateAll ",
        "drop_collection dropCollection drop_table dropTable",
    ),
    **each(
        widens(_ALL_RIGHTS, _RIGHTS),
        "attach_user_policy attachUserPolicy attach_role_policy attachRolePolicy attach_group_policy "
        "AttachUserPolicyCommand ",
        "AttachRolePolicyCommand create_cluster_role_binding createClusterRoleBinding set_iam_policy setIamPolicy",
    ),
    **each(
        widens(_ANYTHING, _RIGHTS),
        "put_user_policy putUserPolicy put_role_policy putRolePolicy put_group_policy create_policy createPolicy ",
        "PutUserPolicyCommand PutRolePolicyCommand CreatePolicyCommand create_policy_version",
    ),
    **each(
        widens(_EVERYBODY, _OPEN),
        "put_bucket_acl putBucketAcl PutBucketAclCommand put_object_acl putObjectAcl authorize_security_group_ingress ",
        "authorizeSecurityGroupIngress AuthorizeSecurityGroupIngressCommand modify_image_attribute "
        "modify_snapshot_attribute",
    ),
    **each(takes(_RIGHTS), "create_access_key createAccessKey CreateAccessKeyCommand update_assume_role_policy"),
    **each(
        takes(_WATCH),
        "stop_logging stopLogging StopLoggingCommand delete_trail deleteTrail DeleteTrailCommand delete_detector ",
        "DeleteDetectorCommand delete_flow_logs deleteFlowLogs disable_security_hub delete_configuration_recorder",
    ),
    **each(
        takes("reads the secrets of a whole cluster"),
        "list_secret_for_all_namespaces listSecretForAllNamespaces",
    ),
}  # fmt: skip

EFFECTS: dict[str, Handler] = {
    **each(
        client,
        "psycopg2.connect psycopg.connect psycopg.AsyncConnection.connect mysql.connector.connect pymysql.connect ",
        "MySQLdb.connect asyncpg.connect asyncpg.create_pool sqlalchemy.create_engine pyodbc.connect oracledb.connect ",
        "cx_Oracle.connect pymongo.MongoClient motor.motor_asyncio.AsyncIOMotorClient elasticsearch.Elasticsearch ",
        "snowflake.connector.connect clickhouse_driver.Client cassandra.cluster.Cluster pg.Client pg.Pool ",
        "mysql2.createConnection mysql2.createPool mysql.createConnection mysql.createPool "
        "mysql2/promise.createConnection ",
        "mongodb.MongoClient mongodb.MongoClient.connect ioredis ioredis.Redis sequelize.Sequelize "
        "redis.Redis redis.StrictRedis redis.from_url ",
        "sequelize knex mssql.connect",
    ),
    "elasticsearch.Elasticsearch().indices.delete": removes(_ALL_DATA, known=True),
    **each(joined, "mongoose.connect mongoose.createConnection"),
    "github.Github().get_repo().delete": removes(_FORGE),
    "boto3.client().delete_bucket": removes(_DATA),
    "boto3.client().delete_table": removes(_DATA),
    "boto3.client().delete_user": removes(_DATA),
    "boto3.client().delete_secret": removes(_DATA),
    **each(removes_forced, "sequelize.Sequelize().sync sequelize().sync"),
    "sequelize.Sequelize().drop": removes(_ALL_DATA, known=True),
    "sequelize().drop": removes(_ALL_DATA, known=True),
    "google.cloud.storage.Client().bucket().delete": removes(_DATA),
    "google.cloud.storage.Client().get_bucket().delete": removes(_DATA),
    "google.cloud.bigquery.Client().delete_dataset": removes(_DATA),
    "google.cloud.storage.Client().list_buckets()[].delete": removes(_DATA),
    "boto3.resource().buckets.all()[].delete": removes(_DATA),
    "boto3.resource().buckets.all()[].objects.all().delete": removes(_DATA),
    "boto3.resource().Bucket().objects.all().delete": removes(_DATA),
    "boto3.resource().Bucket().delete": removes(_DATA),
}  # fmt: skip
METHODS: dict[str, Handler] = {**NAMED, "delete": all_rows}
