"""A hypervisor whose machines are files: they outlive nova-compute, and count how often they booted."""
from nova import exception
from nova.compute import power_state
from nova.virt import fake

from aceso_cloud import state

RUNNING, PAUSED, OFF = 'running', 'paused', 'off'
STATES = {RUNNING: power_state.RUNNING, PAUSED: power_state.PAUSED, OFF: power_state.SHUTDOWN}


class Hypervisor(fake.FakeDriver):
    """Beside the files it is nova's own fake driver, which keeps the books of cpu, memory and ports."""

    def init_host(self, host):
        super().init_host(host)
        for server, machine in state.machines_of(host).items():
            self.instances[server] = fake.FakeInstance(machine['name'], STATES[machine['power']], server)

    def _show(self, instance, power, boots=0):
        count = state.read_machine(instance.uuid)['boots'] + boots
        state.write_machine(instance.uuid, host=self._host, name=instance.name, power=power, boots=count)
        known = self.instances.setdefault(
            instance.uuid, fake.FakeInstance(instance.name, STATES[power], instance.uuid))
        known.state = STATES[power]

    def _boot(self, instance):
        self._show(instance, RUNNING, boots=1)

    def _suffer(self, operation, instance):
        if state.suffer(operation, instance.uuid, instance.project_id):
            raise exception.NovaException('the hypervisor was told to fail at %s' % operation)

    def spawn(self, context, instance, image_meta, injected_files, admin_password, allocations, network_info=None,
              block_device_info=None, power_on=True, accel_info=None):
        self._suffer('spawn', instance)
        super().spawn(context, instance, image_meta, injected_files, admin_password, allocations, network_info,
                      block_device_info, power_on, accel_info)
        if power_on:
            self._boot(instance)
        else:
            self._show(instance, OFF)

    def destroy(self, context, instance, *args, **kwargs):
        # after an evacuation the machine is another host's, although this host still has it in its books
        if state.read_machine(instance.uuid)['host'] == self._host:
            state.write_machine(instance.uuid, power='gone')
        super().destroy(context, instance, *args, **kwargs)

    def power_off(self, instance, timeout=0, retry_interval=0):
        self._suffer('power_off', instance)
        # a server whose spawn failed has no machine
        if instance.uuid in self.instances:
            self._show(instance, OFF)

    def power_on(self, context, instance, network_info, block_device_info=None, accel_info=None):
        self._suffer('power_on', instance)
        self._boot(instance)

    def reboot(self, context, instance, network_info, reboot_type, block_device_info=None, bad_volumes_callback=None,
               accel_info=None):
        self._suffer('reboot', instance)
        self._boot(instance)

    def rescue(self, context, instance, network_info, image_meta, rescue_password, block_device_info):
        self._boot(instance)

    def unrescue(self, context, instance):
        self._boot(instance)

    def pause(self, instance):
        self._show(instance, PAUSED)

    def unpause(self, instance):
        self._show(instance, RUNNING)

    def suspend(self, context, instance):
        self._show(instance, OFF)

    def resume(self, context, instance, network_info, block_device_info=None):
        self._show(instance, RUNNING)

    def detach_interface(self, context, instance, vif):
        # ports that were plugged before nova-compute started again are not in the books
        self._interfaces.pop(vif['id'], None)
