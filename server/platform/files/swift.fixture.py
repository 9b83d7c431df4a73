"""
OpenStack Swift with its S3 interface, small and in one directory: for the tests of the S3 store.
python3 swift.fixture.py DIRECTORY PROXY_PORT ACCOUNT_PORT CONTAINER_PORT OBJECT_PORT
Runs until the standard input ends, so that it never outlives the test that started it.
"""

import os
import pwd
import signal
import sys

from swift.common import utils

directory, *ports = sys.argv[1:]
servers = dict(zip(["proxy", "account", "container", "object"], map(int, ports)))
user = pwd.getpwuid(os.geteuid()).pw_name


def write(name, text):
    with open(os.path.join(directory, name), "w") as file:
        file.write(text)
    return os.path.join(directory, name)


def section(name, values):
    return "\n".join([f"[{name}]", *(f"{key} = {value}" for key, value in values.items())]) + "\n"


def common(port):
    return {
        "bind_ip": "127.0.0.1",
        "bind_port": port,
        "workers": 0,
        "user": user,
        "swift_dir": directory,
        "devices": os.path.join(directory, "devices"),
        "mount_check": "false",
        "fallocate_reserve": 0,
        "disable_fallocate": "true",
        "log_address": "/dev/null",
    }


write("swift.conf", section("swift-hash", {"swift_hash_path_suffix": "test", "swift_hash_path_prefix": "test"}))
utils.set_swift_dir(directory)

# Read only now: they look at swift.conf when they are imported.
from swift.common.ring import RingBuilder  # noqa: E402
from swift.common.wsgi import run_wsgi  # noqa: E402

os.makedirs(os.path.join(directory, "devices", "d1"))
for kind in ["account", "container", "object"]:
    builder = RingBuilder(4, 1, 1)
    place = {"ip": "127.0.0.1", "port": servers[kind], "device": "d1", "weight": 1}
    replication = {"replication_ip": "127.0.0.1", "replication_port": servers[kind], "meta": ""}
    builder.add_dev({"id": 0, "region": 1, "zone": 1, **place, **replication})
    builder.rebalance()
    builder.get_ring().save(os.path.join(directory, f"{kind}.ring.gz"))
    pipeline = section("pipeline:main", {"pipeline": f"{kind}-server"})
    app = section(f"app:{kind}-server", {"use": f"egg:swift#{kind}"})
    write(f"{kind}-server.conf", section("DEFAULT", common(servers[kind])) + pipeline + app)

filters = ["catch_errors", "gatekeeper", "cache", "listing_formats", "bulk", "s3api", "tempauth", "copy", "slo", "dlo"]
eggs = {"cache": "memcache"}
options = {
    # Two seconds would pass before a bucket that was just made is seen everywhere; nothing is kept between requests.
    "cache": {"memcache_servers": "127.0.0.1:1"},
    "s3api": {"location": "us-east-1", "s3_acl": "false", "check_bucket_owner": "false"},
    "tempauth": {"user_test_tester": "testing .admin"},
    "slo": {"rate_limit_after_segment": 1000},
}
chain = section("pipeline:main", {"pipeline": " ".join([*filters, "proxy-server"])})
for name in filters:
    chain += section(f"filter:{name}", {"use": f"egg:swift#{eggs.get(name, name)}", **options.get(name, {})})
chain += section("app:proxy-server", {"use": "egg:swift#proxy", "account_autocreate": "true"})
write("proxy-server.conf", section("DEFAULT", common(servers["proxy"])) + chain)

children = []
for kind in servers:
    child = os.fork()
    if child == 0:
        os.close(0)
        sys.exit(run_wsgi(os.path.join(directory, f"{kind}-server.conf"), f"{kind}-server"))
    children.append(child)

while sys.stdin.buffer.read(4096):
    pass
for child in children:
    os.kill(child, signal.SIGKILL)
