"""Runs one console entry point of Debian's OpenStack packages: launch.py NAME MODULE:FUNCTION [ARGUMENT...]"""
import importlib
import sys


def main():
    name, entry = sys.argv[1:3]
    sys.argv = [name, *sys.argv[3:]]
    module, function = entry.split(':')
    # the entry module comes first: it patches the standard library before anything else is imported
    loaded = importlib.import_module(module)
    if name.startswith('nova-compute'):
        # nova looks for hypervisors in its own package only
        sys.modules['nova.virt.aceso'] = importlib.import_module('aceso_cloud.hypervisor')
    return getattr(loaded, function)()


sys.exit(main())
