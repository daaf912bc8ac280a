"""What lives outside the services: machines, and faults that a test asks for. Files below $ACESO_CLOUD."""
import json
import os
import tempfile
import time


def _folder(name):
    return os.path.join(os.environ['ACESO_CLOUD'], name)


def read_machine(server):
    """{"host", "name", "power", "boots"} of a server's machine; boots 0 when there never was one."""
    try:
        with open(os.path.join(_folder('machines'), server)) as file:
            return json.load(file)
    except FileNotFoundError:
        return {'host': None, 'name': '', 'power': 'gone', 'boots': 0}


def write_machine(server, **changes):
    machine = {**read_machine(server), **changes}
    # renamed into place: tests read while we write
    handle, temporary = tempfile.mkstemp(dir=_folder('machines'), prefix='.')
    with os.fdopen(handle, 'w') as file:
        json.dump(machine, file)
    os.replace(temporary, os.path.join(_folder('machines'), server))


def machines_of(host):
    """Machines of a compute host by server id."""
    found = {}
    for server in os.listdir(_folder('machines')):
        if server.startswith('.'):
            continue
        machine = read_machine(server)
        if machine['host'] == host and machine['power'] != 'gone':
            found[server] = machine
    return found


def _fault_of(operation, owners):
    for owner in owners:
        path = os.path.join(_folder('faults'), owner, operation)
        try:
            with open(path) as file:
                return path, file.read().split()
        except OSError:
            continue
    return None, ['none']


def suffer(operation, *owners):
    """Takes as long as the fault of the first owner that has one says; true when the operation is to fail.

    A fault is a file: "fail", "delay SECONDS", or "delay SECONDS once", which goes away with its first victim. The file
    is looked at again and again, so that a delay ends when the test heals it.
    """
    begun = time.monotonic()
    while True:
        path, (kind, *rest) = _fault_of(operation, owners)
        if kind == 'fail':
            return True
        if kind != 'delay':
            return False
        if time.monotonic() - begun >= float(rest[0]):
            if 'once' in rest:
                os.unlink(path)
            return False
        time.sleep(0.1)
